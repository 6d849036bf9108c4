import { toMs, type Duration } from '../sdk/contract/duration.ts';
import type { Policy } from '../sdk/contract/policy.ts';
import type { Instant } from '../sdk/contract/session.ts';

// When a user is warned about a login that ends and that no renewal extends.

type Ends = { readonly loginExpiresAt?: Instant | undefined };
type Warn = Pick<Policy, 'warn'>;

const DAY_MS = 86_400_000;

/** When the next warning is due, after `now`. */
export function nextWarning({ loginExpiresAt }: Ends, { warn }: Warn, now: Instant): Instant | undefined {
  if (loginExpiresAt === undefined) return undefined;
  const times = warn.map(lead => loginExpiresAt - toMs(lead)).filter(at => at > now);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/**
 * The warning in force: the shortest lead that the end is within. One that is raised stays a day longer, or as long
 * again, so that an end that moves by a few hours does not raise it twice.
 */
export function warningInForce(
  { loginExpiresAt = Infinity }: Ends,
  { warn }: Warn,
  { now, isRaised }: { readonly now: Instant; readonly isRaised: (lead: Duration) => boolean },
): Duration | undefined {
  const reach = (lead: Duration) => toMs(lead) + (isRaised(lead) ? Math.min(DAY_MS, toMs(lead)) : 0);
  return warn.toSorted((a, b) => toMs(a) - toMs(b)).find(lead => loginExpiresAt - now <= reach(lead));
}
