import type { Schedule } from '../../sdk/contract/policy.ts';
import type { Session } from '../../sdk/contract/session.ts';
import { describeSchedule } from '../../sdk/wording/schedule.ts';
import { capitalized } from '../../sdk/wording/sentence.ts';
import { SEPARATOR, type MenuItem } from './model.ts';

const BEFORE_EXPIRY: readonly Schedule[] = [
  { mode: 'before-expiry', buffer: '5m' },
  { mode: 'before-expiry', buffer: '30m' },
];
const INTERVALS: readonly Schedule[] = [
  { mode: 'interval', every: '15m' },
  { mode: 'interval', every: '30m' },
  { mode: 'interval', every: '1h' },
  { mode: 'interval', every: '6h' },
];
const DAILY: readonly Schedule[] = [
  { mode: 'daily', at: '09:00' },
  { mode: 'daily', at: '18:00' },
];

/** The schedules to choose from. The one in force is marked, and the last item returns to the configured one. */
export function scheduleMenu({ id, policy: { schedule: current } }: Session): MenuItem {
  const choice = (schedule: Schedule): MenuItem => ({
    label: capitalized(describeSchedule(schedule)),
    checked: sameSchedule(schedule, current),
    action: { do: 'configure', id, policy: { schedule } },
  });
  const isOffered = [...BEFORE_EXPIRY, ...INTERVALS, ...DAILY].some(offered => sameSchedule(offered, current));
  return {
    label: `Schedule: ${describeSchedule(current)}`,
    items: [
      ...(isOffered ? [] : [choice(current), SEPARATOR]),
      ...BEFORE_EXPIRY.map(choice),
      SEPARATOR,
      ...INTERVALS.map(choice),
      SEPARATOR,
      ...DAILY.map(choice),
      SEPARATOR,
      { label: 'As configured', action: { do: 'configure', id, policy: { schedule: null } } },
    ],
  };
}

/** The kernel may send the members in any order. */
const sameSchedule = (one: Schedule, other: Schedule): boolean => {
  const sorted = (schedule: Schedule) =>
    JSON.stringify(Object.entries(schedule).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
};
