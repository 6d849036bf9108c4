import { expect, test } from 'vitest';
import { approximate, localTime, relative, timestamp } from '../../../../plugins/ui-cli/render/time.ts';
import { DAY, HOUR, MINUTE, NOW } from '../fake-kernel.ts';

test.each([
  [0, 'now'],
  [400, 'now'],
  [1_000, 'in 1 s'],
  [-59_000, '59 s ago'],
  [3 * MINUTE, 'in 3 min'],
  [-2 * MINUTE, '2 min ago'],
  [59.7 * MINUTE, 'in 1 h'],
  [90 * MINUTE, 'in 1 h 30 min'],
  [-5 * HOUR, '5 h ago'],
  [14.2 * HOUR, 'in 14 h'],
  [47 * HOUR, 'in 47 h'],
  [2 * DAY, 'in 2 days'],
  [-12.6 * DAY, '13 days ago'],
])('%i ms from now is "%s"', (ms, text) => {
  expect(relative(NOW + ms, NOW)).toBe(text);
});

test.each([
  [0, '0 s'],
  [59_600, '1 min'],
  [10 * HOUR - MINUTE, '9 h 59 min'],
  [10 * HOUR, '10 h'],
])('%i ms is about %s', (ms, text) => {
  expect(approximate(ms)).toBe(text);
});

test.each([
  [NOW + HOUR, '13:00'],
  [NOW + DAY, 'Wed 11 Mar 12:00'],
  [NOW - 90 * DAY, /^\w{3} \d+ Dec 2025 1[12]:00$/],
])('the local time says the day where it is not today', (at, expected) => {
  expect(localTime(at, NOW)).toMatch(expected);
});

test('a log line says everything', () => {
  expect(timestamp(NOW + 61_000)).toBe('2026-03-10 12:01:01');
});
