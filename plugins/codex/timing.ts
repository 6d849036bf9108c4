import { commandWords } from '../../sdk/base/command-words.ts';
import type { RunningProcess } from '../../sdk/plugin/process.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import type { Wait } from '../../sdk/recipes/store/json-store.ts';
import { readLogin, type Login } from './login.ts';

type Times = Pick<Login, 'expiresAt' | 'issuedAt' | 'refreshedAt'>;

const DAY_MS = 86_400_000;
/** Codex renews 5 minutes before the expiry, or 8 days after the last renewal. We leave it twice those 5 minutes. */
const VENDOR_MS = 600_000;

/** At half of the token's life: long before codex would renew it, so that the two never do so at the same time. */
export function dueAt(
  { expiresAt, issuedAt, refreshedAt }: Times,
  { refreshBefore, last }: Pick<ProviderContext, 'refreshBefore' | 'last'>,
): number {
  if (!expiresAt) return refreshedAt.getTime() + 3 * DAY_MS;
  const end = expiresAt.getTime();
  const begin = (issuedAt ?? refreshedAt).getTime();
  const half = begin + (end - begin) / 2;
  // A token seen at the last attempt is not renewed in the first half of its life, however short that is.
  return Math.min(half, last?.expiresAt?.getTime() === end ? end : end - refreshBefore);
}

export const isDue = (login: Login, context: ProviderContext): boolean =>
  context.force || context.now() >= dueAt(login, context);

/** Whether codex itself would renew it about now. */
export const isVendorsTurn = ({ expiresAt, refreshedAt }: Times, now: number): boolean =>
  now >= (expiresAt?.getTime() ?? refreshedAt.getTime() + 8 * DAY_MS) - VENDOR_MS;

/** The outcome if codex is about to renew the login, or has just done so. */
export async function standAside(
  login: Login,
  context: ProviderContext,
  wait: Wait,
): Promise<RefreshOutcome | undefined> {
  if (!isVendorsTurn(login, context.now())) return undefined;
  if (await isCodexRunning(context)) return { status: 'deferred', reason: CODEX_RUNS };
  await wait(1_000);
  const now = await readLogin(login.home, context, wait);
  if ('hint' in now) return { status: 'unavailable', hint: now.hint };
  return now.fingerprint === login.fingerprint ? undefined : { status: 'fresh', expiresAt: now.expiresAt };
}

export const CODEX_RUNS = 'A running codex may be about to renew it itself.';

/** Whether a codex may be running. If the processes cannot be listed, it may be. */
export async function isCodexRunning({ processes }: Pick<ProviderContext, 'processes'>): Promise<boolean> {
  try {
    return (await processes()).some(isCodex);
  } catch {
    return true;
  }
}

/** The program, one of its builds (`codex-x86_64-…`), its script, or the desktop app (`Codex Helper`). */
const CODEX = /^codex($|[ -]|\.exe$|\.m?js$)/i;

/** Compares the names of the program and of the script that an interpreter runs. */
function isCodex({ name, command = '' }: RunningProcess): boolean {
  return [name, ...commandWords(command).slice(0, 2)].some(word => CODEX.test(word.split(/[\\/]/).at(-1) ?? ''));
}
