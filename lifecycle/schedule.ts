import { Cron } from 'croner';
import { toMs } from '../sdk/contract/duration.ts';
import type { Schedule } from '../sdk/contract/policy.ts';
import type { Instant } from '../sdk/contract/session.ts';
import { unreachable } from '../sdk/base/unreachable.ts';

/** The interval of a schedule that follows the expiry, while no expiry is known. */
const WITHOUT_EXPIRY_MS = 30 * 60_000;

/** The first tick of the schedule after `from`. The expiry plays no part. */
export function tickAfter(schedule: Schedule, from: Instant): Instant {
  switch (schedule.mode) {
    case 'interval':
      return from + toMs(schedule.every);
    case 'before-expiry':
      return from + WITHOUT_EXPIRY_MS;
    case 'daily':
      return nextRun(dailyPattern(schedule), schedule.timezone, from);
    case 'cron':
      return nextRun(schedule.pattern, schedule.timezone, from);
    default:
      return unreachable(schedule);
  }
}

export const dailyPattern = ({
  at,
  days,
}: {
  readonly at: string;
  readonly days?: readonly string[] | undefined;
}): string => {
  const [hour, minute] = at.split(':').map(Number);
  return `${minute} ${hour} * * ${days?.length ? days.join(',') : '*'}`;
};

function nextRun(pattern: string, timezone: string | undefined, from: Instant): Instant {
  const next = new Cron(pattern, timezone === undefined ? {} : { timezone }).nextRun(new Date(from));
  // A pattern without another run, such as one of a past year, leaves one attempt a day.
  return next?.getTime() ?? from + 86_400_000;
}
