import { z } from 'zod';
import { toMs } from './duration.ts';
import { durationSchema, timezoneSchema } from './base-schema.ts';
import { timeOfDaySchema, weekdaySchema } from './policy-schema.ts';

const MIN_EVERY = '15m';
const MAX_EVERY = '4h';
const MAX_LATE = '3h';

const within = (least: `${number}m`, most: `${number}h`) =>
  durationSchema.refine(text => toMs(text) >= toMs(least) && toMs(text) <= toMs(most), {
    error: `expected between ${least} and ${most}`,
  });

/** When a warm-up is made, and how often at most. */
export const warmUpScheduleShape = {
  /** The session whose account it uses. */
  session: z.string().min(1).max(200),
  /** Times of day, `HH:MM`. */
  at: z.array(timeOfDaySchema).min(1).max(12).optional(),
  /** Instead of `at`: again and again, each time as soon as no window runs. */
  every: within(MIN_EVERY, MAX_EVERY).optional(),
  /** Only on these days. [every day] */
  days: z.array(weekdaySchema).min(1).optional(),
  /** IANA name. [the machine's own] */
  timezone: timezoneSchema.optional(),
  /** Local days without a warm-up: `2026-12-25`. */
  skip: z.array(z.iso.date('expected a date such as 2026-12-25')).max(400).optional(),
  /** What to do when the machine slept at the time: `skip`, or make it up to this much later. [skip] */
  missed: z.union([z.literal('skip'), within('1m', MAX_LATE)]).optional(),
  /** How many prompts are sent on one local day at most. [1] */
  perDay: z.int().min(1).max(24).optional(),
  /** The model. [the vendor's smallest] */
  model: z
    .string()
    .regex(/^[A-Za-z0-9][\w.:-]{0,99}$/, 'expected the name of a model')
    .optional(),
};
