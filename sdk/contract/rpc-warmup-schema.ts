import { z } from 'zod';
import { countSchema, instantSchema, named } from './base-schema.ts';
import { idSchema, method, nothingSchema, targetSchema } from './rpc-base-schema.ts';
import { warmUpScheduleShape } from './warmup-options-schema.ts';

const usageWindow = {
  /** `short`: of some hours, which a warm-up begins. `week`: of a week, which it uses up. */
  kind: z.enum(['short', 'week']),
  /** From 0 to 100, if the vendor says it. */
  usedPercent: z.number().min(0).max(100).optional(),
  /** When it begins, if that is known. */
  startsAt: instantSchema.optional(),
  resetsAt: instantSchema,
};

export interface UsageWindowSchema extends z.ZodObject<typeof usageWindow> {}
export const usageWindowSchema: UsageWindowSchema = named(
  'UsageWindow',
  "A usage window of a vendor's account.",
  z.object(usageWindow),
);

/** Why a warm-up was skipped. */
export const skipReasonSchema = z.enum([
  'missed',
  'not-running',
  'window-running',
  'week-used-up',
  'per-day',
  'in-use',
  'not-signed-in',
  'paused',
  'clock',
  'no-program',
  'unsupported',
  'error',
]);

const warmUpRun = {
  /** The warm-up's id. */
  id: z.string(),
  session: z.string(),
  /** When it was planned. */
  plannedAt: instantSchema,
  endedAt: instantSchema,
  /**
   * `started`: it began a window; `running`: a window was already running; `no-effect`: the prompt was answered, and no
   * window was reported; `refused`: the vendor refused the prompt; `failed`: the program failed; `skipped`: nothing was
   * sent.
   */
  result: z.enum(['started', 'running', 'no-effect', 'refused', 'failed', 'skipped']),
  /** Why it was skipped. */
  reason: skipReasonSchema.optional(),
  /** What happened, as a sentence. */
  message: z.string(),
  /** The windows that were reported. */
  windows: z.array(usageWindowSchema),
};

export interface WarmUpRunSchema extends z.ZodObject<typeof warmUpRun> {}
export const warmUpRunSchema: WarmUpRunSchema = named(
  'WarmUpRun',
  'What a warm-up did at one of its times.',
  z.object(warmUpRun),
);

const cost = {
  /** What is run, with its arguments. */
  command: z.array(z.string()),
  /** About how many tokens a prompt uses. */
  tokens: z.string(),
  /** What the vendor's terms say as we read them. */
  terms: z.string(),
  /** What repeated warm-ups use up, if there are several a day. */
  warning: z.string().optional(),
};

export interface WarmUpCostSchema extends z.ZodObject<typeof cost> {}
export const warmUpCostSchema: WarmUpCostSchema = named('WarmUpCost', 'What a warm-up costs.', z.object(cost));

const planned = {
  at: instantSchema,
  /** Why it will be skipped, as far as that is known now: a sentence. */
  skipped: z.string().optional(),
};

const warmUp = {
  id: z.string(),
  ...warmUpScheduleShape,
  /** Its next times. */
  next: z.array(z.object(planned)),
  /** It paused itself, and why. `warmup/resume` ends that. */
  paused: z.object({ at: instantSchema, why: z.string() }).optional(),
  /** The windows of the account, as last reported. */
  windows: z.array(usageWindowSchema),
  /** When they were reported. */
  windowsAt: instantSchema.optional(),
  last: warmUpRunSchema.optional(),
  cost: warmUpCostSchema.optional(),
  /** How many runs of today count for `perDay`. */
  today: countSchema,
  /** It was added in a frontend, and can be removed there. */
  added: z.literal(true).optional(),
};

export interface WarmUpSchema extends z.ZodObject<typeof warmUp> {}
export const warmUpSchema: WarmUpSchema = named(
  'WarmUp',
  'A warm-up: a prompt that is sent at chosen times, so that a usage window begins then.',
  z.object(warmUp),
);

export const warmUpMethods = {
  'warmup/list': method(
    'The warm-ups, each with its next times. [10 times]',
    z.strictObject({ id: idSchema.optional(), plan: z.int().min(1).max(100).optional() }).default({}),
    z.array(warmUpSchema),
  ),
  'warmup/history': method(
    'What the warm-ups did, newest first.',
    z.strictObject({ id: idSchema.optional(), limit: z.int().min(1).max(1_000).optional() }).default({}),
    z.array(warmUpRunSchema),
  ),
  'warmup/cost': method(
    'What a warm-up would cost. Refuses what `warmup/add` refuses, and adds nothing.',
    z.strictObject({ options: z.record(z.string(), z.unknown()) }),
    warmUpCostSchema,
  ),
  'warmup/add': method(
    'Adds a warm-up. It is kept in `settings.json`. It is not run before its next time.',
    z.strictObject({ options: z.record(z.string(), z.unknown()) }),
    warmUpSchema,
  ),
  'warmup/remove': method('Removes a warm-up that was added with `warmup/add`.', targetSchema, nothingSchema),
  'warmup/resume': method('Resumes a warm-up that has paused itself.', targetSchema, warmUpSchema),
};

export const warmUpNotifications = {
  'warmup/didRun': { summary: 'A warm-up ran, or was skipped.', params: warmUpRunSchema },
};
