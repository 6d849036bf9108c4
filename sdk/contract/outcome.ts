import { z } from 'zod';
import type { Infer } from './base-schema.ts';
import {
  inspectionSchema,
  OUTCOME_STATUSES,
  refreshOutcomeSchema,
  type refreshReasonSchema,
} from './outcome-schema.ts';

/** The outcome of one attempt. */
export type RefreshOutcome = Infer<typeof refreshOutcomeSchema>;

/** Why an attempt is made. */
export type RefreshReason = Infer<typeof refreshReasonSchema>;

/** What is known of a credential without using it. Never carries a secret. */
export type Inspection = Infer<typeof inspectionSchema>;

/** Whether a value is an outcome that the kernel can act on. */
export const isRefreshOutcome = (value: unknown): value is RefreshOutcome => outcomeProblem(value) === undefined;

/** Why a value is not an outcome, as a sentence; undefined if it is one. */
export function outcomeProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'The outcome is not an object.';
  const { status } = { status: undefined, ...value };
  const option = refreshOutcomeSchema.options.find(({ shape }) => shape.status.value === status);
  if (!option) return `The status is not one of ${OUTCOME_STATUSES.join(', ')}.`;
  return memberProblem(option.shape, { ...value }, `outcome "${status}"`);
}

/** Why a value is not an inspection, as a sentence; undefined if it is one. */
export function inspectionProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'The inspection is not an object.';
  return memberProblem(inspectionSchema.shape, { ...value }, 'inspection');
}

const KINDS: Readonly<Record<string, string>> = { date: 'valid Date', string: 'text', array: 'list of texts' };

function kindOf(schema: unknown): string {
  const inner: unknown = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const type = inner instanceof z.ZodType ? inner.type : 'value';
  return KINDS[type] ?? type;
}

function memberProblem(shape: z.ZodRawShape, members: object, owner: string): string | undefined {
  for (const [name, schema] of Object.entries(shape)) {
    const member: unknown = Reflect.get(members, name);
    if (z.safeParse(schema, member).success) continue;
    const kind = kindOf(schema);
    return member === undefined || member === ''
      ? `The ${owner} needs a ${kind} "${name}".`
      : `"${name}" of the ${owner} is not a ${kind}.`;
  }
  return undefined;
}
