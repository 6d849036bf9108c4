import { toMs } from '../../../sdk/contract/duration.ts';
import type { Instant, Session } from '../../../sdk/contract/session.ts';
import { DAY } from './time.ts';

/** How much of a life is left, as a bar shows it, and whether that is as planned. */
export type Remaining = { readonly share: number; readonly tone: 'good' | 'warn' | 'bad' };

/** What is left of the credential; undefined where no expiry is known. */
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

/** An attempt is due this long before; well past it, something is in its way. */
const leadMs = ({ schedule, refreshBefore }: Session['policy']): number =>
  toMs(schedule.mode === 'before-expiry' ? schedule.buffer : refreshBefore);

/** How near the end of a login is, which no renewal extends: a person is told 7 days before. */
export function loginTone(loginExpiresAt: Instant, now: Instant): 'quiet' | 'warn' | 'bad' {
  const left = loginExpiresAt - now;
  if (left > 7 * DAY) return 'quiet';
  return left > DAY ? 'warn' : 'bad';
}
