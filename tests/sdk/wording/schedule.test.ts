import { describe, expect, test } from 'vitest';
import { tickAfter } from '../../../lifecycle/schedule.ts';
import type { Policy, Schedule } from '../../../sdk/contract/policy.ts';
import { warningSentence } from '../../../sdk/wording/deadlines.ts';
import { describeMs } from '../../../sdk/wording/duration.ts';
import { describeSchedule, describeTick, describeTiming } from '../../../sdk/wording/schedule.ts';

const BEFORE_EXPIRY = { mode: 'before-expiry', buffer: '5m' } as const;

test.each<[Schedule, string]>([
  [{ mode: 'interval', every: '30m' }, 'every 30 minutes'],
  [{ mode: 'interval', every: '1h' }, 'every hour'],
  [BEFORE_EXPIRY, '5 minutes before expiry'],
  [{ mode: 'before-expiry', buffer: '0s' }, 'at expiry'],
  [{ mode: 'daily', at: '09:00' }, 'daily at 09:00'],
  [
    { mode: 'daily', at: '09:00', timezone: 'Asia/Tokyo', days: ['mon', 'tue'] },
    'daily at 09:00 on Mon, Tue (Asia/Tokyo)',
  ],
  [{ mode: 'cron', pattern: '0 9 * * *', timezone: 'UTC' }, 'by the cron pattern 0 9 * * * (UTC)'],
])('the schedule %j reads "%s"', (schedule, words) => {
  expect(describeSchedule(schedule)).toBe(words);
});

test.each<[Policy['warn'], string]>([
  [['7d', '3d', '1d'], 'A notice comes 7 days, 3 days and 1 day before.'],
  [['36h'], 'A notice comes 36 hours before.'],
  [[], 'No notice comes before.'],
])('the warnings %j read "%s"', (warn, words) => {
  expect(warningSentence(warn)).toBe(words);
});

describe('the tick of a schedule', () => {
  test('is an interval if the schedule depends on an unknown expiry', () => {
    const interval = describeMs(tickAfter(BEFORE_EXPIRY, 0), 'long');
    expect(describeTick(BEFORE_EXPIRY)).toBe(`every ${interval} while no expiry is known`);
  });

  test('is the schedule itself otherwise', () => {
    expect(describeTick({ mode: 'daily', at: '09:00' })).toBe('daily at 09:00');
  });
});

test.each<[Schedule, boolean, string]>([
  [BEFORE_EXPIRY, false, '5 minutes before expiry, or every 30 minutes while no expiry is known'],
  [
    BEFORE_EXPIRY,
    true,
    'from half of a known lifetime on, 5 minutes before expiry at the latest, ' +
      'or every 30 minutes while no expiry is known',
  ],
  [{ mode: 'interval', every: '30m' }, false, 'every 30 minutes'],
  [{ mode: 'interval', every: '30m' }, true, 'every 30 minutes, and from half of a known lifetime on'],
])('the timing of %j, with renewEarly: %s', (schedule, renewEarly, words) => {
  expect(describeTiming({ schedule, renewEarly })).toBe(words);
});

test('a time of day is in UTC if TZ is unknown, unless the schedule has a zone', () => {
  const daily = { mode: 'daily', at: '09:00' } as const;
  expect(describeSchedule(daily, 'Foo/Bar')).toBe('daily at 09:00 (UTC, as TZ=Foo/Bar is not known)');
  expect(describeSchedule({ mode: 'cron', pattern: '0 9 * * *' }, 'Foo/Bar')).toBe(
    'by the cron pattern 0 9 * * * (UTC, as TZ=Foo/Bar is not known)',
  );
  expect(describeSchedule({ ...daily, timezone: 'Asia/Tokyo' }, 'Foo/Bar')).toBe('daily at 09:00 (Asia/Tokyo)');
  expect(describeSchedule({ mode: 'interval', every: '30m' }, 'Foo/Bar')).toBe('every 30 minutes');
});
