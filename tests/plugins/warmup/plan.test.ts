import { describe, expect, test } from 'vitest';
import { optionsSchema, settingsOf, type WarmUpOptions } from '../../../plugins/warmup/options.ts';
import { dayOf, nextTime, passedBy, timesAfter } from '../../../plugins/warmup/plan.ts';

const DAY_MS = 86_400_000;
const NEW_YEAR = Date.UTC(2026, 0, 1);

const planOf = (given: Partial<WarmUpOptions>) =>
  settingsOf(optionsSchema.parse({ id: 'morning', session: 'claude', at: ['06:00'], timezone: 'UTC', ...given }));

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Africa/Casablanca',
] as const;
const TIMES = ['00:00', '00:30', '02:00', '02:15', '02:30', '06:00', '23:59'] as const;

/** What clocks on the wall show, minute by minute, as Intl says it: the count that the plan is compared with. */
function wallMinutes(timeZone: string): ReadonlyMap<string, readonly number[]> {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const shown = new Map<string, number[]>();
  // Offsets from UTC are whole quarters of an hour.
  for (let at = NEW_YEAR - DAY_MS; at < NEW_YEAR + 367 * DAY_MS; at += 15 * 60_000) {
    const text = format.format(at);
    shown.set(text, [...(shown.get(text) ?? []), at]);
  }
  return shown;
}

/** The local days of 2026, and when each shows a time: the first time, or the end of the gap that leaves it out. */
function expectedTimes(shown: ReadonlyMap<string, readonly number[]>, time: string): readonly number[] {
  const quarters = [...shown.keys()].toSorted();
  const [hour = '', minute = ''] = time.split(':');
  const rest = Number(minute) % 15;
  const quarter = `${hour}:${String(Number(minute) - rest).padStart(2, '0')}`;
  return Array.from({ length: 365 }, (_, day) => {
    const wanted = `${new Date(NEW_YEAR + day * DAY_MS).toISOString().slice(0, 10)} ${quarter}`;
    const exact = shown.get(wanted)?.[0];
    if (exact !== undefined) return exact + rest * 60_000;
    return shown.get(quarters.find(one => one > wanted) ?? '')?.[0] ?? NaN;
  });
}

describe.each(ZONES)('in %s', timezone => {
  const shown = wallMinutes(timezone);

  test.each(TIMES)('%s comes once on each of 365 local days, also where the clocks change', time => {
    const expected = expectedTimes(shown, time);
    const from = (expected[0] ?? 0) - 1;
    expect(timesAfter(planOf({ at: [time], timezone }), from, 365)).toEqual(expected);
  });

  // Governments decide how many, so it depends on the version of Node.
  test('the clocks change within the year, but not in India', () => {
    const lengths = Array.from({ length: 365 }, (_, day) => NEW_YEAR + day * DAY_MS).map(at => {
      const [start, end] = timesAfter(planOf({ at: ['12:00'], timezone }), at, 2);
      return (end ?? 0) - (start ?? 0);
    });
    expect(lengths.some(length => length !== DAY_MS)).toBe(timezone !== 'Asia/Kolkata');
  });
});

describe('a plan', () => {
  const show = (times: readonly number[]) => times.map(at => new Date(at).toISOString().slice(0, 16));
  const MONDAY = Date.UTC(2026, 0, 5, 5, 59, 30);

  test.each<[string, Partial<WarmUpOptions>, number, readonly string[]]>([
    ['two times a day, in order', { at: ['16:00', '6:00'] }, 3, ['05T06:00', '05T16:00', '06T06:00']],
    ['some weekdays', { days: ['tue', 'sun'] }, 3, ['06T06:00', '11T06:00', '13T06:00']],
    ['days off', { skip: ['2026-01-05', '2026-01-07'] }, 2, ['06T06:00', '08T06:00']],
    ['weekdays in another zone', { days: ['tue'], timezone: 'Pacific/Auckland' }, 1, ['05T17:00']],
    ['days off in another zone', { skip: ['2026-01-06'], timezone: 'Pacific/Auckland' }, 1, ['06T17:00']],
    ['an interval', { at: undefined, every: '4h', perDay: 3 }, 3, ['05T08:00', '05T12:00', '05T16:00']],
    [
      'an interval on some days',
      { at: undefined, every: '4h', perDay: 3, days: ['tue'], skip: ['2026-01-06'] },
      2,
      ['13T00:00', '13T04:00'],
    ],
  ])('of %s', (_what, given, count, expected) => {
    expect(show(timesAfter(planOf(given), MONDAY, count))).toEqual(expected.map(time => `2026-01-${time}`));
  });

  test('begins after the given moment, also within the same minute or at the time itself', () => {
    const six = Date.UTC(2026, 0, 5, 6);
    const next = (from: number) => show([nextTime(planOf({}), from) ?? 0])[0];
    expect([six - 1, six, six + 1, six + 59_999].map(next)).toEqual([
      '2026-01-05T06:00',
      '2026-01-06T06:00',
      '2026-01-06T06:00',
      '2026-01-06T06:00',
    ]);
  });

  test('has one run where the clocks leave out two of its times', () => {
    const plan = planOf({ at: ['02:15', '02:30'], timezone: 'Europe/Berlin' });
    expect(show(timesAfter(plan, Date.UTC(2026, 2, 28, 12), 3))).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:15',
      '2026-03-30T00:30',
    ]);
  });

  test('has none on a local day that does not exist', () => {
    const plan = planOf({ at: ['06:00'], timezone: 'Pacific/Apia' });
    const days = timesAfter(plan, Date.UTC(2011, 11, 29), 3).map(at => dayOf(at, 'Pacific/Apia'));
    expect(days).toEqual(['2011-12-29', '2011-12-31', '2012-01-01']);
  });

  test('goes on after as many days off as the options allow', () => {
    const mondays = Array.from({ length: 400 }, (_, week) =>
      new Date(Date.UTC(2026, 0, 5) + week * 7 * DAY_MS).toISOString().slice(0, 10),
    );
    const every = { at: undefined, every: '15m', perDay: 24 } as const;
    for (const given of [{}, every])
      expect(nextTime(planOf({ ...given, days: ['mon'], skip: mondays }), NEW_YEAR)).toBeGreaterThan(
        Date.UTC(2026, 0, 5) + 399 * 7 * DAY_MS,
      );
  });

  test('without any day has no times', () => {
    expect(timesAfter({ ...planOf({}), days: [] }, NEW_YEAR, 10)).toEqual([]);
  });

  test('is in the zone of the machine if it names none', () => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const [own, named] = [planOf({ timezone: undefined }), planOf({ timezone: timeZone })];
    expect(timesAfter(own, NEW_YEAR, 20)).toEqual(timesAfter(named, NEW_YEAR, 20));
  });

  // The formats of Intl are what is slow.
  test('of 100 times asks for fewer than 1,000 local times', () => {
    const plan = planOf({ at: ['06:00', '11:00', '16:00'], days: ['sun'], timezone: 'Europe/Berlin' });
    let asked = 0;
    const { formatToParts } = Intl.DateTimeFormat.prototype;
    Intl.DateTimeFormat.prototype.formatToParts = function count(date) {
      asked += 1;
      return formatToParts.call(this, date);
    };
    try {
      expect(timesAfter(plan, NEW_YEAR, 100)).toHaveLength(100);
    } finally {
      Intl.DateTimeFormat.prototype.formatToParts = formatToParts;
    }
    expect(asked).toBeLessThan(1_000);
  });
});

describe('what a machine slept over', () => {
  test.each<[string, Partial<WarmUpOptions>, number, { readonly last: number; readonly before: number }]>([
    ['nothing else', {}, 6, { last: 6, before: 0 }],
    ['two of three times', { at: ['06:00', '11:00', '16:00'] }, 12, { last: 11, before: 1 }],
    ['two days', {}, 55, { last: 54, before: 2 }],
    ['an interval', { at: undefined, every: '15m', perDay: 2 }, 8.1, { last: 8, before: 8 }],
    ['an interval, for a month', { at: undefined, every: '15m', perDay: 2 }, 725.1, { last: 725, before: 500 }],
  ])('%s', (_what, given, now, { last, before }) => {
    const hour = (hours: number) => NEW_YEAR + hours * 3_600_000;
    expect(passedBy(planOf(given), hour(6), hour(now))).toEqual({ last: hour(last), before });
  });
});
