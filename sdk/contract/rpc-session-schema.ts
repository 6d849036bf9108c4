import { z } from 'zod';
import { instantSchema, named } from './base-schema.ts';
import { policyPatchSchema } from './policy-schema.ts';
import { idSchema, method, noneSchema, targetSchema } from './rpc-base-schema.ts';
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
  'session/look': method('Inspects the credential without using it.', targetSchema, sessionSchema),
  'session/plan': method(
    'The attempts to come until a time. [a day from now]',
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
};

export const sessionNotifications = {
  'session/didChange': { summary: 'The state or the policy of a session has changed.', params: sessionSchema },
  'session/didAttempt': { summary: 'An attempt has settled.', params: attemptSchema },
};
