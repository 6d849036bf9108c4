import { toMs } from '../sdk/contract/duration.ts';
import type { Policy } from '../sdk/contract/policy.ts';
import type { HaltReason, Instant, SessionRecord, SessionState } from '../sdk/contract/session.ts';
import type { Context } from './event.ts';
import { tickAfter } from './schedule.ts';
import { nextWarning } from './warnings.ts';
import { floorOf, laterOf, wakeWhenAlive } from './timing.ts';

// The states that a session can be put into, each with its next wake-up time.

type StateOf<Name extends SessionState['name']> = Extract<SessionState, { name: Name }>;

export const failuresOf = (state: SessionState): number => ('failures' in state ? state.failures : 0);

/** When the session is attempted next. */
export const wakeOf = (state: SessionState): Instant | undefined => ('wakeAt' in state ? state.wakeAt : undefined);

/** What a session waits for. `warning`: the end of its login is near enough for another notice. */
export type Alarm = { readonly at: Instant; readonly task: 'attempt' | 'inspection' | 'warning' };

const MAX_INSPECTION_WAIT_MS = 30 * 60_000;

/** The alarm that a record implies. */
export function nextAlarm(record: Waking, policy: Policy, now: Instant): Alarm | undefined {
  const alarm = alarmOf(record.state, policy, now);
  const at = nextWarning(record, policy, now);
  return at !== undefined && at < (alarm?.at ?? Infinity) ? { at, task: 'warning' } : alarm;
}

type Waking = Pick<SessionRecord, 'state' | 'loginExpiresAt'>;

/** An unavailable session is inspected at its next tick, but within half an hour. */
function alarmOf(state: SessionState, policy: Policy, now: Instant): Alarm | undefined {
  const wakeAt = wakeOf(state);
  if (wakeAt !== undefined) return { at: wakeAt, task: 'attempt' };
  if (!isUnavailable(state)) return undefined;
  const tick = Math.max(tickAfter(policy.schedule, now), now + toMs(policy.minInterval));
  return { at: Math.min(tick, now + MAX_INSPECTION_WAIT_MS), task: 'inspection' };
}

export const isPaused = (state: SessionState): boolean => state.name === 'halted' && state.why === 'paused';

export const isUnavailable = (state: SessionState): boolean => state.name === 'halted' && state.why === 'unavailable';

/** The same record if the state is the same object. */
export const withState = (record: SessionRecord, state: SessionState): SessionRecord =>
  state === record.state ? record : { ...record, state };

/** The same state with another wake-up time, if it has one. */
export const wakingAt = (state: SessionState, wakeAt: Instant): SessionState =>
  'wakeAt' in state && state.wakeAt !== undefined ? { ...state, wakeAt } : state;

export function alive(record: SessionRecord, context: Context): StateOf<'alive'> {
  const { at, explanation } = wakeWhenAlive(record, context);
  const { expiresAt, loginExpiresAt } = record;
  return { name: 'alive', wakeAt: at, wakeWhy: explanation, expiresAt, loginExpiresAt };
}

/** Attempted at `at`, or as soon after that as allowed. */
export function idle(record: SessionRecord, at: Instant, explanation: string, context: Context): StateOf<'idle'> {
  const wake = laterOf({ at, explanation }, floorOf(record, context), context.now);
  return { name: 'idle', failures: failuresOf(record.state), wakeAt: wake.at, wakeWhy: wake.explanation };
}

/** Attempted as soon as allowed, with no failures counted. */
export const rearmed = (record: SessionRecord, explanation: string, context: Context): StateOf<'idle'> => ({
  ...idle(record, context.now, explanation, context),
  failures: 0,
});

export const halted = (
  why: Exclude<HaltReason, 'paused' | 'too-many-failures'>,
  hint: string,
  failures: number,
): StateOf<'halted'> => ({ name: 'halted', why, hint, failures });

/** By then the cause, such as a proxy or an outage, may be gone. */
const TRY_AGAIN_MS = 86_400_000;

/** Retried once a day, and when the machine changes networks. */
export const gaveUp = (hint: string, failures: number, now: Instant): StateOf<'halted'> => ({
  name: 'halted',
  why: 'too-many-failures',
  hint,
  failures,
  wakeAt: now + TRY_AGAIN_MS,
  wakeWhy: 'once a day after it gave up',
});

export const paused = (state: SessionState): StateOf<'halted'> => ({
  name: 'halted',
  why: 'paused',
  hint: 'Resume it when you want it kept alive again.',
  failures: failuresOf(state),
});

/** Paused by its policy. A session that the user paused stays paused until the user resumes it. */
export const disabled = (state: SessionState): SessionState =>
  isPaused(state) ? state : { ...paused(state), hint: '`enabled` is false in its policy.', disabled: true };
