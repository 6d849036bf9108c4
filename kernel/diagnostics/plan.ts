import type { Policy } from '../../sdk/contract/policy.ts';
import type { PlannedAttempt } from '../../sdk/contract/rpc.ts';
import type { Instant, SessionRecord } from '../../sdk/contract/session.ts';
import { wakeOf } from '../session/states.ts';
import { leadMs, renewFrom, wakeWhenAlive } from '../session/timing.ts';

/** A plan is for people to read, so no session has more entries than this. */
const MAX_PER_SESSION = 200;

/** A session as a plan is made from it. */
export type PlannedSession = { readonly id: string; readonly record: SessionRecord; readonly policy: Policy };

/** The next attempts of one session up to `until`, if every one succeeds. It changes nothing. */
export function planOf(
  { id, record, policy }: PlannedSession,
  now: Instant,
  until: Instant,
): readonly PlannedAttempt[] {
  const { state } = record;
  const wakeAt = wakeOf(state);
  if (!('wakeAt' in state) || wakeAt === undefined) return [];
  const planned: PlannedAttempt[] = [];
  let life = record;
  let at = Math.max(wakeAt, now);
  let why = state.wakeWhy ?? '';
  while (at <= until && planned.length < MAX_PER_SESSION) {
    planned.push({ id, at, why });
    life = attempted(life, policy, at);
    const wake = wakeWhenAlive(policy, life, at, 0);
    at = Math.max(wake.at, at + 1);
    why = wake.why;
  }
  return planned;
}

/** The record after an attempt that succeeds. The renewed credential is assumed to last as long as the one before. */
function attempted(record: SessionRecord, policy: Policy, at: Instant): SessionRecord {
  const { expiresAt, expirySeenAt } = record;
  const isDue =
    expiresAt !== undefined &&
    (expiresAt - at <= leadMs(policy) * (1 + policy.jitter) || at >= (renewFrom(policy, record) ?? Infinity));
  if (!isDue) return { ...record, lastAttemptAt: at };
  const life = expirySeenAt === undefined ? Infinity : expiresAt - expirySeenAt;
  const renewed = Number.isFinite(life) && life > 0 ? at + life : undefined;
  return { ...record, lastAttemptAt: at, expiresAt: renewed, expirySeenAt: at };
}
