import { z } from 'zod';
import { countSchema, instantSchema, named } from './base-schema.ts';
import { policyPatchSchema } from './policy-schema.ts';
import { idSchema, method, noneSchema, nothingSchema, targetSchema } from './rpc-base-schema.ts';
import { additionSchema } from './rpc-tool-schema.ts';
import { attemptSchema, sessionSchema } from './session-schema.ts';

const explanation = {
  id: z.string(),
  /** Sentences for the user. */
  text: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
};

export interface ExplanationSchema extends z.ZodObject<typeof explanation> {}
export const explanationSchema: ExplanationSchema = named(
  'Explanation',
  'Why the next attempt is when it is.',
  z.object(explanation),
);

const plannedAttempt = { id: z.string(), at: instantSchema, why: z.string() };

export interface PlannedAttemptSchema extends z.ZodObject<typeof plannedAttempt> {}
export const plannedAttemptSchema: PlannedAttemptSchema = named(
  'PlannedAttempt',
  'An attempt to come.',
  z.object(plannedAttempt),
);

const sessionDay = {
  id: z.string(),
  /** A local day of the daemon's machine: `2026-10-12`. */
  day: z.iso.date(),
  /** How often the session was renewed, by keepalive or by its own program. */
  renewed: countSchema,
  /** Attempts that found it good, with nothing to renew. */
  checked: countSchema,
  /** Attempts that failed. Attempts without a network do not count. */
  failed: countSchema,
  /** How long the credential was expired while the session was not paused, in milliseconds. */
  lapsedMs: countSchema,
};

export interface SessionDaySchema extends z.ZodObject<typeof sessionDay> {}
export const sessionDaySchema: SessionDaySchema = named(
  'SessionDay',
  'What happened to a session on one day.',
  z.object(sessionDay),
);

const ownerProgram = {
  /** The path of the program that owns the session's login, if it is installed. */
  program: z.string().optional(),
  /** Environment variables that make it use this login and no other. null unsets one. */
  variables: z.record(z.string(), z.string().nullable()),
  /** The account, if the login names it. A hash. */
  account: z.string().optional(),
};

export interface OwnerProgramSchema extends z.ZodObject<typeof ownerProgram> {}
export const ownerProgramSchema: OwnerProgramSchema = named(
  'OwnerProgram',
  "How to run a session's own program.",
  z.object(ownerProgram),
);

export const sessionMethods = {
  'session/list': method('All sessions.', noneSchema, z.array(sessionSchema)),
  'session/get': method('One session.', targetSchema, sessionSchema),
  'session/refresh': method(
    'Attempts now, and answers when the attempt has settled. With force, also if nothing is due.',
    z.strictObject({ id: idSchema, force: z.boolean().optional() }),
    sessionSchema,
  ),
  'session/pause': method('Pauses a session until it is resumed.', targetSchema, sessionSchema),
  'session/resume': method('Resumes a paused session.', targetSchema, sessionSchema),
  'session/configure': method(
    'Changes members of the policy. null returns a member to the configured value.',
    z.strictObject({ id: idSchema, policy: policyPatchSchema }),
    sessionSchema,
  ),
  'session/explain': method('Why the next attempt is when it is.', targetSchema, explanationSchema),
  'session/program': method(
    'The program that owns the login, and the variables with which it uses that login.',
    targetSchema,
    ownerProgramSchema,
  ),
  'session/look': method('Inspects the credential without using it.', targetSchema, sessionSchema),
  'session/plan': method(
    'The attempts to come until a time: at most 200 of a session, fewer of each among many. [a day from now]',
    z.strictObject({ id: idSchema.optional(), until: instantSchema.optional() }).default({}),
    z.array(plannedAttemptSchema),
  ),
  'session/history': method(
    'The attempts that were made, newest first.',
    z
      .strictObject({
        id: idSchema.optional(),
        limit: z.int().min(1).max(10_000).optional(),
        before: instantSchema.optional(),
      })
      .default({}),
    z.array(attemptSchema),
  ),
  'session/days': method(
    'What happened on each of the last days, oldest first. Days on which nothing happened are left out. [30 days]',
    z.strictObject({ id: idSchema.optional(), days: z.int().min(1).max(90).optional() }).default({}),
    z.array(sessionDaySchema),
  ),
  'session/add': method(
    'Adds a session of a built-in provider. It is kept in `settings.json`, and its options are checked as those in ' +
      'the configuration are.',
    z.strictObject(additionSchema.shape),
    sessionSchema,
  ),
  'session/remove': method(
    'Removes a session that was added with `session/add`. Its credential stays as it is.',
    targetSchema,
    nothingSchema,
  ),
};

export const sessionNotifications = {
  'session/didChange': { summary: 'The state or the policy of a session has changed.', params: sessionSchema },
  'session/didAttempt': { summary: 'An attempt has settled.', params: attemptSchema },
};
