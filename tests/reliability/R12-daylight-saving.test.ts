import { expect, test } from 'vitest';
import { tickAfter } from '../../kernel/session/schedule.ts';
import { wakeWhenAlive } from '../../kernel/session/timing.ts';
import { DEFAULT_POLICY, type Policy } from '../../sdk/policy.ts';

const DAY = 86_400_000;
const ZONES = ['Europe/Berlin', 'America/New_York', 'America/Santiago', 'Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Kolkata'];
const YEARS = [2020, 2021, 2022, 2023, 2024, 2025, 2026, 2027, 2028, 2029];

const dateIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short' });
  return (at: number) => format.format(at);
};
const offsetIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return (at: number) => format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value;
};

/** The days around every change of the clocks, and the turn of each year: the others are as these. */
function interestingSpans(timeZone: string): readonly (readonly [number, number])[] {
  const offset = offsetIn(timeZone);
  return YEARS.flatMap(year => Array.from({ length: 365 }, (_, day) => Date.UTC(year, 0, 1, 12) + day * DAY)
    .filter((noon, day) => day === 0 || offset(noon) !== offset(noon - DAY))
    .map(noon => [noon - 3 * DAY, noon + 3 * DAY] as const));
}

const runsBetween = (next: (from: number) => number, from: number, to: number): readonly number[] => {
  const found: number[] = [];
  for (let at = next(from); at < to; at = next(at)) found.push(at);
  return found;
};

const onceADay = (times: readonly number[], dateOf: (at: number) => string): boolean => {
  const dates = times.map(dateOf);
  const days = times.length > 0 ? Math.round((Date.parse(dates.at(-1) ?? '') - Date.parse(dates[0] ?? '')) / DAY) + 1 : 0;
  return dates.length === days && new Set(dates).size === days;
};

test.each(ZONES)('R12: daily 02:30 in %s comes once a local day, over ten years', timeZone => {
  const policy: Policy = { ...DEFAULT_POLICY, schedule: { mode: 'daily', at: '02:30', timezone: timeZone } };
  const dateOf = dateIn(timeZone);
  const spans = interestingSpans(timeZone);
  const problems = spans.filter(([from, to]) => {
    const times = runsBetween(at => wakeWhenAlive(policy, { lastAttemptAt: at }, at, 0.7).at, from, to);
    return times.length < 5 || !onceADay(times, dateOf);
  });
  expect(spans.length).toBeGreaterThanOrEqual(10);
  expect(problems).toEqual([]);
});

test('R12, the control: every 24 hours is not once a local day at one time', () => {
  const hourIn = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Berlin', timeStyle: 'short' });
  const day = (next: (from: number) => number) => new Set(runsBetween(next, Date.UTC(2026, 2, 26, 1, 30), Date.UTC(2026, 3, 2)).map(at => hourIn.format(at)));
  expect(day(from => from + DAY).size).toBe(2);
  expect(day(from => tickAfter({ mode: 'daily', at: '09:00', timezone: 'Europe/Berlin' }, from))).toEqual(new Set(['09:00']));
});
