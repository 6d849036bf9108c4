import { z } from 'zod';
import { durationSchema, named, timezoneSchema, type Strict } from './base-schema.ts';
import { noticeCodeSchema, noticeLevelSchema } from './notice-schema.ts';
import { timeOfDaySchema, weekdaySchema } from './policy-schema.ts';

const quietHours = {
  /** When they begin: `HH:MM`. */
  from: timeOfDaySchema,
  /** When they end. The same time as `from`: a day later. */
  to: timeOfDaySchema,
  /** IANA name. [the machine's own] */
  timezone: timezoneSchema.optional(),
  /** Only if they begin on these days. [every day] */
  days: z.array(weekdaySchema).min(1).optional(),
  /** Levels and codes of notices that are delivered all the same. [none] */
  except: z.array(z.enum([...noticeLevelSchema.options, ...noticeCodeSchema.options])).optional(),
};

export interface QuietHoursSchema extends Strict<typeof quietHours> {}
export const quietHoursSchema: QuietHoursSchema = named(
  'QuietHours',
  'A time of day in which notices are held. Their end delivers them as one message.',
  z.strictObject(quietHours),
);

const route = {
  /** Only notices about these sessions, by id. `keepalive` stands for the daemon. [all] */
  sessions: z.array(z.string()).min(1).optional(),
  /** Only notices of these levels. [all] */
  levels: z.array(noticeLevelSchema).min(1).optional(),
  /** Only notices with these codes. [all] */
  codes: z.array(noticeCodeSchema).min(1).optional(),
};

export interface RouteSchema extends Strict<typeof route> {}
export const routeSchema: RouteSchema = named('NoticeRoute', 'Which notices a notifier gets.', z.strictObject(route));

const noticesConfig = {
  quiet: quietHoursSchema.optional(),
  /** How long notices are gathered for one message. 0s: each is delivered alone, at once. [10s] */
  digest: durationSchema.optional(),
  /** By the id of a notifier. One that is not named gets every notice. */
  routes: z.record(z.string(), routeSchema).optional(),
};

export interface NoticesConfigSchema extends Strict<typeof noticesConfig> {}
export const noticesConfigSchema: NoticesConfigSchema = z.strictObject(noticesConfig);
