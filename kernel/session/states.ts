import type { Policy } from '../../sdk/contract/policy.ts';
import type { HaltReason, Instant, SessionRecord, SessionState } from '../../sdk/contract/session.ts';
import { floorOf, notBefore, wakeWhenAlive } from './timing.ts';

// The states that a session is put in, each with the wake that belongs to it.

export const failuresOf = (state: SessionState): number => ('failures' in state ? state.failures : 0);

/** The remembered record, or that of a new session. */
export function initial(
  { displayName }: Pick<SessionRecord, 'displayName'>,
  now: Instant,
  remembered?: SessionRecord,
): SessionRecord {
  if (!remembered) return { displayName, state: { name: 'idle', failures: 0, wakeAt: now, wakeWhy: 'at start' } };
  return remembered.displayName === displayName ? remembered : { ...remembered, displayName };
}

/** When the state ends by itself. */
export const wakeOf = (state: SessionState): Instant | undefined => ('wakeAt' in state ? state.wakeAt : undefined);

/** The same state, with another wake-up time. */
export function wakingAt(record: SessionRecord, wakeAt: Instant): SessionRecord {
  const { state } = record;
  return 'wakeAt' in state && state.wakeAt !== undefined ? { ...record, state: { ...state, wakeAt } } : record;
}

export const isPaused = (state: SessionState): boolean => state.name === 'halted' && state.why === 'paused';

export function alive(record: SessionRecord, policy: Policy, now: Instant, random: number): SessionRecord {
  const wake = wakeWhenAlive(policy, record, now, random);
  const { expiresAt, loginExpiresAt } = record;
  return { ...record, state: { name: 'alive', wakeAt: wake.at, wakeWhy: wake.why, expiresAt, loginExpiresAt } };
}

/** To be attempted as soon as it is allowed. */
export function idle(
  record: SessionRecord,
  policy: Policy,
  now: Instant,
  at: Instant,
  why: string,
  failures = failuresOf(record.state),
): SessionRecord {
  const wake = notBefore({ at, why }, floorOf(policy, record, now));
  return { ...record, state: { name: 'idle', failures, wakeAt: wake.at, wakeWhy: wake.why } };
}

/** A new beginning: what failed before is forgiven. */
export const rearmed = (record: SessionRecord, policy: Policy, now: Instant, why: string): SessionRecord =>
  idle(record, policy, now, now, why, 0);

type ForGood = Exclude<HaltReason, 'paused' | 'too-many-failures'>;

export const halted = (record: SessionRecord, why: ForGood, hint: string, failures: number): SessionRecord => ({
  ...record,
  state: { name: 'halted', why, hint, failures },
});

/** The cause may be gone by then, such as a proxy or an outage. */
const TRY_AGAIN_MS = 86_400_000;

/** Retried once a day, and when the machine changes networks. */
export function gaveUp(record: SessionRecord, hint: string, failures: number, now: Instant): SessionRecord {
  const wake = { wakeAt: now + TRY_AGAIN_MS, wakeWhy: 'once a day after it gave up' };
  return { ...record, state: { name: 'halted', why: 'too-many-failures', hint, failures, ...wake } };
}

export const paused = (record: SessionRecord): SessionRecord => ({
  ...record,
  state: {
    name: 'halted',
    why: 'paused',
    hint: 'Resume it when you want it kept alive again.',
    failures: failuresOf(record.state),
  },
});

/** A session that a person paused stays theirs to resume. */
export function disabled(record: SessionRecord): SessionRecord {
  const { state } = record;
  if (isPaused(state)) return record;
  return {
    ...record,
    state: {
      name: 'halted',
      why: 'paused',
      hint: 'Switched off by `enabled: false` in its policy.',
      failures: failuresOf(state),
      disabled: true,
    },
  };
}
