import { z } from 'zod';
import { isRecord } from '../../sdk/base/json.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { inspectionSchema } from '../../sdk/contract/outcome-schema.ts';
import { isRefreshOutcome, outcomeProblem, type Inspection, type RefreshOutcome } from '../../sdk/contract/outcome.ts';
import { partialPolicySchema } from '../../sdk/contract/policy-schema.ts';
import { checkValue } from '../../sdk/contract/problems.ts';
import type { PageFiles } from '../../sdk/plugin/frontend.ts';
import type { CodeStep, OpenStep } from '../../sdk/plugin/sign-in.ts';

// What a plugin's process sends is checked before it is used. Each check throws `KA_PLUGIN_INVALID`.

const stepSchema = z.enum(['open', 'code']);

const manifestSchema = z.object({
  kind: z.enum(['provider', 'frontend', 'notifier']),
  id: z.string(),
  displayName: z.string().optional(),
  /** The file that it comes from. */
  file: z.string(),
  policy: partialPolicySchema.optional(),
  /** Where a notifier's notices appear. */
  place: z.string().optional(),
  verbs: z.array(z.string()),
  signIn: z
    .object({
      account: z.string(),
      hosts: z.array(z.string()),
      steps: z.object({ here: z.array(stepSchema), device: z.array(stepSchema) }),
    })
    .optional(),
});

/** What a plugin is and which functions it has. */
export type Manifest = z.infer<typeof manifestSchema>;

const attemptSchema = z.object({ outcome: z.unknown(), hasAsked: z.boolean() });

const openStepSchema = z.object({ url: z.string(), userCode: z.string().optional(), expiresAt: z.date().optional() });
const codeStepSchema = z.object({ url: z.string(), problem: z.string().optional() });

const pageSchema = z.map(z.string(), z.object({ type: z.string(), body: z.instanceof(Uint8Array) }));

export const inspectionFrom = (value: unknown): Inspection => checked(inspectionSchema, value, 'the inspection');
export const attemptFrom = (value: unknown): z.infer<typeof attemptSchema> =>
  checked(attemptSchema, value, 'the result of an attempt');
export const receiptFrom = (value: unknown): string | undefined =>
  checked(z.string().nullish(), value, 'the receipt') ?? undefined;
export const reasonFrom = (value: unknown): string | undefined =>
  checked(z.string().nullish(), value, 'what `unavailable` returns') ?? undefined;
export const openStepFrom = (value: unknown): OpenStep => checked(openStepSchema, value, 'the step of a sign-in');
export const codeStepFrom = (value: unknown): CodeStep => checked(codeStepSchema, value, 'the step of a sign-in');
export const textFrom = (value: unknown): string => checked(z.string(), value, 'the text of the user');
export const pageFrom = (value: unknown): PageFiles => checked(pageSchema, value, 'the page');

/** The members that the plugin's process could check are right. Its policy is checked here. */
export function manifestFrom(value: unknown, module: string): Manifest {
  const result = checkValue(manifestSchema, value, { show: found => JSON.stringify(found) ?? 'nothing' });
  if (result.ok) return result.value;
  const file = isRecord(value) && typeof value['file'] === 'string' ? value['file'] : undefined;
  throw new KeepaliveError('KA_PLUGIN_INVALID', { module, file, problems: result.problems });
}

export function outcomeFrom(value: unknown): RefreshOutcome {
  if (isRefreshOutcome(value)) return value;
  throw new KeepaliveError('KA_PLUGIN_INVALID', { problem: outcomeProblem(value) });
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new KeepaliveError('KA_PLUGIN_INVALID', {
    problem: `${what} does not match the plugin API: ${z.prettifyError(result.error)}`,
  });
}
