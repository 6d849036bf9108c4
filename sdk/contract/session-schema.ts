import { z } from 'zod';
import { countSchema, instantSchema, named } from './base-schema.ts';
import { noticeSchema } from './notice-schema.ts';
import { OUTCOME_STATUSES, refreshReasonSchema } from './outcome-schema.ts';
import { policySchema } from './policy-schema.ts';

const wake = {
  /** When it is attempted next. */
  wakeAt: instantSchema,
  /** Why then, for the user. */
  wakeWhy: z.string(),
};

/** Answered, unexplained failures in a row. */
const failures = countSchema;
/** Attempts of the current cycle. */
const tries = countSchema;

const idle = {
  /** Not attempted yet. */
  name: z.literal('idle'),
  failures,
  ...wake,
};

const refreshing = {
  /** An attempt is running. */
  name: z.literal('refreshing'),
  since: instantSchema,
  failures,
  tries,
};

const alive = {
  /** Good until the next tick. */
  name: z.literal('alive'),
  ...wake,
  expiresAt: instantSchema.optional(),
  loginExpiresAt: instantSchema.optional(),
};

const waiting = {
  /** Attempted again soon, outside the schedule. */
  name: z.literal('waiting'),
  why: z.enum(['backoff', 'offline', 'rate-limited', 'deferred']),
  failures,
  tries,
  ...wake,
  hint: z.string(),
};

const halted = {
  /** Not attempted until something changes. */
  name: z.literal('halted'),
  why: z.enum(['paused', 'login-required', 'unavailable', 'too-many-failures']),
  hint: z.string(),
  failures,
  /** Paused by `enabled: false` in the policy, not by the user. */
  disabled: z.literal(true).optional(),
  /** When it is attempted again. Only after too many failures. */
  wakeAt: instantSchema.optional(),
  wakeWhy: z.string().optional(),
};

type States = [
  z.ZodObject<typeof idle>,
  z.ZodObject<typeof refreshing>,
  z.ZodObject<typeof alive>,
  z.ZodObject<typeof waiting>,
  z.ZodObject<typeof halted>,
];

export interface StateSchema extends z.ZodDiscriminatedUnion<States, 'name'> {}
export const stateSchema: StateSchema = named(
  'SessionState',
  'The state of a session. The same value in memory, on disk and in the API.',
  z.discriminatedUnion('name', [
    z.object(idle),
    z.object(refreshing),
    z.object(alive),
    z.object(waiting),
    z.object(halted),
  ]),
);

const attempt = {
  /** The session's id. */
  id: z.string(),
  startedAt: instantSchema,
  endedAt: instantSchema,
  reason: refreshReasonSchema,
  /** `touch`, `redeem`, `observe`, or another word of the provider's. */
  method: z.string(),
  /** The status of an outcome; `failed`: answered, but not as expected; `offline`: the vendor was not reached. */
  outcome: z.enum([...OUTCOME_STATUSES, 'failed', 'offline']),
  /** As counted after this attempt. */
  failures,
  /** The error's code, if there was one. */
  code: z.string().optional(),
  message: z.string().optional(),
};

export interface AttemptSchema extends z.ZodObject<typeof attempt> {}
export const attemptSchema: AttemptSchema = named(
  'Attempt',
  'One call of refresh, as the history keeps it.',
  z.object(attempt),
);

const sharedLogin = {
  /** The other session. */
  session: z.string(),
  /** The session that keeps the login alive; the other one waits. */
  holder: z.string(),
  /** The refresh token of the session that waits may be spent. It is not sent again. */
  spent: z.literal(true).optional(),
};

export interface SharedLoginSchema extends z.ZodObject<typeof sharedLogin> {}
export const sharedLoginSchema: SharedLoginSchema = named(
  'SharedLogin',
  'One login that two sessions hold in different stores.',
  z.object(sharedLogin),
);

/** The login in a session's store, by hashes of its refresh tokens. */
const heldLogin = {
  store: z.string().optional(),
  /** The refresh token that the store holds. */
  refresh: z.string().optional(),
  /** This session only observes, and spends no token. */
  observes: z.literal(true).optional(),
  /** A session of another machine that uses this very store, as `machine/session`. */
  storeWith: z.string().optional(),
  /** The account of the login, if it is known. */
  account: z.string().optional(),
  /** When the login ends, if no renewal moves that. */
  endsAt: instantSchema.optional(),
  /** Refresh tokens that the store held before and that are, or may be, spent. Newest first. */
  spent: z.array(z.string()),
  /** The session that has spent, or may have spent, the refresh token which this store still holds. */
  spentBy: z.string().optional(),
};

export interface HeldLoginSchema extends z.ZodObject<typeof heldLogin> {}
export const heldLoginSchema: HeldLoginSchema = z.object(heldLogin);

/** What the record of a session and its view have in common. */
const known = {
  displayName: z.string(),
  state: stateSchema,
  lastAttempt: attemptSchema.optional(),
  /** When it was last checked with success. */
  lastSuccessAt: instantSchema.optional(),
  /** When it was last renewed, by keepalive or by its own program. */
  lastRenewedAt: instantSchema.optional(),
  expiresAt: instantSchema.optional(),
  /** When this expiry was first seen: the start of the lifetime that is halved to find the earliest renewal. */
  expirySeenAt: instantSchema.optional(),
  loginExpiresAt: instantSchema.optional(),
  /** What the user does to renew the login, as a sentence. */
  renew: z.string().optional(),
  shared: sharedLoginSchema.optional(),
};

const sessionRecord = {
  ...known,
  /** When the last attempt began; saved before the attempt is made. */
  lastAttemptAt: instantSchema.optional(),
  /** Nothing is sent to the vendor before this: its Retry-After. */
  vendorWaitUntil: instantSchema.optional(),
  /** The fingerprint of the credential after the last attempt; if it needs a login, before that attempt. */
  fingerprint: z.string().optional(),
  /** A hash of the provider's inspection at the time the session was halted as unavailable. */
  sight: z.string().optional(),
  /** The last attempt used neither the network nor a program. */
  askedNobody: z.literal(true).optional(),
  /** How the session will be kept alive, as an inspection showed it before the first attempt. */
  method: z.string().optional(),
  /** The reason for the next scheduled attempt, if it is not the schedule. */
  nextReason: z.enum(['wake', 'changed']).optional(),
  login: heldLoginSchema.optional(),
};

export interface SessionRecordSchema extends z.ZodObject<typeof sessionRecord> {}
export const sessionRecordSchema: SessionRecordSchema = z.object(sessionRecord);

const session = {
  id: z.string(),
  ...known,
  /** The plugin module that keeps it, as the configuration names it. */
  provider: z.string(),
  /** How it was last kept alive, or will be. */
  method: z.string(),
  /** The account, masked, and its plan, if the credential names them: `m…@example.com, Max`. */
  account: z.string().optional(),
  /** Set if `login/start` helps the user to sign in. `first`: its store holds no login yet; `again`: it holds one. */
  signIn: z.enum(['first', 'again']).optional(),
  /** The user added it in a frontend, so `session/remove` can remove it. */
  added: z.literal(true).optional(),
  policy: policySchema,
  nextAttemptAt: instantSchema.optional(),
  /** Why then, for the user. */
  nextAttemptWhy: z.string().optional(),
};

export interface SessionSchema extends z.ZodObject<typeof session> {}
export const sessionSchema: SessionSchema = named('Session', 'A session as clients see it.', z.object(session));

const statesFile = {
  version: z.literal(1),
  sessions: z.record(z.string(), sessionRecordSchema),
  notices: z.array(noticeSchema),
  /** The sessions that the daemon keeps, in order. The records of others are only remembered. */
  kept: z.array(z.string()).optional(),
  /** When the daemon stopped cleanly. Absent while one runs, and after one was killed. */
  stoppedAt: instantSchema.optional(),
  /** The id of the log that may have later changes. */
  changes: z.string().optional(),
};

export interface StatesFileSchema extends z.ZodObject<typeof statesFile> {}
export const statesFileSchema: StatesFileSchema = z.object(statesFile);
