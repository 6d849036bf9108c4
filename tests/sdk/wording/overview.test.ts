import { expect, test } from 'vitest';
import { describeExpiry, describeLoginEnd } from '../../../sdk/wording/expiry.ts';
import { describeMethod } from '../../../sdk/wording/labels.ts';
import { describeSessions } from '../../../sdk/wording/overview.ts';

test.each([
  ['No session is kept alive yet', { total: 0, paused: 0 }],
  ['Keeping 1 session alive', { total: 1, paused: 0 }],
  ['Keeping 2 sessions alive', { total: 2, paused: 0 }],
  ['Keeping 2 sessions alive, 1 paused', { total: 3, paused: 1 }],
  ['The session is paused', { total: 1, paused: 1 }],
  ['All 2 sessions are paused', { total: 2, paused: 2 }],
  ['1 of 2 sessions needs attention', { total: 2, paused: 0, failing: 1 }],
  ['2 of 3 sessions need attention', { total: 3, paused: 1, failing: 2 }],
])('%s', (text, counts) => {
  expect(describeSessions(counts)).toBe(text);
});

test.each([
  [3_600_000, 'expires in 1 h', 'login ends in 1 h'],
  [-3_600_000, 'expired 1 h ago', 'login ended 1 h ago'],
])('%i ms from now: %s, %s', (ms, expiry, loginEnd) => {
  expect([describeExpiry(ms, 0), describeLoginEnd(ms, 0)]).toEqual([expiry, loginEnd]);
});

test('an unknown method is shown by its name', () => {
  expect(describeMethod('observe')).toContain('only watched');
  expect(describeMethod('knock')).toBe('It is renewed by the method "knock".');
  expect(describeMethod('toString')).toBe('It is renewed by the method "toString".');
});
