import { isRecord } from '../../sdk/base/json.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { EMPTY, stateSchema, VERSION, type State } from './state.ts';

/** Changes come one after another, because all warm-ups share the file. */
let last: Promise<unknown> = Promise.resolve();

export const warmUpFile = (): string => locateHome().warmUps;

/** Reads `warmup.json`. Throws `KA_STORE_UNREADABLE` if it is damaged, and `KA_HOME_NEWER` for a newer version. */
export async function readState(files: Files, path = warmUpFile()): Promise<State> {
  const text = await files.read(path);
  if (text === undefined || text.trim() === '') return EMPTY;
  const json = parsed(text);
  if (isRecord(json) && typeof json['version'] === 'number' && json['version'] > VERSION)
    throw new KeepaliveError('KA_HOME_NEWER', { path, version: json['version'] });
  const state = stateSchema.safeParse(json);
  if (!state.success) throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason: 'it is damaged' });
  return state.data;
}

/** Changes the file, which is on the disk when this resolves. */
export function changeState(files: Files, change: (state: State) => State, path = warmUpFile()): Promise<State> {
  const changing = last.then(async () => {
    const before = await readState(files, path);
    const after = change(before);
    if (after !== before) await write(files, path, JSON.stringify(after));
    return after;
  });
  last = changing.catch(() => undefined);
  return changing;
}

async function write(files: Files, path: string, text: string): Promise<void> {
  const replacement = await files.prepare(path, { create: true });
  await replacement.commit(text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
