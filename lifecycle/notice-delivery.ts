import type { NoticeRoute } from '../sdk/contract/config.ts';
import type { Instant, Notice } from '../sdk/contract/session.ts';

/** How long notices are gathered unless the configuration says otherwise. */
export const DEFAULT_DIGEST = '10s';

/** An error or a warning waits this long for others, so that one that comes alone is hardly delayed. */
const URGENT_GAP_MS = 2_000;
/** Good news may wait for all sessions to recover. */
const PATIENCE = 6;

const RETRY = { firstMs: 60_000, maxMs: 30 * 60_000 } as const;

/** A notice that is not delivered yet, and since when it waits. */
export type Pending = { readonly notice: Notice; readonly since: Instant };

/** Whether a route leads this notice to its notifier. */
export const accepts = ({ sessions, levels, codes }: NoticeRoute, { session, level, code }: Notice): boolean =>
  (!sessions || sessions.includes(session)) && (!levels || levels.includes(level)) && (!codes || codes.includes(code));

/**
 * When the notices are delivered: once no other has come for a while, and in any case when the first has waited long
 * enough. Soon after a message, they are gathered for the next one.
 */
export function deliveryAt(pending: readonly Pending[], digestMs: number, lastSentAt: Instant): Instant {
  const urgent = pending.filter(({ notice: { level } }) => level !== 'info');
  const times = (urgent.length > 0 ? urgent : pending).map(({ since }) => since);
  const gap = urgent.length > 0 ? Math.min(URGENT_GAP_MS, digestMs) : digestMs;
  const limit = urgent.length > 0 ? digestMs : PATIENCE * digestMs;
  const last = Math.max(...pending.map(({ since }) => since));
  return Math.max(Math.min(last + gap, Math.min(...times) + limit), lastSentAt + digestMs);
}

/** When a channel that could not be reached this many times in a row is tried again. */
export const retryAt = (failures: number, failedAt: Instant): Instant =>
  failedAt + Math.min(RETRY.maxMs, RETRY.firstMs * 2 ** (failures - 1));
