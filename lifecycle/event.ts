import type { Policy } from '../sdk/contract/policy.ts';
import type { Attempt, HeldLogin, Instant, SharedLogin } from '../sdk/contract/session.ts';
import type { Inspection } from '../sdk/contract/outcome.ts';

/** Everything that can happen to a session. Only `transition` turns an event into a change of the session's record. */
export type SessionEvent =
  /** The daemon started, and continues from the record of an earlier run. */
  | { readonly type: 'start' }
  /** An attempt begins. */
  | { readonly type: 'attempt' }
  /** The attempt ended. `id` and `reason` are for the history. */
  | ({ readonly type: 'finish'; readonly result: AttemptResult } & Pick<Attempt, 'id' | 'reason'>)
  /** The user paused the session. A running attempt is aborted, and its result does not end the pause. */
  | { readonly type: 'pause' }
  /** The user resumed a halted session. */
  | { readonly type: 'resume' }
  /** The policy changed. */
  | { readonly type: 'configure' }
  /** The credential was inspected, and the schedule follows what it shows. */
  | { readonly type: 'inspected'; readonly cause: InspectionCause; readonly found: Found }
  /** As `inspected`, but only to show the user the session as its credential is now. The result is never kept. */
  | { readonly type: 'preview'; readonly found: Found }
  /**
   * What is known of the session's login across all sessions. With `rearm`, the session is attempted as soon as no
   * other session keeps the login alive.
   */
  | {
      readonly type: 'login';
      readonly login: HeldLogin | undefined;
      readonly shared: SharedLogin | undefined;
      readonly rearm: boolean;
    }
  /** The machine changed networks. If that may help, the session is attempted after `delayMs`. */
  | { readonly type: 'network'; readonly delayMs: number }
  /** The wall clock moved by `by` milliseconds, as after a sleep. If due, the session is attempted after `delayMs`. */
  | { readonly type: 'clock'; readonly by: number; readonly delayMs: number };

/**
 * Why the credential was inspected: the daemon started, the store changed, it was time to see whether an unavailable
 * session is available again, or the user resumed the session.
 */
export type InspectionCause = 'start' | 'store' | 'unavailable' | 'resumed';

/** What an inspection found; undefined if the provider has no `inspect`. */
export type Found = Inspection | Unreadable | undefined;

/** The credential cannot be read, for this reason. */
export type Unreadable = { readonly unreadable: string };

/** What a transition depends on besides the record and the event. */
export type Context = {
  readonly policy: Policy;
  readonly now: Instant;
  /** From 0 to 1: the share of the policy's jitter. */
  readonly random: number;
};

/** What one attempt established: the provider's outcome with instants for dates, or the failure. */
export type AttemptResult = Pick<Attempt, 'outcome' | 'code' | 'message'> & {
  readonly method?: string | undefined;
  readonly expiresAt?: Instant | undefined;
  readonly loginExpiresAt?: Instant | undefined;
  /** The earliest time for the next attempt, as the vendor or the credential's owner asked. */
  readonly retryAt?: Instant | undefined;
  /** Of the credential as the attempt left it. */
  readonly fingerprint?: string | undefined;
  /** The inspection after the attempt. */
  readonly seen?: Inspection | undefined;
  /** A hash of the inspection after an `unavailable` outcome. */
  readonly sight?: string | undefined;
  /** The attempt used neither the network nor a program. */
  readonly askedNobody?: true | undefined;
  /** The failure does not count: the machine had just woken up, or the attempt was aborted. */
  readonly ignored?: boolean | undefined;
};
