import { z } from 'zod';
import { policyShape, scheduleSchema } from '../../../sdk/contract/policy-schema.ts';
import { parseSchedule, SCHEDULE_FORMS } from './schedule.ts';

/** How the value of one key is written on a command line. */
export type Kind = {
  readonly expects: string;
  /** Throws a ZodError if the text is not such a value. */
  readonly parse: (text: string) => unknown;
};

/** What can be set, by key: the members of a policy; `backoff.initial` is a member of a member. */
export const KINDS: ReadonlyMap<string, Kind> = new Map(
  Object.entries(policyShape).flatMap(([key, schema]) => kindsOf(key, schema)),
);

function kindsOf(key: string, schema: z.core.$ZodType): readonly (readonly [string, Kind])[] {
  if (schema === scheduleSchema) return [[key, { expects: SCHEDULE_FORMS, parse: parseSchedule }]];
  if (!(schema instanceof z.ZodObject)) return [[key, kindOf(key, schema)]];
  const parts: readonly (readonly [string, z.core.$ZodType])[] = Object.entries(schema.shape);
  return parts.flatMap(([part, inner]) => kindsOf(`${key}.${part}`, inner));
}

function kindOf(key: string, schema: z.core.$ZodType): Kind {
  const { type, minimum = 0, maximum } = z.toJSONSchema(schema);
  const range = `from ${minimum} to ${maximum}`;
  const kind = (expects: string, read: (text: string) => unknown): Kind => ({
    expects,
    parse: text => z.parse(schema, read(text)),
  });
  switch (type) {
    case 'boolean':
      return kind('true or false', text => (text === 'true' ? true : text === 'false' ? false : undefined));
    case 'integer':
      return kind(`a whole number ${range}`, toNumber);
    case 'number':
      return kind(`a number ${range}`, toNumber);
    case 'array':
      return kind('up to 10 durations such as 30d,7d,1d, or none', text => (text === 'none' ? [] : text.split(',')));
    case 'string':
      return kind('a duration: 90s, 30m, 1h, 7d', text => text);
    default:
      throw new TypeError(`The policy member ${key} cannot be written on a command line.`);
  }
}

function toNumber(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
