import type { Policy } from '../../sdk/policy.ts';
import type { Attempt, Instant, SessionRecord, SessionState, WaitReason } from '../../sdk/session.ts';
import { unreachable } from './schedule.ts';
import { clampVendorWait, floorAt, notBefore, wakeAfterTrouble, wakeWhenAlive, type Wake } from './timing.ts';

/** What an attempt established, with instants for dates; also failures. Dates that make no sense are gone already. */
export type Finish = Pick<Attempt, 'outcome' | 'code' | 'message'> & {
  readonly method?: string | undefined;
  readonly expiresAt?: Instant | undefined;
  readonly loginExpiresAt?: Instant | undefined;
  /** When the owner or the vendor wants to be asked again. */
  readonly again?: Instant | undefined;
  /** Of the credential that the attempt looked at. */
  readonly fingerprint?: string | undefined;
  /** Set where a failure says nothing: in the first minute after the machine woke up. */
  readonly excused?: boolean | undefined;
};

export type SessionEvent =
  | { readonly type: 'start' }
  | { readonly type: 'attempt' }
  | { readonly type: 'finish'; readonly finish: Finish }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** The policy is another one. */
  | { readonly type: 'configure' }
  /** The credential changed on disk. */
  | { readonly type: 'changed'; readonly expiresAt?: Instant | undefined; readonly loginExpiresAt?: Instant | undefined }
  /** The wall clock was set by so many milliseconds, or the machine slept so long. */
  | { readonly type: 'clock'; readonly by: number }
  /** Overdue after a sleep: attempted so many milliseconds from now. */
  | { readonly type: 'delay'; readonly ms: number };

/** Attempts at start are spread over this long. */
const START_SPREAD_MS = 3_000;
const LOOK_AGAIN_MS = 2 * 60_000;
const MAX_DEFERRED_MS = 3_600_000;
const DISABLED = 'Switched off by `enabled: false` in its policy.';

/** Moves a session. Pure: the same record comes back for an event that means nothing in its state. */
export function transition(record: SessionRecord, event: SessionEvent, policy: Policy, now: Instant, random: number): SessionRecord {
  const { state } = record;
  switch (event.type) {
    case 'start': return policy.enabled ? restarted(record, policy, now, random) : disabled(record);
    case 'attempt':
      if (state.name === 'refreshing') return record;
      return { ...record, lastAttemptAt: now, state: { name: 'refreshing', since: now, failures: failuresOf(state), tries: triesOf(state) + 1 } };
    case 'finish': return finished(record, event.finish, policy, now, random);
    case 'pause':
      if (state.name === 'halted' && state.why === 'paused' && !state.disabled) return record;
      return { ...record, state: { name: 'halted', why: 'paused', hint: 'Resume it when you want it kept alive again.', failures: failuresOf(state) } };
    case 'resume': return state.name === 'halted' && !state.disabled ? rearmed(record, policy, now, 'resumed') : record;
    case 'configure':
      if (!policy.enabled) return disabled(record);
      if (state.name === 'halted' && state.disabled) return rearmed(record, policy, now, 'switched on');
      return state.name === 'alive' ? alive(record, policy, now, random) : record;
    case 'changed': return credentialChanged(record, event, policy, now, random);
    case 'clock':
      if (state.name === 'alive') return alive(record, policy, now, random);
      return event.by < 0 && 'wakeAt' in state ? { ...record, state: { ...state, wakeAt: state.wakeAt + Math.floor(event.by) } } : record;
    case 'delay': return 'wakeAt' in state ? { ...record, state: { ...state, wakeAt: now + Math.floor(event.ms) } } : record;
    default: return unreachable(event);
  }
}

/** A restart may find the program new, so what was missing is looked for again; a login that is needed stays needed. */
function restarted(record: SessionRecord, policy: Policy, now: Instant, random: number): SessionRecord {
  const { state } = record;
  const soon = now + Math.floor(START_SPREAD_MS * random);
  switch (state.name) {
    case 'alive': {
      const next = alive(record, policy, now, random);
      return next.state.name === 'alive' ? { ...next, state: { ...next.state, wakeAt: Math.max(next.state.wakeAt, soon) } } : next;
    }
    case 'waiting': return { ...record, state: { ...state, wakeAt: Math.max(state.wakeAt, soon) } };
    case 'halted':
      if (state.disabled) return idle(record, policy, now, soon, 'switched on');
      return state.why === 'unavailable' ? idle(record, policy, now, soon, 'looked for again at start') : record;
    case 'idle': case 'refreshing': return idle(record, policy, now, soon, 'at start');
    default: return unreachable(state);
  }
}

function finished(before: SessionRecord, finish: Finish, policy: Policy, now: Instant, random: number): SessionRecord {
  const record = withFacts(before, finish, now);
  const { state } = before;
  // A pause during the attempt wins over its outcome; what was learnt of the credential stays true.
  if (state.name !== 'refreshing') return record;
  const { failures, tries } = state;
  const trouble = (why: WaitReason, wake: Wake, count = failures): SessionRecord => ({
    ...record,
    state: { name: 'waiting', why, failures: count, tries: tries > policy.retries && why === 'backoff' ? 0 : tries, wakeAt: wake.at, wakeWhy: wake.why, hint: finish.message ?? '' },
  });
  const backoff = (endless: boolean) => wakeAfterTrouble(policy, record, now, random, tries, endless);
  const floor = floorAt(policy, record, now);
  switch (finish.outcome) {
    case 'refreshed': case 'fresh':
      return finish.code === 'KA_INEFFECTIVE' ? trouble('backoff', backoff(false)) : alive(record, policy, now, random);
    case 'deferred': {
      const at = Math.min(finish.again ?? now + LOOK_AGAIN_MS, now + MAX_DEFERRED_MS);
      return trouble('deferred', notBefore({ at, why: 'the owner is busy with it' }, floor, `${policy.minInterval} after the last attempt`));
    }
    case 'rate-limited': {
      if (finish.again === undefined) return trouble('rate-limited', backoff(true));
      const wake = notBefore({ at: clampVendorWait(finish.again, now), why: 'the vendor said so' }, floor, `${policy.minInterval} after the last attempt`);
      return { ...trouble('rate-limited', wake), vendorWaitUntil: wake.at };
    }
    case 'login-required': case 'unavailable': return halted(record, finish.outcome, finish.message ?? '', failures);
    case 'offline': return trouble('offline', backoff(true));
    case 'failed': {
      const count = finish.excused ? failures : failures + 1;
      if (count < policy.maxFailures) return trouble('backoff', backoff(false), count);
      return halted(record, 'too-many-failures', finish.message ?? '', count);
    }
    default: return unreachable(finish.outcome);
  }
}

function withFacts(record: SessionRecord, finish: Finish, now: Instant): SessionRecord {
  if (finish.outcome === 'login-required') return { ...record, fingerprint: finish.fingerprint };
  if (finish.outcome !== 'refreshed' && finish.outcome !== 'fresh') return record;
  const { expiresAt, loginExpiresAt } = finish;
  const seen = expiresAt === record.expiresAt ? record.expirySeenAt : now;
  const success = finish.code === undefined ? { lastSuccessAt: now } : {};
  return { ...record, ...success, expiresAt, loginExpiresAt, expirySeenAt: seen, vendorWaitUntil: undefined, fingerprint: undefined };
}

function credentialChanged(
  before: SessionRecord, { expiresAt, loginExpiresAt }: Extract<SessionEvent, { type: 'changed' }>, policy: Policy, now: Instant, random: number,
): SessionRecord {
  const { state } = before;
  if (state.name === 'refreshing' || (state.name === 'halted' && state.why === 'paused')) return before;
  if (state.name !== 'alive' || expiresAt === undefined) return rearmed(before, policy, now, 'the credential changed');
  if (expiresAt === before.expiresAt && loginExpiresAt === before.loginExpiresAt) return before;
  return alive({ ...before, expiresAt, loginExpiresAt, expirySeenAt: now }, policy, now, random);
}

function alive(record: SessionRecord, policy: Policy, now: Instant, random: number): SessionRecord {
  const wake = wakeWhenAlive(policy, record, now, random);
  const { expiresAt, loginExpiresAt } = record;
  return { ...record, state: { name: 'alive', wakeAt: wake.at, wakeWhy: wake.why, expiresAt, loginExpiresAt } };
}

const disabled = (record: SessionRecord): SessionRecord => {
  const { state } = record;
  if (state.name === 'halted' && state.why === 'paused') return record;
  return { ...record, state: { name: 'halted', why: 'paused', hint: DISABLED, failures: failuresOf(state), disabled: true } };
};

const halted = (record: SessionRecord, why: 'login-required' | 'unavailable' | 'too-many-failures', hint: string, failures: number): SessionRecord =>
  ({ ...record, state: { name: 'halted', why, hint, failures } });

const rearmed = (record: SessionRecord, policy: Policy, now: Instant, why: string): SessionRecord =>
  idle({ ...record, state: { name: 'idle', failures: 0, wakeAt: now, wakeWhy: why } }, policy, now, now, why);

function idle(record: SessionRecord, policy: Policy, now: Instant, at: Instant, why: string): SessionRecord {
  const wake = notBefore({ at, why }, Math.max(floorAt(policy, record, now), record.vendorWaitUntil ?? 0), `${policy.minInterval} after the last attempt`);
  return { ...record, state: { name: 'idle', failures: failuresOf(record.state), wakeAt: wake.at, wakeWhy: wake.why } };
}

const failuresOf = (state: SessionState): number => ('failures' in state ? state.failures : 0);
const triesOf = (state: SessionState): number => (state.name === 'waiting' ? state.tries : 0);
