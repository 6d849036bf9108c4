import { Cron } from 'croner';
import { z } from 'zod';
import { toMs, type Duration } from './duration.ts';
import { durationSchema, intervalSchema, named, timeLimitSchema, timezoneSchema, type Strict } from './base-schema.ts';

export const weekdaySchema = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);

const interval = {
  /** At fixed intervals. */
  mode: z.literal('interval'),
  every: intervalSchema,
};

const A_TIME = 'expected a time of day such as 09:00';

/** `HH:MM`. */
export const timeOfDaySchema = z.string(A_TIME).regex(/^([01]?\d|2[0-3]):[0-5]\d$/, { error: A_TIME });

const daily = {
  /** Once a local day, at a fixed time. */
  mode: z.literal('daily'),
  /** `HH:MM`. */
  at: timeOfDaySchema,
  /** IANA name. [the machine's own] */
  timezone: timezoneSchema.optional(),
  /** Only on these days. [every day] */
  days: z.array(weekdaySchema).min(1).optional(),
};

const beforeExpiry = {
  /** Before the credential expires; every 30 minutes if no expiry is known. */
  mode: z.literal('before-expiry'),
  /** How long before. */
  buffer: durationSchema,
};

const cron = {
  /** By a cron pattern. */
  mode: z.literal('cron'),
  /** Five to seven fields. */
  pattern: z.string(),
  /** IANA name. [the machine's own] */
  timezone: timezoneSchema.optional(),
};

const cronSchema = z.strictObject(cron).superRefine(({ pattern, timezone }, context) => {
  const problem = cronProblem(pattern, timezone);
  if (problem !== undefined)
    context.addIssue({ code: 'custom', message: `expected a cron pattern: ${problem}`, path: ['pattern'] });
});

type Schedules = [Strict<typeof interval>, Strict<typeof daily>, Strict<typeof beforeExpiry>, Strict<typeof cron>];

export interface ScheduleSchema extends z.ZodDiscriminatedUnion<Schedules, 'mode'> {}
export const scheduleSchema: ScheduleSchema = named(
  'Schedule',
  'When a session is attempted.',
  z.discriminatedUnion('mode', [
    z.strictObject(interval),
    z.strictObject(daily),
    z.strictObject(beforeExpiry),
    cronSchema,
  ]),
);

const backoff = {
  /** The wait before the first retry. */
  initial: intervalSchema,
  /** Each further wait is this many times as long. At least 1. */
  factor: z.number().min(1).max(100),
  /** The longest wait. */
  max: intervalSchema,
};

export interface BackoffSchema extends Strict<typeof backoff> {}
export const backoffSchema: BackoffSchema = z.strictObject(backoff);

/** More warnings than this are a mistake. */
const MAX_WARNINGS = 10;

/** The earliest warning first, and of equal ones the first. */
const inOrder = (times: readonly Duration[]): Duration[] =>
  times
    .filter((time, index) => times.findIndex(other => toMs(other) === toMs(time)) === index)
    .toSorted((a, b) => toMs(b) - toMs(a));

/** The members of a policy. Every other list of them is made from this one. */
export const policyShape = {
  /** Whether the session is kept alive at all. */
  enabled: z.boolean(),
  /** When to attempt. */
  schedule: scheduleSchema,
  /** A known expiry moves the attempt to this long before it. In before-expiry mode `buffer` is used instead. */
  refreshBefore: durationSchema,
  /** Renew from half of the known lifetime on, so that a machine that sleeps through the expiry loses nothing. */
  renewEarly: z.boolean(),
  /** The shortest time between two attempts. */
  minInterval: intervalSchema,
  /** Retries in one cycle; after them the session waits for its next tick. */
  retries: z.int().min(0).max(100),
  /** The waits between retries. */
  backoff: backoffSchema,
  /** Answered, unexplained failures in a row after which the session is halted and the user is notified. */
  maxFailures: z.int().min(1).max(1_000),
  /** Time limit of one attempt. */
  timeout: timeLimitSchema,
  /** Fraction (0 … 1) by which wakes are spread. They are never spread beyond `refreshBefore`. */
  jitter: z.number().min(0).max(1),
  /** Whether frontends show the account, masked, if the credential names it. */
  account: z.boolean(),
  /** How long before the end of a login, which no renewal extends, the user is warned. Empty: never. */
  warn: z.array(intervalSchema).max(MAX_WARNINGS).overwrite(inOrder),
};

export interface PolicySchema extends Strict<typeof policyShape> {}
export const policySchema: PolicySchema = named(
  'Policy',
  'When to attempt, and how often to retry.',
  z.strictObject(policyShape),
);

type Optional<S extends z.ZodRawShape> = { [K in keyof S]: z.ZodOptional<S[K]> };

export interface PartialBackoffSchema extends Strict<Optional<typeof backoff>> {}
const partialBackoffSchema: PartialBackoffSchema = backoffSchema.partial();

const layerShape = { ...policyShape, backoff: partialBackoffSchema };

export interface PartialPolicySchema extends Strict<Optional<typeof layerShape>> {}
export const partialPolicySchema: PartialPolicySchema = named(
  'PartialPolicy',
  'What differs from the policy of the layer below.',
  z.strictObject(layerShape).partial(),
);

type Nullish<S extends z.ZodRawShape> = { [K in keyof S]: z.ZodOptional<z.ZodNullable<S[K]>> };

export interface PolicyPatchSchema extends Strict<Nullish<typeof policyShape>> {}
export const policyPatchSchema: PolicyPatchSchema = named(
  'PolicyPatch',
  'Changes to a policy. null returns a member to the configured value.',
  z.strictObject(nullish(policyShape)),
);

function nullish<S extends z.ZodRawShape>(shape: S): Nullish<S> {
  const entries = Object.entries(shape).map(([name, schema]) => [name, z.nullish(schema)]);
  return Object.fromEntries(entries) as Nullish<S>;
}

/** Why a pattern or zone is not valid: croner rejects it, or it matches no date, not even a past one. */
export function cronProblem(pattern: string, timezone?: string): string | undefined {
  try {
    const first = new Cron(pattern, timezone === undefined ? {} : { timezone }).nextRun(new Date(0));
    return first ? undefined : 'it never matches a date';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
