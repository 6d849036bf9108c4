import type { Instant, SessionRecord, SessionState } from '../sdk/contract/session.ts';
import { unreachable } from '../sdk/base/unreachable.ts';
import type { Context } from './event.ts';
import { alive, disabled, failuresOf, gaveUp, idle, wakeOf, wakingAt, withState } from './states.ts';
import { floorOf, laterOf, MAX_VENDOR_WAIT_MS, plausibleExpiry, wakeAfterTrouble, wakeWhenAlive } from './timing.ts';

// Events that change when a session is attempted, but not what is known of its credential.

type Alive = Extract<SessionState, { name: 'alive' }>;

/** Attempts at start are spread over this time. */
const START_SPREAD_MS = 3_000;

/**
 * The record after a restart. An unavailable session is tried again, as its program may be installed now. A session
 * that needs a login still needs it.
 */
export function restarted(remembered: SessionRecord, context: Context): SessionRecord {
  const record = sanitize(remembered, context.now);
  if (!context.policy.enabled) return withState(record, disabled(record.state));
  const soon = context.now + START_SPREAD_MS * context.random;
  return withState(record, clampToFloor(record, stateAtStart(record, soon, context), soon, context));
}

function stateAtStart(record: SessionRecord, soon: Instant, context: Context): SessionState {
  const { state } = record;
  const { now } = context;
  switch (state.name) {
    case 'alive':
      return stillAlive(record, state, context);
    case 'waiting': {
      // If the last attempt is in the future, the clock was set back meanwhile and the wake-up time means nothing.
      const isSetBack = record.lastAttemptAt !== undefined && record.lastAttemptAt > now;
      return isSetBack || state.wakeAt > latestWake(record, context) ? wakingAt(state, soon) : state;
    }
    case 'halted': {
      if (state.disabled) return idle(record, soon, 'enabled', context);
      if (state.why === 'unavailable') return { ...state, wakeAt: soon, wakeWhy: 'tried again at start' };
      if (state.why !== 'too-many-failures') return state;
      // It keeps its next attempt, unless that is missing or implausibly late.
      const again = gaveUp(state.hint, failuresOf(state), now);
      return state.wakeAt === undefined || state.wakeAt > (again.wakeAt ?? Infinity) ? again : state;
    }
    case 'idle':
    case 'refreshing':
      return idle(record, soon, 'at start', context);
    default:
      return unreachable(state);
  }
}

/**
 * A wake-up time stays if the policy could still choose it, with whatever jitter. Otherwise each restart and each
 * wake-up of the machine would change all records, and so write all of them.
 */
function stillAlive(record: SessionRecord, state: Alive, context: Context): Alive {
  const ends = [0, 1].map(random => alive(record, { ...context, random }));
  const times = ends.map(({ wakeAt }) => wakeAt);
  const isPossible =
    ends.some(({ wakeWhy }) => wakeWhy === state.wakeWhy) &&
    state.wakeAt >= Math.min(...times) &&
    state.wakeAt <= Math.max(...times) &&
    state.expiresAt === record.expiresAt &&
    state.loginExpiresAt === record.loginExpiresAt;
  return isPossible ? state : alive(record, context);
}

/** Drops what does not outlive a run, and expiry times that are too far in the future to be real. */
function sanitize(record: SessionRecord, now: Instant): SessionRecord {
  const [expiresAt, loginExpiresAt] = [record.expiresAt, record.loginExpiresAt].map(at => plausibleExpiry(at, now));
  const isSame = expiresAt === record.expiresAt && loginExpiresAt === record.loginExpiresAt;
  return isSame && record.nextReason === undefined
    ? record
    : { ...record, expiresAt, loginExpiresAt, nextReason: undefined };
}

/** No wait is longer than the longest vendor wait, the longest backoff and the next tick. */
const latestWake = (record: SessionRecord, context: Context): Instant =>
  Math.max(
    context.now + MAX_VENDOR_WAIT_MS,
    wakeAfterTrouble(record, { tries: Infinity, isEndless: true }, { ...context, random: 1 }).at,
    wakeWhenAlive(record, { ...context, random: 1 }).at,
  );

/** After a change of the policy. A tick moves to the new schedule. A retry stays, but never comes too soon. */
export function replanned(record: SessionRecord, context: Context): SessionRecord {
  const { state } = record;
  if (state.name === 'alive') return withState(record, alive(record, context));
  if (!isCycleOver(state)) return withState(record, clampToFloor(record, state, 0, context));
  const tick = wakeWhenAlive(record, context);
  return withState(record, { ...state, wakeAt: tick.at, wakeWhy: tick.explanation });
}

/** After a clock change. A session that became due, as during a sleep, is attempted after `delayMs`. */
export function clockMoved(
  before: SessionRecord,
  { by, delayMs }: { readonly by: number; readonly delayMs: number },
  context: Context,
): SessionRecord {
  const record = shifted(before, by, context);
  const wakeAt = wakeOf(record.state);
  if (wakeAt === undefined || wakeAt > context.now) return record;
  return { ...record, state: wakingAt(record.state, context.now + Math.floor(delayMs)), nextReason: 'wake' };
}

/** After a clock change, ticks follow the new time and waits keep their length. */
function shifted(record: SessionRecord, by: number, context: Context): SessionRecord {
  const { state, vendorWaitUntil } = record;
  if (by >= 0) return state.name === 'alive' ? withState(record, stillAlive(record, state, context)) : record;
  const next = vendorWaitUntil === undefined ? record : { ...record, vendorWaitUntil: Math.ceil(vendorWaitUntil + by) };
  if (state.name === 'alive' || isCycleOver(state)) return replanned(next, context);
  const at = wakeOf(state);
  return at === undefined ? next : withState(next, wakingAt(state, Math.ceil(at + by)));
}

/** The shortest time between attempts of a session that gave up, when the network changes often. */
const NETWORK_FLOOR_MS = 30 * 60_000;

/** After a network change, a session that gave up may succeed. */
export function networkChanged(record: SessionRecord, at: Instant): SessionRecord {
  const { state, lastAttemptAt = 0 } = record;
  if (state.name !== 'halted' || state.why !== 'too-many-failures') return record;
  const wakeAt = Math.max(at, lastAttemptAt + NETWORK_FLOOR_MS);
  if (state.wakeAt !== undefined && state.wakeAt <= wakeAt) return record;
  return withState(record, { ...state, wakeAt, wakeWhy: 'the network changed' });
}

/** Whether all retries were made, so the next attempt is at a tick. */
const isCycleOver = (state: SessionState): state is Extract<SessionState, { name: 'waiting' }> =>
  state.name === 'waiting' && state.why === 'backoff' && state.tries === 0;

/** The state with a wake-up time that is neither before `at` nor before an attempt is allowed. */
function clampToFloor(record: SessionRecord, state: SessionState, at: Instant, context: Context): SessionState {
  if (!('wakeAt' in state) || state.wakeAt === undefined) return state;
  const wake = { at: Math.max(state.wakeAt, at), explanation: state.wakeWhy ?? '' };
  const { at: wakeAt, explanation: wakeWhy } = laterOf(wake, floorOf(record, context), context.now);
  return wakeAt === state.wakeAt ? state : { ...state, wakeAt, wakeWhy };
}
