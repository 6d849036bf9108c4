import { isPaused } from './states.ts';
import type { Instant, Session } from '../sdk/contract/session.ts';

/** What lapses and renewals are computed from. */
export type Known = Pick<Session, 'state' | 'expiresAt' | 'lastRenewedAt' | 'lastAttempt'>;

/** A time during which a credential was expired. Empty if `to` is not later than `from`. */
export type Lapse = { readonly from: Instant; readonly to: Instant };

type Span = {
  /** Up to here it is counted. */
  readonly since: Instant;
  readonly now: Instant;
  /** When this daemon started. */
  readonly startedAt: Instant;
  /** The credential was certainly inspected since the start. */
  readonly isInspected?: boolean | undefined;
};

/**
 * The part of a lapse that is not counted yet; undefined if that is not known yet. A paused session has none, because
 * the user wants it so. While no daemon ran, its own program may have renewed the credential. Then the time of that is
 * unknown, and nothing before the start is counted.
 */
export function lapseOf(before: Known, found: Known, span: Span): Lapse | undefined {
  const { since, now, startedAt, isInspected = false } = span;
  const end = before.expiresAt;
  if (end === undefined || end >= now || isPaused(before.state)) return { from: now, to: now };
  const from = Math.max(end, since);
  const { lastAttempt } = found;
  const endedAt = lastAttempt?.endedAt ?? 0;
  if (found.expiresAt !== end) {
    const isOurs = lastAttempt?.outcome === 'refreshed' && endedAt > from;
    return isOurs ? { from, to: endedAt } : { from: Math.max(from, startedAt), to: now };
  }
  return from >= startedAt || isInspected || endedAt > startedAt ? { from, to: now } : undefined;
}

/** Whether the session was renewed since, and by no attempt of ours: its own program did it. */
export function isRenewedElsewhere(before: Known, { lastRenewedAt, lastAttempt }: Known): boolean {
  if (lastRenewedAt === undefined || lastRenewedAt === before.lastRenewedAt) return false;
  return !(lastAttempt?.outcome === 'refreshed' && lastAttempt.endedAt === lastRenewedAt);
}
