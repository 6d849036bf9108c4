import type { Instant, Session } from '../../../sdk/contract/session.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Times further away are shown in whole minutes. */
const CALM_MS = 20 * SECOND;

/** When a time on the screen changes: seconds are shown of what is less than a minute away. */
export function nextChangeMs(shown: readonly Session[], now: Instant): number {
  const times = shown.flatMap(({ state, lastSuccessAt, lastRenewedAt, nextAttemptAt, expiresAt, loginExpiresAt }) => [
    state.name === 'refreshing' ? state.since : undefined,
    lastSuccessAt,
    lastRenewedAt,
    nextAttemptAt,
    expiresAt,
    loginExpiresAt,
  ]);
  const isNear = times.some(at => at !== undefined && Math.abs(at - now) < MINUTE + CALM_MS);
  return isNear ? SECOND : CALM_MS;
}
