import { z } from 'zod';
import { DURATION_FORM, isDuration, toMs, type Duration } from './duration.ts';

/** What a schema accepts, read-only at every depth. Documentation of members is kept. */
export type Infer<S extends z.ZodType> = DeepReadonly<z.output<S>>;

type DeepReadonly<T> = T extends Date ? T : T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** An object without unknown members. */
export type Strict<S extends z.ZodRawShape> = z.ZodObject<S, z.core.$strict>;

/** Node's timers overflow beyond this. */
const MAX_TIMER = '24d';
const MAX_DURATION = '360d';

// Each schema has an interface, because declaration files keep the names of interfaces, and with them the documentation
// of members. Inferred types are written out there without it.

const A_DURATION = 'expected a duration such as 500ms, 90s, 30m, 1h or 7d';

export interface DurationSchema extends z.ZodType<Duration> {}
export const durationSchema: DurationSchema = z
  .string(A_DURATION)
  .refine(isDuration, { error: A_DURATION, abort: true })
  .refine(text => toMs(text) <= toMs(MAX_DURATION), { error: `expected at most ${MAX_DURATION}`, abort: true })
  .meta({
    description: 'A duration: a number and one of ms, s, m, h, d.',
    examples: ['90s', '30m'],
    // No document says what a refinement accepts.
    pattern: DURATION_FORM.source,
  });

export const intervalSchema = durationSchema.refine(text => toMs(text) >= 100, { error: 'expected at least 100ms' });

export const timeLimitSchema = intervalSchema.refine(text => toMs(text) <= toMs(MAX_TIMER), {
  error: `expected at most ${MAX_TIMER}`,
});

export const timezoneSchema = z.string().refine(isTimezone, { error: 'expected a time zone such as Europe/Berlin' });

/** Dates do not go beyond this. */
const LAST_DATE = 8.64e15;

export const instantSchema = z
  .int()
  .min(-LAST_DATE)
  .max(LAST_DATE)
  .meta({ description: 'Milliseconds since the epoch.' });

export const countSchema = z.int().min(0);

/** Gives a schema its name in the documents that are made from it. */
export const named = <S extends z.ZodType>(id: string, description: string, schema: S): S =>
  schema.meta({ id, title: id, description });

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
