import type { Policy } from '../../sdk/contract/policy.ts';
import type { Attempt, Instant, SessionRecord } from '../../sdk/contract/session.ts';
import { finished } from './finished.ts';
import { elsewhere, moved, replanned, restarted } from './retime.ts';
import { unreachable } from '../../sdk/base/unreachable.ts';
import { alive, disabled, failuresOf, isPaused, paused, rearmed, wakingAt } from './states.ts';

/** What an attempt established, with instants for dates; also failures. */
export type Finish = Pick<Attempt, 'outcome' | 'code' | 'message'> & {
  readonly method?: string | undefined;
  readonly expiresAt?: Instant | undefined;
  readonly loginExpiresAt?: Instant | undefined;
  /** When the owner or the vendor wants to be asked again. */
  readonly again?: Instant | undefined;
  /** Of the credential as the attempt left it. */
  readonly fingerprint?: string | undefined;
  /** What the inspection said after an `unavailable` outcome. */
  readonly sight?: string | undefined;
  /** Neither the network nor a program was used. */
  readonly askedNobody?: true | undefined;
  /** Set where a failure says nothing: in the first minute after the machine woke up. */
  readonly excused?: boolean | undefined;
};

/** What the store of a credential shows. */
type Facts = Pick<Finish, 'expiresAt' | 'loginExpiresAt' | 'fingerprint'>;

export type SessionEvent =
  | { readonly type: 'start' }
  | { readonly type: 'attempt' }
  | { readonly type: 'finish'; readonly finish: Finish }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** The policy is another one. */
  | { readonly type: 'configure' }
  /** The credential changed on disk. */
  | ({ readonly type: 'changed' } & Facts)
  /** No other session holds its login any longer. */
  | { readonly type: 'freed' }
  /** The machine changed networks; attempted this many milliseconds from now if that may help. */
  | { readonly type: 'network'; readonly ms: number }
  /** The wall clock was set by so many milliseconds, or the machine slept so long. */
  | { readonly type: 'clock'; readonly by: number }
  /** Overdue after a sleep: attempted so many milliseconds from now. */
  | { readonly type: 'delay'; readonly ms: number };

/** Moves a session. Pure: the same record comes back for an event that means nothing in its state. */
export function transition(
  record: SessionRecord,
  event: SessionEvent,
  policy: Policy,
  now: Instant,
  random: number,
): SessionRecord {
  const { state } = record;
  switch (event.type) {
    case 'start':
      return restarted(record, policy, now, random);
    case 'attempt':
      return attempted(record, now);
    case 'finish':
      return finished(record, event.finish, policy, now, random);
    case 'pause':
      return isPaused(state) && !('disabled' in state && state.disabled) ? record : paused(record);
    case 'resume':
      if (state.name !== 'halted' || (state.disabled && !policy.enabled)) return record;
      return policy.enabled
        ? rearmed(record, policy, now, 'resumed')
        : disabled(rearmed(record, policy, now, 'resumed'));
    case 'configure':
      if (!policy.enabled) return disabled(record);
      return state.name === 'halted' && state.disabled
        ? rearmed(record, policy, now, 'switched on')
        : replanned(record, policy, now, random);
    case 'changed':
      return credentialChanged(record, event, policy, now, random);
    case 'freed':
      if (state.name !== 'waiting' || state.why !== 'deferred') return record;
      return rearmed(record, policy, now, 'no other session holds its login');
    case 'network':
      return elsewhere(record, now + event.ms);
    case 'clock':
      return moved(record, event.by, policy, now, random);
    case 'delay':
      return wakingAt(record, now + Math.floor(event.ms));
    default:
      return unreachable(event);
  }
}

/** A person who looks at a paused session has not resumed it. */
function attempted(before: SessionRecord, now: Instant): SessionRecord {
  const { state } = before;
  if (state.name === 'refreshing') return before;
  const record = wasSetBack(before, now) ? { ...before, expiresAt: undefined, expirySeenAt: undefined } : before;
  const made = { ...record, lastAttemptAt: now, askedNobody: undefined };
  if (isPaused(state)) return made;
  const tries = state.name === 'waiting' ? state.tries : 0;
  return { ...made, state: { name: 'refreshing', since: now, failures: failuresOf(state), tries: tries + 1 } };
}

/** Before the last attempt, by the clock: then the expiry that is known is of another time, and says nothing of what a renewal brings. */
const wasSetBack = ({ lastAttemptAt }: SessionRecord, now: Instant): boolean =>
  lastAttemptAt !== undefined && lastAttemptAt > now;

function credentialChanged(
  before: SessionRecord,
  { expiresAt, loginExpiresAt, fingerprint }: Facts,
  policy: Policy,
  now: Instant,
  random: number,
): SessionRecord {
  const { state } = before;
  if (state.name === 'refreshing' || isPaused(state)) return before;
  if (expiresAt === undefined) return rearmed(before, policy, now, 'the credential changed');
  const isNews = expiresAt !== before.expiresAt || loginExpiresAt !== before.loginExpiresAt;
  const record = isNews ? { ...before, expiresAt, loginExpiresAt, expirySeenAt: now } : before;
  if (state.name !== 'alive') return rearmed(record, policy, now, 'the credential changed');
  return isNews ? alive({ ...record, fingerprint }, policy, now, random) : before;
}
