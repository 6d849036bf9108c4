import { expect, test } from 'vitest';
import { tickAfter } from '../../lifecycle/schedule.ts';
import { wakeWhenAlive } from '../../lifecycle/timing.ts';
import { DEFAULT_POLICY, type Policy } from '../../sdk/contract/policy.ts';
import { idealScheduler } from '../support/clock/ideal-scheduler.ts';
import { times } from '../support/runs.ts';
import { Simulation } from '../support/clock/simulation.ts';

const DAY = 86_400_000;
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Kolkata',
];
const YEARS = [2020, 2021, 2022, 2023, 2024, 2025, 2026, 2027, 2028, 2029];

const dateIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short' });
  return (at: number) => format.format(at);
};
const offsetIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return (at: number) => format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value;
};

/** The days around every clock change and around each new year. The other days are alike. */
function interestingSpans(timeZone: string): readonly (readonly [number, number])[] {
  const offset = offsetIn(timeZone);
  return YEARS.flatMap(year =>
    Array.from({ length: 365 }, (_, day) => Date.UTC(year, 0, 1, 12) + day * DAY)
      .filter((noon, day) => day === 0 || offset(noon) !== offset(noon - DAY))
      .map(noon => [noon - 3 * DAY, noon + 3 * DAY] as const),
  );
}

const runsBetween = (next: (from: number) => number, from: number, to: number): readonly number[] => {
  const found: number[] = [];
  for (let at = next(from); at < to; at = next(at)) found.push(at);
  return found;
};

const onceADay = (times: readonly number[], dateOf: (at: number) => string): boolean => {
  const dates = times.map(dateOf);
  const days =
    times.length > 0 ? Math.round((Date.parse(dates.at(-1) ?? '') - Date.parse(dates[0] ?? '')) / DAY) + 1 : 0;
  return dates.length === days && new Set(dates).size === days;
};

test.each(ZONES)('R12: daily at 02:30 in %s comes once each local day, over ten years', timeZone => {
  const policy: Policy = { ...DEFAULT_POLICY, schedule: { mode: 'daily', at: '02:30', timezone: timeZone } };
  const dateOf = dateIn(timeZone);
  const spans = interestingSpans(timeZone);
  const problems = spans.filter(([from, to]) => {
    const next = (at: number) => wakeWhenAlive({ lastAttemptAt: at }, { policy, now: at, random: 0.7 }).at;
    const times = runsBetween(next, from, to);
    return times.length < 5 || !onceADay(times, dateOf);
  });
  expect(spans.length).toBeGreaterThanOrEqual(10);
  expect(problems).toEqual([]);
});

test.for(ZONES)(
  'R12: a session with a daily schedule at 02:30 in %s is attempted once each local day',
  async (timezone, { annotate }) => {
    const years = times(1, 10);
    const world = await new Simulation(
      {
        acme: { policy: { schedule: { mode: 'daily', at: '02:30', timezone } }, refresh: () => ({ status: 'fresh' }) },
      },
      { start: Date.UTC(2020, 0, 1, 12), scheduler: idealScheduler },
    ).boot();
    await world.run(`${years * 365}d`);
    // The first attempt is the one at the start.
    const dailies = world.calls.slice(1).map(({ at }) => at);
    expect(dailies.length).toBeGreaterThan(years * 365 - 3);
    expect(onceADay(dailies, dateIn(timezone))).toBe(true);
    await annotate(`${timezone}: ${dailies.length} days, ${dailies.length} attempts`);
  },
);

test('R12 control: every 24 hours is not once each local day', () => {
  const [from, to] = [Date.UTC(2026, 0, 1, 22, 45), Date.UTC(2027, 0, 1)];
  const dateOf = dateIn('Europe/Berlin');
  expect(
    onceADay(
      runsBetween(at => at + DAY, from, to),
      dateOf,
    ),
  ).toBe(false);
  expect(
    onceADay(
      runsBetween(at => tickAfter({ mode: 'daily', at: '23:45', timezone: 'Europe/Berlin' }, at), from, to),
      dateOf,
    ),
  ).toBe(true);
});
