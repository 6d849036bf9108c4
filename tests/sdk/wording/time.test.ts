import { describe, expect, test } from 'vitest';
import {
  calendarTime,
  clock,
  fullTime,
  localTime,
  relative,
  relativeAndLocal,
  timestamp,
  upcomingTime,
} from '../../../sdk/wording/time.ts';
import { isTwelveHours } from '../../../sdk/wording/hour-cycle.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Tuesday. */
const NOW = new Date(2026, 2, 10, 12, 0, 0).getTime();

test.each([
  [0, 'now', 'now'],
  [400, 'now', 'now'],
  [1_000, 'in 1 s', 'in 1 second'],
  [-59_000, '59 s ago', '59 seconds ago'],
  [3 * MINUTE, 'in 3 min', 'in 3 minutes'],
  [-2 * MINUTE, '2 min ago', '2 minutes ago'],
  [59.7 * MINUTE, 'in 1 h', 'in 1 hour'],
  [90 * MINUTE, 'in 1 h 30 min', 'in 1 hour 30 minutes'],
  [-5 * HOUR, '5 h ago', '5 hours ago'],
  [14.2 * HOUR, 'in 14 h', 'in 14 hours'],
  [47 * HOUR, 'in 47 h', 'in 47 hours'],
  [2 * DAY, 'in 2 days', 'in 2 days'],
  [-12.6 * DAY, '13 days ago', '13 days ago'],
])('%i ms from now is "%s", or "%s" in a sentence', (ms, short, long) => {
  expect([relative(NOW + ms, NOW), relative(NOW + ms, NOW, 'long')]).toEqual([short, long]);
});

test.each([
  [NOW + HOUR, '13:00'],
  [NOW - DAY, 'Mon 9 Mar 12:00'],
  [NOW + DAY, 'Wed 11 Mar 12:00'],
  [NOW + 10 * DAY, 'Fri 20 Mar 12:00'],
  [NOW - 90 * DAY, /^\w{3} \d+ Dec 2025 1[12]:00$/],
])('the local time has the date unless it is today', (at, expected) => {
  expect(localTime(at, NOW)).toMatch(expected);
});

test('relative and local time together', () => {
  expect(relativeAndLocal(NOW + HOUR, NOW)).toBe('in 1 h (13:00)');
});

describe('a time that stays on the screen', () => {
  test.each([
    [0, 'now'],
    [HOUR, 'at 13:00'],
    [12 * HOUR, 'tomorrow 00:00'],
    [DAY, 'tomorrow 12:00'],
    [2 * DAY, 'Thursday 12:00'],
    [6 * DAY, 'Monday 12:00'],
    [7 * DAY, '17 Mar'],
    [365 * DAY, '10 Mar 2027'],
  ])('%d ms from a Tuesday noon: %s', (ms, text) => {
    expect(upcomingTime(NOW + ms, NOW)).toBe(text);
  });

  test.each([
    [HOUR, 'at 11:00'],
    [DAY, 'yesterday 12:00'],
    [3 * DAY, '7 Mar'],
  ])('%d ms before: %s', (ms, text) => {
    expect(calendarTime(NOW - ms, NOW)).toBe(text);
  });
});

test('a time in full, for a sentence and for a log', () => {
  expect(fullTime(NOW)).toBe('Tuesday 10 March 2026, 12:00');
  expect(timestamp(NOW + 61_000)).toBe('2026-03-10 12:01:01');
});

describe('a time of day', () => {
  test.each([
    [[0, 5], '00:05', '12:05 AM'],
    [[9, 14], '09:14', '9:14 AM'],
    [[12, 0], '12:00', '12:00 PM'],
    [[23, 59], '23:59', '11:59 PM'],
  ] as const)('%o is %s, or %s', ([hour, minute], long, short) => {
    const at = new Date(2026, 2, 10, hour, minute).getTime();
    expect([clock(at, false), clock(at, true)]).toEqual([long, short]);
  });

  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['American English has 12 hours', { LANG: 'en_US.UTF-8' }, true],
    ['British English has 24', { LANG: 'en_GB.UTF-8' }, false],
    ['German has 24', { LANG: 'de_DE@euro' }, false],
    ['the locale of times comes before the language', { LANG: 'en_US.UTF-8', LC_TIME: 'de_DE.UTF-8' }, false],
    ['LC_ALL comes before both', { LC_ALL: 'en_US', LC_TIME: 'de_DE', LANG: 'de_DE' }, true],
    ['an empty variable does not count', { LC_ALL: '', LANG: 'en_US' }, true],
    ['C has 24', { LC_ALL: 'C.UTF-8', LANG: 'en_US' }, false],
    ['POSIX has 24', { LANG: 'POSIX' }, false],
    ['no locale has 24', {}, false],
    ['an unknown locale has 24', { LANG: '???' }, false],
  ])('%s', (_what, env, twelve) => {
    expect(isTwelveHours(env)).toBe(twelve);
  });

  test('a browser uses its own locale', () => {
    const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions();
    expect(isTwelveHours(undefined)).toBe(hourCycle === 'h12');
  });
});
