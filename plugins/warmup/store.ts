import { inTurn } from '../../sdk/base/in-turn.ts';
import { isRecord } from '../../sdk/base/json.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import { locateHome } from '../../sdk/system/home.ts';
import { EMPTY, stateSchema, VERSION, type State } from './state.ts';

/** Where the state is kept. */
export type Place = { readonly files: Files; readonly now: Instant };

/** Changes come one after another, because all warm-ups share the file. */
const changing = inTurn();

export const warmUpFile = (): string => locateHome().warmUps;

/** Reads `warmup.json`. A damaged one is empty, and remembers that. Throws `KA_HOME_NEWER` for a newer version. */
export const readState = async ({ files, now }: Place): Promise<State> => (await read(files, now)).state;

/** Changes the file, which is on the disk when this resolves. What is damaged is kept beside it. */
export function changeState({ files, now }: Place, change: (state: State) => State): Promise<State> {
  return changing(async () => {
    const { state: before, damaged } = await read(files, now);
    const after = change(before);
    if (damaged !== undefined) await write(files, `${warmUpFile()}.damaged-${now}`, damaged);
    if (damaged !== undefined || after !== before) await write(files, warmUpFile(), JSON.stringify(after));
    return after;
  });
}

/** The text that was read or written last, and what it says. A long history takes a while to check. */
let known: { readonly text: string; readonly state: State } | undefined;

type Found = { readonly state: State; readonly damaged?: string };

async function read(files: Files, now: Instant): Promise<Found> {
  const path = warmUpFile();
  const text = await files.read(path);
  if (text === undefined) return { state: EMPTY };
  if (known?.text === text) return { state: known.state };
  const json = parsed(text);
  if (isRecord(json) && typeof json['version'] === 'number' && json['version'] > VERSION)
    throw new KeepaliveError('KA_HOME_NEWER', { path, version: json['version'] });
  const state = stateSchema.safeParse(json);
  if (!state.success) return { state: { ...EMPTY, lostAt: now }, damaged: text };
  known = { text, state: state.data };
  return { state: state.data };
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
