import { unreachable } from '../../../../sdk/base/unreachable.ts';
import type { Duration } from '../../../../sdk/contract/duration.ts';
import type { Schedule } from '../../../../sdk/contract/policy.ts';
import { describeDuration } from '../../../../sdk/wording/duration.ts';

export type Mode = Schedule['mode'];

/** The contents of the fields of every mode, as the user left them. */
export type Drafts = {
  readonly buffer: string;
  readonly every: string;
  readonly at: string;
  readonly timezone: string;
  readonly pattern: string;
};

const EMPTY: Drafts = { buffer: '5 min', every: '30 min', at: '09:00', timezone: '', pattern: '0 9 * * *' };

/** The fields that the schedule fills. The other ones keep what was typed into them. */
export function draftsOf(schedule: Schedule): Partial<Drafts> {
  switch (schedule.mode) {
    case 'before-expiry':
      return { buffer: describeDuration(schedule.buffer) };
    case 'interval':
      return { every: describeDuration(schedule.every) };
    case 'daily':
      return { at: schedule.at.padStart(5, '0'), timezone: schedule.timezone ?? '' };
    case 'cron':
      return { pattern: schedule.pattern, timezone: schedule.timezone ?? '' };
    default:
      return unreachable(schedule);
  }
}

/** All fields for the schedule. */
export const allDraftsOf = (schedule: Schedule): Drafts => ({ ...EMPTY, ...draftsOf(schedule) });

/** The schedule that the fields of a mode describe. Undefined if they are not valid. Days have no field and stay. */
export function scheduleOf(mode: Mode, drafts: Drafts, former: Schedule): Schedule | undefined {
  const { buffer, every, at, timezone, pattern } = drafts;
  const zone = timezone.trim() ? { timezone: timezone.trim() } : {};
  switch (mode) {
    case 'before-expiry': {
      const duration = parseDuration(buffer);
      return duration && { mode, buffer: duration };
    }
    case 'interval': {
      const duration = parseDuration(every);
      return duration && { mode, every: duration };
    }
    case 'daily':
      return at
        ? { mode, at, ...zone, ...(former.mode === 'daily' && former.days ? { days: former.days } : {}) }
        : undefined;
    case 'cron':
      return { mode, pattern: pattern.trim(), ...zone };
    default:
      return unreachable(mode);
  }
}

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
