import { z } from 'zod';

const method = {
  /** How it was established: `touch`, `redeem`, `observe`, or another word of the provider's. */
  method: z.string().optional(),
};

const ends = {
  /** When the credential expires. */
  expiresAt: z.date().optional(),
  /** When the login behind the credential ends. */
  loginExpiresAt: z.date().optional(),
};

const text = z.string().min(1);

const refreshed = {
  /** Renewed now. */
  status: z.literal('refreshed'),
  ...ends,
  ...method,
};

const fresh = {
  /** Checked; nothing was due, or the owner had already renewed it. */
  status: z.literal('fresh'),
  ...ends,
  ...method,
};

const deferred = {
  /** Not now. For example, the owner is using it. */
  status: z.literal('deferred'),
  /** Shown to the user. */
  reason: text,
  until: z.date().optional(),
  ...method,
};

const rateLimited = {
  /** The vendor asked to wait. */
  status: z.literal('rate-limited'),
  retryAt: z.date().optional(),
  ...method,
};

const loginRequired = {
  /** Only the user can help. Needs proof, never a guess. */
  status: z.literal('login-required'),
  /** What the user should do. */
  hint: text,
  /** What shows that no renewal can succeed. */
  proof: text,
  ...method,
};

const unavailable = {
  /** Not installed, not signed in, or retired by the vendor. */
  status: z.literal('unavailable'),
  /** What the user should do. */
  hint: text,
  ...method,
};

type Outcomes = [
  z.ZodObject<typeof refreshed>,
  z.ZodObject<typeof fresh>,
  z.ZodObject<typeof deferred>,
  z.ZodObject<typeof rateLimited>,
  z.ZodObject<typeof loginRequired>,
  z.ZodObject<typeof unavailable>,
];

export interface RefreshOutcomeSchema extends z.ZodDiscriminatedUnion<Outcomes, 'status'> {}
export const refreshOutcomeSchema: RefreshOutcomeSchema = z.discriminatedUnion('status', [
  z.object(refreshed),
  z.object(fresh),
  z.object(deferred),
  z.object(rateLimited),
  z.object(loginRequired),
  z.object(unavailable),
]);

export const OUTCOME_STATUSES = refreshOutcomeSchema.options.map(({ shape }) => shape.status.value);

export const refreshReasonSchema = z.enum(['schedule', 'manual', 'wake', 'changed']);

const inspection = {
  /** Whether there is a credential to keep. */
  present: z.boolean(),
  /** `present` is assumed, from signs of a sign-in: only an attempt can look into the store. */
  assumed: z.boolean().optional(),
  /** Where it is: a path with symbolic links followed, or a description of the store. */
  store: z.string().optional(),
  /** There is a credential, but it cannot be kept alive. `hint` says why. `present` is false. */
  unusable: z.boolean().optional(),
  /** Where it was looked for, if it is not present: paths, or names of stores. */
  places: z.array(z.string()).optional(),
  /** The program that owns and rotates it. */
  owner: z.string().optional(),
  /** Path of the owner's program; undefined if it was not found. */
  program: z.string().optional(),
  /** Environment variables that make the program use this login and no other. null unsets one. */
  variables: z.record(z.string(), z.string().nullable()).optional(),
  /** Arguments that make the program print its version and do nothing else. Undefined if none are known to be safe. */
  versionArgs: z.array(z.string()).optional(),
  /** How it would be kept alive. */
  method: z.string().optional(),
  ...ends,
  /** Changes when the credential does. A hash, never the secret. */
  fingerprint: z.string().optional(),
  /**
   * A hash of the refresh token alone, the same in every copy of one login; absent if a renewal spends none.
   * With it the kernel never renews one login from two stores.
   */
  refreshFingerprint: z.string().optional(),
  /** The account of the login, if the credential names it and no renewal changes it. A hash, never the name. */
  account: z.string().optional(),
  /** The account for display, masked: `m…@example.com, Max`. Make it with `maskAccount`. Never logged. */
  accountLabel: z.string().optional(),
  /** No renewal moves `loginExpiresAt`: another value means that the user has signed in again. */
  loginEndIsFixed: z.boolean().optional(),
  /** What the user does to renew the login before it ends, or after that, as a sentence. */
  renew: z.string().optional(),
  /** What the user should know or do about it. */
  hint: z.string().optional(),
};

export interface InspectionSchema extends z.ZodObject<typeof inspection> {}
export const inspectionSchema: InspectionSchema = z.object(inspection);
