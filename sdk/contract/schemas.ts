import { z } from 'zod';
import { isDuration, toMs } from './duration.ts';
import type { Policy } from './policy.ts';
import type { Endpoint } from './rpc.ts';
import type { Attempt, HeldLogin, Notice, Session, SessionRecord, SessionState, SharedLogin } from './session.ts';
import { cronProblem } from './cron.ts';

// The shapes that cross a boundary: configuration, settings, states on disk, params and results of the API.

/** Node's timers overflow beyond this. */
const MAX_TIMER = '24d' as const;
const MAX_DURATION = '360d' as const;

const duration = z
  .string()
  .refine(isDuration, { error: 'expected a duration such as 500ms, 90s, 30m, 1h or 7d', abort: true })
  .refine(text => toMs(text) <= toMs(MAX_DURATION), { error: `expected at most ${MAX_DURATION}`, abort: true })
  .meta({ description: 'A duration: a number and one of ms, s, m, h, d.', examples: ['90s', '30m'] });
const positive = duration.refine(text => toMs(text) >= 100, { error: 'expected at least 100ms' });
const timezone = z.string().refine(isTimezone, { error: 'expected a time zone such as Europe/Berlin' });

export const scheduleSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('interval'), every: positive }),
  z.strictObject({
    mode: z.literal('daily'),
    at: z.string().regex(/^([01]?\d|2[0-3]):[0-5]\d$/, { error: 'expected a time of day such as 09:00' }),
    timezone: timezone.optional(),
    days: z
      .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
      .min(1)
      .optional(),
  }),
  z.strictObject({ mode: z.literal('before-expiry'), buffer: duration }),
  z
    .strictObject({ mode: z.literal('cron'), pattern: z.string(), timezone: timezone.optional() })
    .superRefine(({ pattern, timezone: zone }, context) => {
      const problem = cronProblem(pattern, zone);
      if (problem !== undefined)
        context.addIssue({ code: 'custom', message: `expected a cron pattern: ${problem}`, path: ['pattern'] });
    }),
]);

export const policyShape = {
  enabled: z.boolean(),
  schedule: scheduleSchema,
  refreshBefore: duration,
  renewEarly: z.boolean(),
  minInterval: positive,
  retries: z.int().min(0).max(100),
  backoff: z.strictObject({ initial: positive, factor: z.number().min(1).max(100), max: positive }),
  maxFailures: z.int().min(1).max(1_000),
  timeout: positive.refine(text => toMs(text) <= toMs(MAX_TIMER), { error: `expected at most ${MAX_TIMER}` }),
  jitter: z.number().min(0).max(1),
};

export const policySchema: z.ZodType<Policy> = z.strictObject(policyShape);
export const partialPolicySchema = z.strictObject(policyShape).partial();
export const policyPatchSchema = z.strictObject({
  enabled: policyShape.enabled.nullish(),
  schedule: policyShape.schedule.nullish(),
  refreshBefore: policyShape.refreshBefore.nullish(),
  renewEarly: policyShape.renewEarly.nullish(),
  minInterval: policyShape.minInterval.nullish(),
  retries: policyShape.retries.nullish(),
  backoff: policyShape.backoff.nullish(),
  maxFailures: policyShape.maxFailures.nullish(),
  timeout: policyShape.timeout.nullish(),
  jitter: policyShape.jitter.nullish(),
});

/** Beyond it there are no dates. */
const LAST_DATE = 8.64e15;

export const instant = z.int().min(-LAST_DATE).max(LAST_DATE).meta({ description: 'Milliseconds since the epoch.' });
const count = z.int().min(0);
const wake = { wakeAt: instant, wakeWhy: z.string() };

export const stateSchema: z.ZodType<SessionState> = z.discriminatedUnion('name', [
  z.object({ name: z.literal('idle'), failures: count, ...wake }),
  z.object({ name: z.literal('refreshing'), since: instant, failures: count, tries: count }),
  z.object({ name: z.literal('alive'), ...wake, expiresAt: instant.optional(), loginExpiresAt: instant.optional() }),
  z.object({
    name: z.literal('waiting'),
    why: z.enum(['backoff', 'offline', 'rate-limited', 'deferred']),
    failures: count,
    tries: count,
    ...wake,
    hint: z.string(),
  }),
  z.object({
    name: z.literal('halted'),
    why: z.enum(['paused', 'login-required', 'unavailable', 'too-many-failures']),
    hint: z.string(),
    failures: count,
    disabled: z.literal(true).optional(),
    wakeAt: instant.optional(),
    wakeWhy: z.string().optional(),
  }),
]);

export const attemptSchema: z.ZodType<Attempt> = z.object({
  id: z.string(),
  startedAt: instant,
  endedAt: instant,
  reason: z.enum(['schedule', 'manual', 'wake', 'changed']),
  method: z.string(),
  outcome: z.enum([
    'refreshed',
    'fresh',
    'deferred',
    'rate-limited',
    'login-required',
    'unavailable',
    'failed',
    'offline',
  ]),
  failures: count,
  code: z.string().optional(),
  message: z.string().optional(),
});

const sharedSchema: z.ZodType<SharedLogin> = z.object({
  session: z.string(),
  holder: z.string(),
  spent: z.literal(true).optional(),
});

const heldLoginSchema: z.ZodType<HeldLogin> = z.object({
  store: z.string().optional(),
  refresh: z.string().optional(),
  observes: z.literal(true).optional(),
  account: z.string().optional(),
  endsAt: instant.optional(),
  spent: z.array(z.string()),
  spentBy: z.string().optional(),
});

export const sessionRecordSchema: z.ZodType<SessionRecord> = z.object({
  displayName: z.string(),
  state: stateSchema,
  lastAttemptAt: instant.optional(),
  lastAttempt: attemptSchema.optional(),
  lastSuccessAt: instant.optional(),
  expiresAt: instant.optional(),
  loginExpiresAt: instant.optional(),
  expirySeenAt: instant.optional(),
  vendorWaitUntil: instant.optional(),
  fingerprint: z.string().optional(),
  sight: z.string().optional(),
  askedNobody: z.literal(true).optional(),
  method: z.string().optional(),
  nextReason: z.enum(['wake', 'changed']).optional(),
  login: heldLoginSchema.optional(),
  shared: sharedSchema.optional(),
});

export const sessionSchema: z.ZodType<Session> = z.object({
  id: z.string(),
  displayName: z.string(),
  provider: z.string(),
  method: z.string(),
  policy: policySchema,
  state: stateSchema,
  lastAttempt: attemptSchema.optional(),
  lastSuccessAt: instant.optional(),
  nextAttemptAt: instant.optional(),
  nextAttemptWhy: z.string().optional(),
  expiresAt: instant.optional(),
  expirySeenAt: instant.optional(),
  loginExpiresAt: instant.optional(),
  shared: sharedSchema.optional(),
});

export const endpointSchema: z.ZodType<Endpoint> = z.object({
  url: z.string(),
  token: z.string(),
  pid: z.int(),
  version: z.string(),
  startedAt: instant,
  process: z.string().optional(),
  proof: z.literal(1).optional(),
});

export const noticeSchema: z.ZodType<Notice> = z.object({
  id: z.string(),
  session: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  code: z.enum([
    'login-required',
    'login-ends-soon',
    'failing',
    'recovered',
    'plugin-failed',
    'shared-login',
    'port-taken',
    'link-reused',
  ]),
  title: z.string(),
  body: z.string(),
  action: z.string().optional(),
  raisedAt: instant,
});

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
