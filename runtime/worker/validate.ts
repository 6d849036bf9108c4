import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { PageFiles } from '../../sdk/plugin/frontend.ts';
import { isRefreshOutcome, outcomeProblem } from '../../sdk/contract/outcome.ts';
import type { Inspection, RefreshOutcome } from '../../sdk/plugin/provider.ts';
import { z } from 'zod';
import { partialPolicySchema } from '../../sdk/contract/schemas.ts';

const faceSchema = z.object({
  kind: z.enum(['provider', 'frontend', 'notifier']),
  id: z.string(),
  displayName: z.string().optional(),
  policy: partialPolicySchema.optional(),
  verbs: z.array(z.string()),
});

/** What a plugin says of itself before it does anything. */
export type Face = z.infer<typeof faceSchema>;

const inspectionSchema: z.ZodType<Inspection> = z.object({
  present: z.boolean(),
  store: z.string().optional(),
  owner: z.string().optional(),
  program: z.string().optional(),
  versionArgs: z.array(z.string()).optional(),
  method: z.string().optional(),
  expiresAt: z.date().optional(),
  loginExpiresAt: z.date().optional(),
  fingerprint: z.string().optional(),
  refreshFingerprint: z.string().optional(),
  account: z.string().optional(),
  loginEndIsFixed: z.boolean().optional(),
  hint: z.string().optional(),
});

const attemptSchema = z.object({ outcome: z.unknown(), hasAsked: z.boolean() });

const pageSchema: z.ZodType<PageFiles> = z.map(
  z.string(),
  z.object({ type: z.string(), body: z.instanceof(Uint8Array) }),
);

/** What came from a plugin's process, looked at before it is believed. Each throws `KA_PLUGIN_INVALID`. */
export const faceFrom = (value: unknown): Face => checked(faceSchema, value, 'what it says of itself');
export const inspectionFrom = (value: unknown): Inspection =>
  checked(inspectionSchema, value, 'what inspect() returned');
export const attemptFrom = (value: unknown): z.infer<typeof attemptSchema> =>
  checked(attemptSchema, value, 'what refresh() returned');
export const pageFrom = (value: unknown): PageFiles => checked(pageSchema, value, 'the page');

export function outcomeFrom(value: unknown): RefreshOutcome {
  if (isRefreshOutcome(value)) return value;
  throw new KeepaliveError('KA_PLUGIN_INVALID', { problem: outcomeProblem(value) });
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new KeepaliveError('KA_PLUGIN_INVALID', {
    problem: `${what} is not as the plugin API says: ${z.prettifyError(result.error)}`,
  });
}
