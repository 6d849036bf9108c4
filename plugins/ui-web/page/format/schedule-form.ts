import { unreachable } from '../../../../sdk/base/unreachable.ts';
import type { Duration } from '../../../../sdk/contract/duration.ts';
import type { Schedule, Weekday } from '../../../../sdk/contract/policy.ts';
import { describeDuration } from '../../../../sdk/wording/duration.ts';

export type Mode = Schedule['mode'];

export const NOT_A_DURATION = 'Write a number and a unit, such as 90 s, 5 min, 2 h or 1 day.';

/** The days of the week as the user sees them. */
export const DAYS: Readonly<Record<Weekday, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};
const isWeekday = (text: string): text is Weekday => Object.hasOwn(DAYS, text);
const WEEK = Object.keys(DAYS).filter(isWeekday);

/** The contents of the fields of every mode, as the user left them. */
export type Drafts = {
  readonly buffer: string;
  readonly every: string;
  readonly at: string;
  readonly timezone: string;
  readonly pattern: string;
  /** The days of a daily schedule, joined by commas. */
  readonly days: string;
};

const EMPTY: Drafts = {
  buffer: '5 min',
  every: '30 min',
  at: '09:00',
  timezone: '',
  pattern: '0 9 * * *',
  days: WEEK.join(),
};

export const daysIn = (days: string): readonly Weekday[] => WEEK.filter(day => days.split(',').includes(day));

/** The days with this one added or removed. */
export const withDay = (days: string, day: Weekday, on: boolean): string =>
  WEEK.filter(one => (one === day ? on : daysIn(days).includes(one))).join();

/** The fields that the schedule fills. The other ones keep what was typed into them. */
export function draftsOf(schedule: Schedule): Partial<Drafts> {
  switch (schedule.mode) {
    case 'before-expiry':
      return { buffer: describeDuration(schedule.buffer) };
    case 'interval':
      return { every: describeDuration(schedule.every) };
    case 'daily':
      return {
        at: schedule.at.padStart(5, '0'),
        timezone: schedule.timezone ?? '',
        days: (schedule.days ?? WEEK).join(),
      };
    case 'cron':
      return { pattern: schedule.pattern, timezone: schedule.timezone ?? '' };
    default:
      return unreachable(schedule);
  }
}

/** All fields for the schedule. */
export const allDraftsOf = (schedule: Schedule): Drafts => ({ ...EMPTY, ...draftsOf(schedule) });

/** The schedule that the fields of a mode describe, or why they describe none. */
export function scheduleOf(mode: Mode, drafts: Drafts): Schedule | string {
  const { buffer, every, at, timezone, pattern } = drafts;
  const zone = timezone.trim() ? { timezone: timezone.trim() } : {};
  switch (mode) {
    case 'before-expiry': {
      const duration = parseDuration(buffer);
      return duration ? { mode, buffer: duration } : NOT_A_DURATION;
    }
    case 'interval': {
      const duration = parseDuration(every);
      return duration ? { mode, every: duration } : NOT_A_DURATION;
    }
    case 'daily': {
      const days = daysIn(drafts.days);
      if (!at) return 'Write a time of day, such as 09:00.';
      if (days.length === 0) return 'Choose at least one day.';
      return { mode, at, ...zone, ...(days.length < WEEK.length && { days: [...days] }) };
    }
    case 'cron': {
      const fields = pattern.trim().split(/\s+/);
      const isComplete = fields.length >= 5 && fields.length <= 7;
      return isComplete ? { mode, pattern: fields.join(' '), ...zone } : NOT_A_PATTERN;
    }
    default:
      return unreachable(mode);
  }
}

const NOT_A_PATTERN =
  'Write five fields: minute, hour, day, month and weekday. `0 9 * * 1-5` is 09:00 on working days.';

/** Whether two schedules have the same members, in any order. */
export const sameSchedule = (a: Schedule, b: Schedule): boolean =>
  JSON.stringify(Object.entries(a).toSorted()) === JSON.stringify(Object.entries(b).toSorted());

const UNITS = {
  ms: /^(ms|milliseconds?)$/,
  s: /^(s|secs?|seconds?)$/,
  m: /^(m|mins?|minutes?)?$/,
  h: /^(h|hrs?|hours?)$/,
  d: /^(d|days?)$/,
} as const;

const isUnit = (text: string): text is keyof typeof UNITS => Object.hasOwn(UNITS, text);

/** A length of time as people write it: `5 min`, `90s`, `1 hour`. A number alone is minutes. */
export function parseDuration(text: string): Duration | undefined {
  const [, amount, word = ''] = /^(\d+(?:[.,]\d+)?)\s*([a-z]*)\.?$/i.exec(text.trim()) ?? [];
  const unit = Object.keys(UNITS)
    .filter(isUnit)
    .find(name => UNITS[name].test(word.toLowerCase()));
  return amount === undefined || unit === undefined ? undefined : `${Number(amount.replace(',', '.'))}${unit}`;
}
