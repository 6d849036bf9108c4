import type { Instant, Session } from '../../sdk/contract/session.ts';

/** When what is shown changes although no session does: at the next attempt or end, or at midnight. */
export function nextChangeAt(sessions: readonly Session[], now: Instant): Instant {
  const ends = sessions
    .flatMap(({ nextAttemptAt, expiresAt, loginExpiresAt }) => [nextAttemptAt, expiresAt, loginExpiresAt])
    .filter(at => at !== undefined)
    .filter(at => at > now);
  return Math.min(...ends, midnightAfter(now));
}

function midnightAfter(now: Instant): Instant {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}
