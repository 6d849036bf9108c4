import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import type { RunningProcess } from '../../sdk/plugin/process.ts';
import type { Login } from './login.ts';

type Life = Pick<Login, 'expiresAt' | 'issuedAt' | 'refreshedAt'>;

const DAY_MS = 86_400_000;
/** Codex renews by itself 5 minutes before the end, or 8 days after the last time; twice those 5 minutes are left to it. */
const VENDOR_MS = 600_000;

/** When it is to be renewed: at half of its life, long before codex would, so that the two never do it at one time. */
export function dueAt(
  { expiresAt, issuedAt, refreshedAt }: Life,
  { refreshBefore, last }: Pick<ProviderContext, 'refreshBefore' | 'last'>,
): number {
  if (!expiresAt) return refreshedAt.getTime() + 3 * DAY_MS;
  const end = expiresAt.getTime();
  const begin = (issuedAt ?? refreshedAt).getTime();
  const half = begin + (end - begin) / 2;
  // What was there at the attempt before is not renewed in the first half of its life, however short that is.
  return Math.min(half, last?.expiresAt?.getTime() === end ? end : end - refreshBefore);
}

/** Whether codex itself would renew it about now. */
export const isVendorsTurn = ({ expiresAt, refreshedAt }: Life, now: number): boolean =>
  now >= (expiresAt?.getTime() ?? refreshedAt.getTime() + 8 * DAY_MS) - VENDOR_MS;

/** Whether a codex may be running. Where that cannot be told, it is. */
export async function isCodexRunning({ processes }: Pick<ProviderContext, 'processes'>): Promise<boolean> {
  try {
    return (await processes()).some(isCodex);
  } catch {
    return true;
  }
}

/** The program itself, one of its builds (`codex-x86_64-…`), its script, or the desktop app (`Codex Helper`). */
const CODEX = /^codex($|[ -]|\.exe$|\.m?js$)/i;

/** By the name of the program, or of the script that an interpreter runs. */
function isCodex({ name, command = '' }: RunningProcess): boolean {
  return [name, ...command.split(' ').slice(0, 2)].some(word => CODEX.test(word.split(/[\\/]/).at(-1) ?? ''));
}
