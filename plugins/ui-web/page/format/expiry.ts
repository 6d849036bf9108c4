import { toMs } from '../../../../sdk/contract/duration.ts';
import type { Instant, Session } from '../../../../sdk/contract/session.ts';

const DAY = 86_400_000;

/** The part of its lifetime that a credential has left, and whether a renewal is overdue. */
export type Remaining = { readonly share: number; readonly tone: 'good' | 'warn' | 'bad' };

/** What is left of the credential. Undefined if no expiry is known. */
export function remaining(
  { expiresAt, expirySeenAt, policy }: Pick<Session, 'expiresAt' | 'expirySeenAt' | 'policy'>,
  now: Instant,
): Remaining | undefined {
  if (expiresAt === undefined) return undefined;
  const left = expiresAt - now;
  if (left <= 0) return { share: 0, tone: 'bad' };
  const life = Math.max(expiresAt - (expirySeenAt ?? now), left);
  return { share: left / life, tone: left < leadMs(policy) / 2 ? 'warn' : 'good' };
}

/** A renewal is due this long before the expiry. Well past it, something prevents it. */
const leadMs = ({ schedule, refreshBefore }: Session['policy']): number =>
  toMs(schedule.mode === 'before-expiry' ? schedule.buffer : refreshBefore);

/** No renewal extends a login. The user is warned 7 days before its end. */
export function loginTone(loginExpiresAt: Instant, now: Instant): 'quiet' | 'warn' | 'bad' {
  const left = loginExpiresAt - now;
  if (left > 7 * DAY) return 'quiet';
  return left > DAY ? 'warn' : 'bad';
}
