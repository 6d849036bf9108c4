import { isRecord } from '../../sdk/base/json.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { inspectionSchema, refreshOutcomeSchema } from '../../sdk/contract/outcome-schema.ts';
import { outcomeProblem } from '../../sdk/contract/outcome.ts';

const MAX_TEXT = 2_000;
const MAX_ITEMS = 20;

const OUTCOME_MEMBERS = new Set(refreshOutcomeSchema.options.flatMap(({ shape }) => Object.keys(shape)));
const INSPECTION_MEMBERS = new Set(Object.keys(inspectionSchema.shape));

/**
 * The members of an outcome that the kernel knows, shortened. A plugin may return a hundred megabytes, which must not
 * cross to the kernel. Throws `KA_PLUGIN_INVALID` if it is not an outcome.
 */
export function pickOutcome(returned: unknown): unknown {
  const problem = outcomeProblem(returned);
  if (problem !== undefined) throw new KeepaliveError('KA_PLUGIN_INVALID', { problem });
  return pick(returned, OUTCOME_MEMBERS);
}

/** The members of an inspection that the kernel knows, shortened. The kernel checks their types. */
export const pickInspection = (returned: unknown): unknown => pick(returned, INSPECTION_MEMBERS);

/** A receipt that is too long is of no use when it is shortened. */
export const pickReceipt = (returned: unknown): unknown =>
  typeof returned === 'string' && returned.length <= MAX_TEXT ? returned : undefined;

/** A text, shortened. The kernel checks that it is one. */
export const pickText = (returned: unknown): unknown =>
  typeof returned === 'string' ? returned.slice(0, MAX_TEXT) : returned;

function pick(value: unknown, names: ReadonlySet<string>): unknown {
  if (!isRecord(value)) return undefined;
  const known = Object.entries(value).filter(([name]) => names.has(name));
  return Object.fromEntries(known.map(([name, member]) => [name, shorten(member)]));
}

function shorten(member: unknown): unknown {
  if (typeof member === 'string') return member.slice(0, MAX_TEXT);
  if (Array.isArray(member)) return member.slice(0, MAX_ITEMS).map(item => String(item).slice(0, MAX_TEXT));
  if (isRecord(member) && !(member instanceof Date)) return shortenEach(member);
  return member instanceof Date || typeof member === 'boolean' ? member : undefined;
}

const shortenEach = (members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(members)
      .slice(0, MAX_ITEMS)
      .map(([name, member]) => [
        name.slice(0, MAX_TEXT),
        typeof member === 'string' ? member.slice(0, MAX_TEXT) : null,
      ]),
  );
