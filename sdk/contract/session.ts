import { endedOf } from '../base/ended.ts';
import type { Infer } from './base-schema.ts';
import type { noticeSchema } from './notice-schema.ts';
import type {
  attemptSchema,
  heldLoginSchema,
  sessionRecordSchema,
  sessionSchema,
  sharedLoginSchema,
  statesFileSchema,
  stateSchema,
} from './session-schema.ts';

/** Milliseconds since the epoch: the only representation of a time in states, on disk and in the API. */
export type Instant = number;

/** Users read a plan, so no session has more entries than this. */
const MAX_PLANNED = 200;
/** A plan is one message, so its sessions share this many entries. */
const MAX_PLANNED_TOGETHER = 10_000;

/** The most entries of each session in a plan of this many. Each has its next attempt. */
export const maxPlanned = (sessions: number): number =>
  Math.max(1, Math.min(MAX_PLANNED, Math.floor(MAX_PLANNED_TOGETHER / sessions)));

/**
 * The state of a session. The same value in memory, on disk and in the API.
 * `failures` counts answered, unexplained failures in a row; `tries` the attempts of the current cycle.
 */
export type SessionState = Infer<typeof stateSchema>;

/** Why a session is attempted outside its schedule. */
export type WaitReason = Extract<SessionState, { readonly name: 'waiting' }>['why'];

/** Why a session is not attempted until something changes. */
export type HaltReason = Extract<SessionState, { readonly name: 'halted' }>['why'];

/** One call of `refresh`, as the history keeps it. */
export type Attempt = Infer<typeof attemptSchema>;

/** The status of an outcome; `failed`: answered, but not as expected; `offline`: the vendor was not reached. */
export type AttemptOutcome = Attempt['outcome'];

/** A session as clients see it. */
export type Session = Infer<typeof sessionSchema>;

/** One login that two sessions hold in different stores. */
export type SharedLogin = Infer<typeof sharedLoginSchema>;

/** Something the user should know. Raised once per state, and cleared when the state ends. */
export type Notice = Infer<typeof noticeSchema>;

export type NoticeLevel = Notice['level'];
export type NoticeCode = Notice['code'];

/** The version of `states.json` that this program reads and writes. */
export const STATES_VERSION: StatesFile['version'] = 1;

/** What `states.json` holds: enough to go on after a restart, and for a prompt to show without a connection. */
export type StatesFile = Infer<typeof statesFileSchema>;

/** What is remembered of a session across restarts. */
export type SessionRecord = Infer<typeof sessionRecordSchema>;

/** The login in a session's store, by hashes of its refresh tokens. */
export type HeldLogin = Infer<typeof heldLoginSchema>;

/** Whether the user should look at the session: it fails or is halted, but is not paused, offline or deferred. */
export const isFailing = ({ state }: Pick<Session, 'state'>): boolean =>
  (state.name === 'waiting' && state.why === 'backoff') || (state.name === 'halted' && state.why !== 'paused');

export const needsLogin = ({ state }: Pick<Session, 'state'>): boolean =>
  state.name === 'halted' && state.why === 'login-required';

/** The method that the last attempt used. `auto` means that it could not choose one. */
export const usedMethod = ({ lastAttempt }: Pick<SessionRecord, 'lastAttempt'>): string | undefined =>
  lastAttempt?.method === 'auto' ? undefined : lastAttempt?.method;

/** How the session was last kept alive, or will be. */
export const methodOf = (record: Pick<SessionRecord, 'lastAttempt' | 'method'>): string | undefined =>
  usedMethod(record) ?? record.method;

type Ends = Pick<Session, 'state' | 'expiresAt' | 'loginExpiresAt'>;

/**
 * Whether the credential, or the login behind it, has ended without being renewed.
 * False for a session that is paused or is being renewed.
 */
export const isExpired = (session: Ends, now: Instant): boolean =>
  session.state.name !== 'refreshing' &&
  !(session.state.name === 'halted' && session.state.why === 'paused') &&
  endedOf(session, now) !== undefined;
