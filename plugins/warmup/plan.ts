import type { Instant } from '../../sdk/contract/session.ts';
import type { Settings } from './options.ts';
import { zoneClock, type ZoneClock } from './zone.ts';

type Plan = Pick<Settings, 'at' | 'everyMs' | 'days' | 'timezone' | 'skip'>;

const DAY_MS = 86_400_000;
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** More than 400 days off that are all on the only weekday of the plan. After these, it has no more times. */
const MAX_DAYS_OFF = 3_000;

/** The first `count` times after `from`. Fewer if the plan has no more. */
export function timesAfter(plan: Plan, from: Instant, count: number): readonly Instant[] {
  const clock = zoneClock(plan.timezone);
  const times: Instant[] = [];
  let daysOff = 0;
  for (let day = dayAt(from, clock); times.length < count && daysOff < MAX_DAYS_OFF; day += DAY_MS) {
    const ofDay = isOn(plan, day) ? timesOf(plan, day, clock) : [];
    const next = ofDay.filter(at => at > (times.at(-1) ?? from)).slice(0, count - times.length);
    daysOff = next.length > 0 ? 0 : daysOff + 1;
    times.push(...next);
  }
  return times;
}

export const nextTime = (plan: Plan, from: Instant): Instant | undefined => timesAfter(plan, from, 1)[0];

/** How many times are looked at one by one. */
const MAX_PASSED = 500;

/** The last time of the plan from `plannedAt` until `now`, and how many came before it. */
export function passedBy(
  plan: Plan,
  plannedAt: Instant,
  now: Instant,
): { readonly last: Instant; readonly before: number } {
  const passed = timesAfter(plan, plannedAt, MAX_PASSED).filter(at => at <= now);
  const recent = passed.length < MAX_PASSED ? passed : timesAfter(plan, now - DAY_MS, MAX_PASSED);
  return { last: recent.findLast(at => at <= now) ?? plannedAt, before: passed.length };
}

/** The local day: `2026-12-25`. */
export const dayOf = (at: Instant, timezone: string | undefined): string => nameOf(dayAt(at, zoneClock(timezone)));

/** The midnight before, as a clock on the wall shows it. */
const dayAt = (at: Instant, { wallAt }: ZoneClock): number => Math.floor(wallAt(at) / DAY_MS) * DAY_MS;

const nameOf = (day: number): string => new Date(day).toISOString().slice(0, 10);

/** Whether the plan has times on the local day. */
export const isDayOf = (plan: Pick<Plan, 'days' | 'timezone' | 'skip'>, at: Instant): boolean =>
  isOn(plan, dayAt(at, zoneClock(plan.timezone)));

const isOn = ({ days, skip }: Pick<Plan, 'days' | 'skip'>, day: number): boolean =>
  (days?.includes(WEEKDAYS[new Date(day).getUTCDay()] ?? '') ?? true) && !skip.includes(nameOf(day));

/** In order. Two times that the clocks leave out on one day are one. */
function timesOf({ at, everyMs }: Plan, day: number, clock: ZoneClock): readonly Instant[] {
  if (everyMs !== undefined) return ticks(everyMs, clock.instantOf(day), clock.instantOf(day + DAY_MS));
  const times = at.map(time => clock.instantOf(day + msOf(time))).filter(one => dayAt(one, clock) === day);
  return [...new Set(times)].toSorted((a, b) => a - b);
}

/** The same times after a restart. */
function ticks(everyMs: number, from: Instant, to: Instant): readonly Instant[] {
  const first = Math.ceil(from / everyMs) * everyMs;
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / everyMs)) }, (_, nth) => first + nth * everyMs);
}

function msOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * 60_000;
}
