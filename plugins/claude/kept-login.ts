import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { formatLike, parseObject, valueAt, type JsonObject, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { credentialFile, underWriteLock, type ClaudeHome } from './home.ts';

/*
 * When the user signs in, claude writes its file twice: without the login from before, and some milliseconds later with
 * the new one. If it ends in between, or got an answer without a login, its file has no login, although the one from
 * before is still good. So the journal keeps a copy until claude has ended. After a crash the copy counts as the login,
 * and the next attempt puts it back.
 */

/** claude waits no longer for the answers of a sign-in. A file that has changed later was changed by the user. */
const LOSS_MS = 120_000;

const MEMBER = 'claudeAiOauth';

const keyOf = (file: string): string => `before a sign-in: ${file}`;

type StoreContext = Pick<InspectContext, 'files' | 'now'>;

/** Keeps a copy of the login. The cleanup puts it back if claude has lost it. */
export async function keepLogin(home: ClaudeHome, { files, now }: StoreContext, wait: Wait): Promise<Cleanup> {
  const file = credentialFile(home);
  const text = await files.read(file);
  if (text !== undefined && valueAt(parseObject(text) ?? {}, MEMBER) !== undefined)
    await files.journal.write(keyOf(file), JSON.stringify({ at: now(), text }));
  return () => restoreLogin(home, { files }, wait);
}

/** Puts a login back that claude has lost, and removes the copy. */
export async function restoreLogin(
  home: ClaudeHome,
  { files }: Pick<StoreContext, 'files'>,
  wait: Wait,
): Promise<void> {
  const file = credentialFile(home);
  const copy = await readCopy(file, { files });
  if (!copy) return;
  await underWriteLock(home, () => putBack(file, copy, { files }), { files, wait });
  await files.journal.remove(keyOf(file));
}

async function putBack(file: string, copy: Copy, { files }: Pick<StoreContext, 'files'>): Promise<void> {
  const complete = await withLostLogin(file, parseObject((await files.read(file)) ?? ''), { files });
  if (complete) await (await files.prepare(file)).commit(formatLike(copy.text, complete));
}

/** The content of the file with the login that claude has lost. Undefined if it has lost none. */
export async function withLostLogin(
  file: string,
  json: JsonObject | undefined,
  { files }: Pick<StoreContext, 'files'>,
): Promise<JsonObject | undefined> {
  if (!json || json[MEMBER] !== undefined) return undefined;
  const [copy, facts] = [await readCopy(file, { files }), await files.stat(file)];
  if (!copy || !facts || facts.modifiedAt > copy.at + LOSS_MS) return undefined;
  return { [MEMBER]: parseObject(copy.text)?.[MEMBER], ...json };
}

type Copy = { readonly at: number; readonly text: string };

async function readCopy(file: string, { files }: Pick<StoreContext, 'files'>): Promise<Copy | undefined> {
  const { at, text } = parseObject((await files.journal.read(keyOf(file))) ?? '') ?? {};
  return typeof at === 'number' && typeof text === 'string' ? { at, text } : undefined;
}
