import type { Policy } from '../sdk/contract/policy.ts';
import type { PlannedAttempt } from '../sdk/contract/rpc.ts';
import { maxPlanned, type Instant, type SessionRecord } from '../sdk/contract/session.ts';
import { wakeOf } from './states.ts';
import { leadMs, renewFrom, wakeWhenAlive, type Life } from './timing.ts';

/** A session as a plan is made from it. */
export type PlannedSession = { readonly id: string; readonly record: SessionRecord; readonly policy: Policy };

/**
 * The next attempts of one session up to `until`, and not more than `most`, if every one succeeds. It changes nothing.
 * The plan ends with the login. It also ends with the renewal of a credential that was first seen shortly before its
 * end: how long the next one lives is not known.
 */
export function planOf(
  { id, record, policy }: PlannedSession,
  now: Instant,
  until: Instant,
  most = maxPlanned(1),
): readonly PlannedAttempt[] {
  const { state } = record;
  const wakeAt = wakeOf(state);
  if (!policy.enabled || !('wakeAt' in state) || wakeAt === undefined) return [];
  const planned: PlannedAttempt[] = [];
  let life: Life = record;
  let at = Math.max(wakeAt, now);
  let why = state.wakeWhy ?? '';
  while (at <= until && planned.length < most) {
    planned.push({ id, at, why });
    const next = attempted(life, policy, at);
    if (!next || at >= (record.loginExpiresAt ?? Infinity)) break;
    life = next;
    const wake = wakeWhenAlive(life, { policy, now: at, random: 0 });
    at = Math.max(wake.at, at + 1);
    why = wake.explanation;
  }
  return planned;
}

/** After an attempt that succeeds. A renewed credential is expected to live as long as the one before was seen to. */
function attempted(life: Life, policy: Policy, at: Instant): Life | undefined {
  const { expiresAt, expirySeenAt } = life;
  const isDue =
    expiresAt !== undefined &&
    (expiresAt - at <= leadMs(policy) * (1 + policy.jitter) || at >= (renewFrom(life, policy) ?? Infinity));
  if (!isDue) return { ...life, lastAttemptAt: at };
  const lifetime = expirySeenAt === undefined ? Infinity : expiresAt - expirySeenAt;
  if (lifetime > 0 && lifetime <= leadMs(policy)) return undefined;
  const renewed = Number.isFinite(lifetime) && lifetime > 0 ? at + lifetime : undefined;
  return { ...life, lastAttemptAt: at, expiresAt: renewed, expirySeenAt: at };
}
