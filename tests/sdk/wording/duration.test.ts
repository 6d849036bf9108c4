import { expect, test } from 'vitest';
import { describeDuration, describeElapsed, describeMs } from '../../../sdk/wording/duration.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  [-1, '0 s'],
  [0, '0 s'],
  [59_600, '1 min'],
  [10 * HOUR - MINUTE, '9 h 59 min'],
  [10 * HOUR, '10 h'],
])('%i ms is about %s', (ms, text) => {
  expect(describeMs(ms)).toBe(text);
});

test.each([
  [0, '0 ms'],
  [340, '340 ms'],
  [1_234, '1.2 s'],
  [125_000, '2 min'],
])('%i ms took %s', (ms, text) => {
  expect(describeElapsed(ms)).toBe(text);
});

test.each([
  ['5m', '5 min', '5 minutes'],
  ['90s', '90 s', '90 seconds'],
  ['1d', '1 day', '1 day'],
  ['7d', '7 days', '7 days'],
  ['1h', '1 h', '1 hour'],
  ['1.5h', '1.5 h', '1.5 hours'],
  ['09:00', '09:00', '09:00'],
  ['5x', '5x', '5x'],
])('the duration %s is "%s", or "%s" in a sentence', (duration, short, long) => {
  expect([describeDuration(duration), describeDuration(duration, 'long')]).toEqual([short, long]);
});
