import type { Schedule } from '../../../sdk/contract/policy.ts';

/** A schedule in words. */
export function describeSchedule(schedule: Schedule): string {
  switch (schedule.mode) {
    case 'interval':
      return `every ${schedule.every}`;
    case 'before-expiry':
      return `${schedule.buffer} before it expires`;
    case 'daily':
      return `daily at ${schedule.at}${inZone(schedule.timezone)}${schedule.days ? ` on ${schedule.days.join(', ')}` : ''}`;
    case 'cron':
      return `by cron ${schedule.pattern}${inZone(schedule.timezone)}`;
  }
}

const inZone = (timezone: string | undefined): string => (timezone ? ` (${timezone})` : '');
