import { unreachable } from '../base/unreachable.ts';
import type { Policy, Schedule, Weekday } from '../contract/policy.ts';
import { describeDuration } from './duration.ts';

const WEEKDAYS: Readonly<Record<Weekday, string>> = {
  mon: 'Mon',
  tue: 'Tue',
  wed: 'Wed',
  thu: 'Thu',
  fri: 'Fri',
  sat: 'Sat',
  sun: 'Sun',
};

/** How often a session is attempted if its schedule depends on an expiry that is not known. */
const WITHOUT_EXPIRY = 'every 30 minutes while no expiry is known';

/**
 * A schedule: `every 30 minutes`, `5 minutes before expiry`, `daily at 09:00 (Europe/Berlin)`.
 * `unknownZone` is the value of `TZ` if it is not a zone, so that the machine uses UTC instead.
 */
export function describeSchedule(schedule: Schedule, unknownZone?: string): string {
  switch (schedule.mode) {
    case 'interval':
      return `every ${describeDuration(schedule.every, 'long').replace(/^1 /, '')}`;
    case 'before-expiry':
      return Number.parseFloat(schedule.buffer) > 0
        ? `${describeDuration(schedule.buffer, 'long')} before expiry`
        : 'at expiry';
    case 'daily':
      return `daily at ${schedule.at}${describeDays(schedule, unknownZone)}`;
    case 'cron':
      return `by the cron pattern ${schedule.pattern}${describeZone(schedule.timezone, unknownZone)}`;
    default:
      return unreachable(schedule);
  }
}

/** The time that the schedule itself gives, if no expiry comes first. */
export const describeTick = (schedule: Schedule, unknownZone?: string): string =>
  schedule.mode === 'before-expiry' ? WITHOUT_EXPIRY : describeSchedule(schedule, unknownZone);

/** All that a policy says about when a session is attempted, as part of a sentence. */
export function describeTiming(
  { schedule, renewEarly }: Pick<Policy, 'schedule' | 'renewEarly'>,
  unknownZone?: string,
) {
  const described = describeSchedule(schedule, unknownZone);
  const isBeforeExpiry = schedule.mode === 'before-expiry';
  const early = isBeforeExpiry
    ? `from half of a known lifetime on, ${described} at the latest`
    : `${described}, and from half of a known lifetime on`;
  return `${renewEarly ? early : described}${isBeforeExpiry ? `, or ${WITHOUT_EXPIRY}` : ''}`;
}

/** What a user who sets `refreshBefore` has to know if the schedule does not use it. */
export const UNUSED_LEAD = 'refreshBefore is not used: before expiry, the buffer of the schedule counts.';

type Days = { readonly days?: readonly Weekday[] | undefined; readonly timezone?: string | undefined };

/** Days and time zone after a time of day: ` on Mon, Fri (Europe/Berlin)`. */
export const describeDays = ({ days, timezone }: Days, unknownZone?: string): string =>
  `${days ? ` on ${shortDays(days)}` : ''}${describeZone(timezone, unknownZone)}`;

/** Days of the week, as `Mon, Fri`. */
export const shortDays = (days: readonly Weekday[]): string => days.map(day => WEEKDAYS[day]).join(', ');

function describeZone(timezone: string | undefined, unknownZone: string | undefined): string {
  if (timezone !== undefined) return ` (${timezone})`;
  return unknownZone === undefined ? '' : ` (UTC, as TZ=${unknownZone} is not known)`;
}
