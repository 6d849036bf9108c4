import type { Policy } from '../../sdk/contract/policy.ts';
import type { Instant, SessionRecord, SessionState } from '../../sdk/contract/session.ts';
import { unreachable } from '../../sdk/base/unreachable.ts';
import { alive, disabled, failuresOf, gaveUp, idle, wakeOf, wakingAt } from './states.ts';
import { floorOf, MAX_VENDOR_WAIT_MS, notBefore, sensible, wakeAfterTrouble, wakeWhenAlive } from './timing.ts';

/** Attempts at start are spread over this long. */
const START_SPREAD_MS = 3_000;

/** After a restart. It may find the program new, so what was missing is looked for again; a login that is needed stays needed. */
export function restarted(remembered: SessionRecord, policy: Policy, now: Instant, random: number): SessionRecord {
  const record = believable(remembered, now);
  const { state } = record;
  if (!policy.enabled) return disabled(record);
  const soon = now + START_SPREAD_MS * random;
  switch (state.name) {
    case 'alive':
      return notSooner(alive(record, policy, now, random), policy, now, soon);
    case 'waiting': {
      // An attempt in the future: the clock was set back meanwhile, and the wake says nothing any more.
      const setBack = record.lastAttemptAt !== undefined && record.lastAttemptAt > now;
      return notSooner(
        setBack || state.wakeAt > latestWake(policy, record, now)
          ? { ...record, state: { ...state, wakeAt: soon } }
          : record,
        policy,
        now,
        soon,
      );
    }
    case 'halted':
      if (state.disabled) return idle(record, policy, now, soon, 'switched on');
      if (state.why === 'unavailable') return idle(record, policy, now, soon, 'looked for again at start');
      return state.why === 'too-many-failures' ? stillGivenUp(record, policy, now, soon) : record;
    case 'idle':
    case 'refreshing':
      return idle(record, policy, now, soon, 'at start');
    default:
      return unreachable(state);
  }
}

/** Keeps its next try, unless that is past or implausibly late. */
function stillGivenUp(record: SessionRecord, policy: Policy, now: Instant, soon: Instant): SessionRecord {
  const { state } = record;
  const again = gaveUp(record, 'hint' in state ? state.hint : '', failuresOf(state), now);
  const [at, latest] = [wakeOf(state), wakeOf(again.state)];
  return notSooner(at === undefined || (latest !== undefined && at > latest) ? again : record, policy, now, soon);
}

/** Without moments that no clock in order can have told: nothing lives so long. */
function believable(record: SessionRecord, now: Instant): SessionRecord {
  const [expiresAt, loginExpiresAt] = [sensible(record.expiresAt, now), sensible(record.loginExpiresAt, now)];
  return expiresAt === record.expiresAt && loginExpiresAt === record.loginExpiresAt
    ? record
    : { ...record, expiresAt, loginExpiresAt };
}

/** No wait is longer: a vendor's day, the longest backoff, or the next tick. */
const latestWake = (policy: Policy, record: SessionRecord, now: Instant): Instant =>
  Math.max(
    now + MAX_VENDOR_WAIT_MS,
    wakeAfterTrouble(policy, record, now, 1, Infinity, true).at,
    wakeWhenAlive(policy, record, now, 1).at,
  );

/** The policy is another one: a tick moves to where it says; a retry stays, but never comes too soon. */
export function replanned(record: SessionRecord, policy: Policy, now: Instant, random: number): SessionRecord {
  const { state } = record;
  if (state.name === 'alive') return alive(record, policy, now, random);
  if (!isCycleOver(state)) return notSooner(record, policy, now, 0);
  const tick = wakeWhenAlive(policy, record, now, random);
  return { ...record, state: { ...state, wakeAt: tick.at, wakeWhy: tick.why } };
}

/** The wall clock was moved: a tick is a matter of the calendar, but a wait is as long as it is. */
export function moved(record: SessionRecord, by: number, policy: Policy, now: Instant, random: number): SessionRecord {
  if (by >= 0) return record.state.name === 'alive' ? alive(record, policy, now, random) : record;
  const { vendorWaitUntil, state } = record;
  const shifted =
    vendorWaitUntil === undefined ? record : { ...record, vendorWaitUntil: Math.ceil(vendorWaitUntil + by) };
  if (state.name === 'alive' || isCycleOver(state)) return replanned(shifted, policy, now, random);
  const at = wakeOf(state);
  return at === undefined ? shifted : wakingAt(shifted, Math.ceil(at + by));
}

/** The least time between attempts of a session that gave up, while a network comes and goes. */
const NETWORK_FLOOR_MS = 30 * 60_000;

/** After a network change: the obstacle may be gone. */
export function elsewhere(record: SessionRecord, at: Instant): SessionRecord {
  const { state, lastAttemptAt = 0 } = record;
  if (state.name !== 'halted' || state.why !== 'too-many-failures') return record;
  const wakeAt = Math.max(at, lastAttemptAt + NETWORK_FLOOR_MS);
  if (state.wakeAt !== undefined && state.wakeAt <= wakeAt) return record;
  return { ...record, state: { ...state, wakeAt, wakeWhy: 'the network changed' } };
}

/** Whether all retries were made, so that the next attempt is a tick. */
const isCycleOver = (state: SessionState): state is Extract<SessionState, { name: 'waiting' }> =>
  state.name === 'waiting' && state.why === 'backoff' && state.tries === 0;

function notSooner(record: SessionRecord, policy: Policy, now: Instant, at: Instant): SessionRecord {
  const { state } = record;
  const wakeAt = wakeOf(state);
  if (!('wakeAt' in state) || wakeAt === undefined) return record;
  const floor = floorOf(policy, record, now);
  const wake = notBefore({ at: Math.max(wakeAt, at), why: state.wakeWhy ?? '' }, floor);
  return wake.at === wakeAt ? record : { ...record, state: { ...state, wakeAt: wake.at, wakeWhy: wake.why } };
}
