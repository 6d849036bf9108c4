import type { Schedule } from '../../../sdk/contract/policy.ts';
import { parseSpan, showSpan } from './span.ts';

export type Mode = Schedule['mode'];

/** What is in the fields of every mode, as a person left it. */
export type Drafts = {
  readonly buffer: string;
  readonly every: string;
  readonly at: string;
  readonly timezone: string;
  readonly pattern: string;
};

const EMPTY: Drafts = { buffer: '5 min', every: '30 min', at: '09:00', timezone: '', pattern: '0 9 * * *' };

/** The fields as the schedule in force fills them. */
export function draftsOf(schedule: Schedule): Drafts {
  switch (schedule.mode) {
    case 'before-expiry':
      return { ...EMPTY, buffer: showSpan(schedule.buffer) };
    case 'interval':
      return { ...EMPTY, every: showSpan(schedule.every) };
    case 'daily':
      return { ...EMPTY, at: schedule.at.padStart(5, '0'), timezone: schedule.timezone ?? '' };
    case 'cron':
      return { ...EMPTY, pattern: schedule.pattern, timezone: schedule.timezone ?? '' };
  }
}

/** The schedule that the fields of a mode ask for; undefined where they don't say one. What has no field is kept from the former one. */
export function scheduleOf(
  mode: Mode,
  { buffer, every, at, timezone, pattern }: Drafts,
  former: Schedule,
): Schedule | undefined {
  const zone = timezone.trim() ? { timezone: timezone.trim() } : {};
  switch (mode) {
    case 'before-expiry': {
      const span = parseSpan(buffer);
      return span && { mode, buffer: span };
    }
    case 'interval': {
      const span = parseSpan(every);
      return span && { mode, every: span };
    }
    case 'daily':
      return at
        ? { mode, at, ...zone, ...(former.mode === 'daily' && former.days ? { days: former.days } : {}) }
        : undefined;
    case 'cron':
      return { mode, pattern: pattern.trim(), ...zone };
  }
}

/** The members of one schedule and another are the same. */
export const sameSchedule = (a: Schedule, b: Schedule): boolean =>
  JSON.stringify(Object.entries(a).toSorted()) === JSON.stringify(Object.entries(b).toSorted());
