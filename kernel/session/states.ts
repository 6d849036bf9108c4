import type { Policy } from '../../sdk/policy.ts';
import type { HaltReason, Instant, SessionRecord, SessionState } from '../../sdk/session.ts';
import { floorOf, notBefore, wakeWhenAlive } from './timing.ts';

// The states that a session is put in, each with the wake that belongs to it.

export const failuresOf = (state: SessionState): number => ('failures' in state ? state.failures : 0);

export const isPaused = (state: SessionState): boolean => state.name === 'halted' && state.why === 'paused';

export function alive(record: SessionRecord, policy: Policy, now: Instant, random: number): SessionRecord {
  const wake = wakeWhenAlive(policy, record, now, random);
  const { expiresAt, loginExpiresAt } = record;
  return { ...record, state: { name: 'alive', wakeAt: wake.at, wakeWhy: wake.why, expiresAt, loginExpiresAt } };
}

/** To be attempted as soon as it is allowed. */
export function idle(record: SessionRecord, policy: Policy, now: Instant, at: Instant, why: string, failures = failuresOf(record.state)): SessionRecord {
  const wake = notBefore({ at, why }, floorOf(policy, record, now));
  return { ...record, state: { name: 'idle', failures, wakeAt: wake.at, wakeWhy: wake.why } };
}

/** A new beginning: what failed before is forgiven. */
export const rearmed = (record: SessionRecord, policy: Policy, now: Instant, why: string): SessionRecord => idle(record, policy, now, now, why, 0);

export const halted = (record: SessionRecord, why: Exclude<HaltReason, 'paused'>, hint: string, failures: number): SessionRecord =>
  ({ ...record, state: { name: 'halted', why, hint, failures } });

export const paused = (record: SessionRecord): SessionRecord =>
  ({ ...record, state: { name: 'halted', why: 'paused', hint: 'Resume it when you want it kept alive again.', failures: failuresOf(record.state) } });

/** A session that a person paused stays theirs to resume. */
export function disabled(record: SessionRecord): SessionRecord {
  const { state } = record;
  if (isPaused(state)) return record;
  return { ...record, state: { name: 'halted', why: 'paused', hint: 'Switched off by `enabled: false` in its policy.', failures: failuresOf(state), disabled: true } };
}
