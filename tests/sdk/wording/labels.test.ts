import { expect, test } from 'vitest';
import { describeExpiry, describeLoginEnd } from '../../../sdk/wording/expiry.ts';
import { describeMethod } from '../../../sdk/wording/labels.ts';

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
