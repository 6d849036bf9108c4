import { toMs } from '../../sdk/contract/duration.ts';
import type { Policy } from '../../sdk/contract/policy.ts';
import type { Instant, SessionRecord, SessionState } from '../../sdk/contract/session.ts';
import { vendorFloor } from './timing.ts';

/** A person's refresh may pass the minimum interval, but not this. */
const MANUAL_FLOOR_MS = 10_000;

/**
 * When the user may next request an attempt. Nothing overrides the vendor's own wait.
 * An attempt that made no request does not hold up a forced one.
 */
export function earliestManual({ minInterval }: Policy, record: SessionRecord, now: Instant, force: boolean): Instant {
  const { lastAttemptAt, vendorWaitUntil, askedNobody } = record;
  const isFree = lastAttemptAt === undefined || (force && askedNobody);
  const floor = isFree ? 0 : Math.min(lastAttemptAt, now) + Math.min(MANUAL_FLOOR_MS, toMs(minInterval));
  return Math.max(floor, vendorFloor({ vendorWaitUntil }, now));
}

export const isLoginOver = (state: SessionState): boolean => state.name === 'halted' && state.why === 'login-required';

/** The credential that needed a login is still the one in the store: asking the vendor again would tell nothing new. */
export const knownToNeedLogin = ({ state, fingerprint }: SessionRecord, seen: string | undefined): boolean =>
  isLoginOver(state) && fingerprint !== undefined && seen === fingerprint;
