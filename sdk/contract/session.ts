import type { Policy } from './policy.ts';
import type { RefreshOutcome, RefreshReason } from '../plugin/provider.ts';

/** Milliseconds since the epoch: the one representation of a time in states, on disk and on the wire. */
export type Instant = number;

/** Why a session waits out of turn. */
export type WaitReason = 'backoff' | 'offline' | 'rate-limited' | 'deferred';

/** Why a session is not attempted any more until something changes. */
export type HaltReason = 'paused' | 'login-required' | 'unavailable' | 'too-many-failures';

/**
 * Where a session is in its life. The same value in memory, on disk and on the wire.
 * `failures` counts answered, unexplained failures in a row; `tries` the attempts of the cycle under way.
 */
export type SessionState =
  | { readonly name: 'idle'; readonly failures: number; readonly wakeAt: Instant; readonly wakeWhy: string }
  | { readonly name: 'refreshing'; readonly since: Instant; readonly failures: number; readonly tries: number }
  | {
      readonly name: 'alive';
      readonly wakeAt: Instant;
      readonly wakeWhy: string;
      readonly expiresAt?: Instant | undefined;
      readonly loginExpiresAt?: Instant | undefined;
    }
  | {
      readonly name: 'waiting';
      readonly why: WaitReason;
      readonly failures: number;
      readonly tries: number;
      readonly wakeAt: Instant;
      readonly wakeWhy: string;
      readonly hint: string;
    }
  | {
      readonly name: 'halted';
      readonly why: HaltReason;
      readonly hint: string;
      readonly failures: number;
      /** Paused by `enabled: false` in the policy, not by a person. */
      readonly disabled?: true | undefined;
      /** When it is retried, and why then; only after too many failures. */
      readonly wakeAt?: Instant | undefined;
      readonly wakeWhy?: string | undefined;
    };

/** The status of an outcome; or `failed`: answered, but not as expected; or `offline`: the vendor was not reached. */
export type AttemptOutcome = RefreshOutcome['status'] | 'failed' | 'offline';

/** One call of `refresh`, as it is kept in the history. */
export type Attempt = {
  /** The session's id. */
  readonly id: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly reason: RefreshReason;
  /** `touch`, `redeem`, `observe`, or another word of the provider's. */
  readonly method: string;
  readonly outcome: AttemptOutcome;
  /** As counted after this attempt. */
  readonly failures: number;
  /** The error's code, where there was one. */
  readonly code?: string | undefined;
  readonly message?: string | undefined;
};

export type Session = {
  readonly id: string;
  readonly displayName: string;
  /** The plugin module that keeps it, as the configuration names it. */
  readonly provider: string;
  /** How it was last kept alive, or will be. */
  readonly method: string;
  readonly policy: Policy;
  readonly state: SessionState;
  readonly lastAttempt?: Attempt | undefined;
  readonly lastSuccessAt?: Instant | undefined;
  readonly nextAttemptAt?: Instant | undefined;
  readonly nextAttemptWhy?: string | undefined;
  readonly expiresAt?: Instant | undefined;
  /** When this expiry was first seen: with it, how much of the credential's life is over. */
  readonly expirySeenAt?: Instant | undefined;
  readonly loginExpiresAt?: Instant | undefined;
  readonly shared?: SharedLogin | undefined;
};

/** One login that two sessions hold in different stores. */
export type SharedLogin = {
  /** The other session. */
  readonly session: string;
  /** The session that keeps the login alive; the other one waits. */
  readonly holder: string;
  /** The refresh token of the one that waits may be spent. It is not sent again. */
  readonly spent?: true | undefined;
};

export type NoticeLevel = 'info' | 'warning' | 'error';
export type NoticeCode =
  | 'login-required'
  | 'login-ends-soon'
  | 'failing'
  | 'recovered'
  | 'plugin-failed'
  | 'shared-login'
  | 'port-taken'
  | 'link-reused';

/** Something a person should know. Raised once per state, withdrawn when the state ends. */
export type Notice = {
  readonly id: string;
  /** The session's id, or the plugin's where it has no session. */
  readonly session: string;
  readonly level: NoticeLevel;
  readonly code: NoticeCode;
  readonly title: string;
  readonly body: string;
  /** What the person can do, as a command or an instruction. */
  readonly action?: string | undefined;
  readonly raisedAt: Instant;
};

/** Whether a notice concerns the kernel itself, and no session or plugin. */
export const isOfKernel = ({ code }: Pick<Notice, 'code'>): boolean => code === 'port-taken' || code === 'link-reused';

/** The session's trouble that a person should see: failing or halted, but not paused, offline or standing aside. */
export const isFailing = ({ state }: Pick<Session, 'state'>): boolean =>
  (state.name === 'waiting' && state.why === 'backoff') || (state.name === 'halted' && state.why !== 'paused');

export const needsLogin = ({ state }: Pick<Session, 'state'>): boolean =>
  state.name === 'halted' && state.why === 'login-required';

type Ends = Pick<Session, 'state' | 'expiresAt' | 'loginExpiresAt'>;

/**
 * The credential, or the login behind it, has ended and was not renewed.
 * False for a session that is paused, or being renewed just now.
 */
export const isExpired = ({ state, expiresAt, loginExpiresAt }: Ends, now: Instant): boolean =>
  state.name !== 'refreshing' &&
  !(state.name === 'halted' && state.why === 'paused') &&
  [expiresAt, loginExpiresAt].some(end => end !== undefined && end <= now);

/** What `states.json` holds: enough to go on after a restart, and for a prompt to show without a connection. */
export type StatesFile = {
  readonly version: 1;
  readonly sessions: Readonly<Record<string, SessionRecord>>;
  readonly notices: readonly Notice[];
};

/** What is remembered of a session across restarts. */
export type SessionRecord = {
  readonly displayName: string;
  readonly state: SessionState;
  /** When the last attempt began; written down before it is made. */
  readonly lastAttemptAt?: Instant | undefined;
  readonly lastAttempt?: Attempt | undefined;
  readonly lastSuccessAt?: Instant | undefined;
  readonly expiresAt?: Instant | undefined;
  readonly loginExpiresAt?: Instant | undefined;
  /** When this expiry was first seen: the start of the life that is halved to find the earliest renewal. */
  readonly expirySeenAt?: Instant | undefined;
  /** Nothing is sent to the vendor before this: its Retry-After. */
  readonly vendorWaitUntil?: Instant | undefined;
  /** Of the credential as the last attempt left it; one that needs a login, as the attempt found it. */
  readonly fingerprint?: string | undefined;
  /** What the provider's inspection said, as a hash, when the session was halted as unavailable. */
  readonly sight?: string | undefined;
  /** The last attempt used neither the network nor a program. */
  readonly askedNobody?: true | undefined;
  /** How the session will be kept alive, as an inspection showed it before the first attempt. */
  readonly method?: string | undefined;
  /** The reason for the next scheduled attempt, if it is not the schedule. */
  readonly nextReason?: 'wake' | 'changed' | undefined;
  readonly login?: HeldLogin | undefined;
  readonly shared?: SharedLogin | undefined;
};

/** The login in a session's store, by hashes of its refresh tokens. */
export type HeldLogin = {
  readonly store?: string | undefined;
  /** Of the refresh token that the store holds. */
  readonly refresh?: string | undefined;
  /** This session only observes, and spends no token. */
  readonly observes?: true | undefined;
  /** Whose login it is, where that is known. */
  readonly account?: string | undefined;
  /** When the login ends, where no renewal moves that. */
  readonly endsAt?: Instant | undefined;
  /** Of those that it held before and that are, or may be, spent, newest first. */
  readonly spent: readonly string[];
  /** The session that has spent, or may have spent, the refresh token which this store still holds. */
  readonly spentBy?: string | undefined;
};
