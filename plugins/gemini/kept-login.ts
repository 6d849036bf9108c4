import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { intercepted } from '../../sdk/recipes/http/intercepted.ts';
import type { TouchMethod } from '../../sdk/recipes/session/session.ts';
import { parseObject, textAt, type Wait } from '../../sdk/recipes/store/json-store.ts';

/*
 * Gemini 0.61.0 writes any answer with 200 over its file, also the web page of a proxy or captive portal. Its refresh
 * token is then gone, although Google still accepts it. So the journal keeps a copy until gemini has ended. After a
 * crash, the next attempt puts it back.
 */

const keyOf = (file: string): string => `before a renewal: ${file}`;

const READS = 6;
const BETWEEN_READS_MS = 50;

type FileContext = Pick<ProviderContext, 'files'>;

/** Whether a file is no login. If it is missing, or has no refresh token, gemini itself has ended the login. */
function isSpoilt(text: string | undefined): boolean {
  if (text === undefined) return false;
  const json = parseObject(text);
  return !json || (textAt(json, 'refresh_token') !== undefined && !textAt(json, 'access_token'));
}

/** Gemini does not replace its file in one step, so one that is being written looks spoilt for a moment. */
async function staysSpoilt(file: string, { files }: FileContext, wait: Wait): Promise<boolean> {
  const first = await files.read(file);
  if (!isSpoilt(first)) return false;
  for (let reads = 1; reads < READS; reads += 1) {
    await wait(BETWEEN_READS_MS);
    if ((await files.read(file)) !== first) return false;
  }
  return true;
}

/** Puts back a login that gemini has lost, and removes the copy. Returns whether it was lost. */
export async function restoreLogin(file: string, { files }: FileContext, wait: Wait): Promise<boolean> {
  const copy = await files.journal.read(keyOf(file));
  if (copy === undefined) return false;
  const isLost = await staysSpoilt(file, { files }, wait);
  if (isLost) await (await files.prepare(file)).commit(copy);
  await files.journal.remove(keyOf(file));
  return isLost;
}

/** A touch that does not lose the login. */
export const keepingLogin = (touch: TouchMethod, fileIn: (context: ProviderContext) => string): TouchMethod => ({
  ...touch,
  async run(login, context, run) {
    const file = fileIn(context);
    const before = await context.files.read(file);
    if (before !== undefined && !isSpoilt(before)) await context.files.journal.write(keyOf(file), before);
    const outcome = await touch.run(login, context, run).then(
      value => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (await restoreLogin(file, context, run.wait)) throw intercepted({ program: 'gemini', reason: NO_TOKENS });
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  },
});

const NO_TOKENS = 'the answer held no tokens, and gemini wrote it over its login, which was put back';
