import { stat } from 'node:fs/promises';
import { REFUSED_START } from '../../../sdk/wording/refused-start.ts';
import { readLog } from '../watch/log-file.ts';

/** Why the service did not start the last time. */
export type RefusedStart = { readonly at: number; readonly reason: string };

/** A start may write some lines before it is refused. */
const ENTRIES = 100;

/** The refused start at the end of the log; undefined if the last start succeeded. */
export async function lastRefusal(log: string): Promise<RefusedStart | undefined> {
  const { entries } = await readLog(log, ENTRIES);
  const last = entries.findLast(({ msg }) => msg === REFUSED_START || msg === 'started');
  if (last?.['msg'] !== REFUSED_START) return undefined;
  return { at: Date.parse(String(last['time'])), reason: String(last['reason']) };
}

/** Whether a start was refused since then. The log is read again only after it has changed. */
export function refusedSince(log: string, since: number): () => Promise<boolean> {
  let size: number | undefined;
  return async () => {
    const now = (await stat(log).catch(() => undefined))?.size;
    if (now === size) return false;
    size = now;
    const refusal = await lastRefusal(log);
    return refusal !== undefined && refusal.at >= since;
  };
}
