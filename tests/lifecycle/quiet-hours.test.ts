import { describe, expect, test } from 'vitest';
import { isHeld, quietUntil } from '../../lifecycle/quiet-hours.ts';
import type { QuietHours } from '../../sdk/contract/config.ts';
import { notice } from '../support/notice.ts';

const BERLIN = 'Europe/Berlin';
const night: QuietHours = { from: '22:00', to: '07:00', timezone: 'UTC' };
const until = (quiet: QuietHours, now: string) => {
  const end = quietUntil(quiet, Date.parse(now));
  return end === undefined ? undefined : new Date(end).toISOString().replace(':00.000Z', 'Z');
};

describe('quiet hours', () => {
  // 2026-01-05 is a Monday.
  test.each<[string, QuietHours, string, string | undefined]>([
    ['have not begun', night, '2026-01-05T21:59:59Z', undefined],
    ['begin on the minute', night, '2026-01-05T22:00:00Z', '2026-01-06T07:00Z'],
    ['go on over midnight', night, '2026-01-06T03:00:00Z', '2026-01-06T07:00Z'],
    ['end on the minute', night, '2026-01-06T07:00:00Z', undefined],
    ['within a day', { ...night, from: '12:00', to: '13:30' }, '2026-01-05T13:00:00Z', '2026-01-05T13:30Z'],
    ['begin on their days only', { ...night, days: ['fri', 'sat'] }, '2026-01-08T23:00:00Z', undefined],
    ['of Friday go on on Saturday', { ...night, days: ['fri'] }, '2026-01-10T06:00:00Z', '2026-01-10T07:00Z'],
    ['of Friday are over on Saturday night', { ...night, days: ['fri'] }, '2026-01-10T23:00:00Z', undefined],
    [
      'from a time to the same time are a whole day',
      { ...night, from: '00:00', to: '00:00', days: ['sat'] },
      '2026-01-10T12:00:00Z',
      '2026-01-11T00:00Z',
    ],
    ['follow their time zone', { ...night, timezone: BERLIN }, '2026-01-05T21:30:00Z', '2026-01-06T06:00Z'],
    [
      'end an hour earlier in the night in which summer time begins',
      { ...night, timezone: BERLIN },
      '2026-03-28T22:00:00Z',
      '2026-03-29T05:00Z',
    ],
    [
      'end an hour later in the night in which it ends',
      { ...night, timezone: BERLIN },
      '2026-10-24T22:00:00Z',
      '2026-10-25T06:00Z',
    ],
    [
      'that begin in the hour that is skipped',
      { from: '02:30', to: '06:00', timezone: BERLIN },
      '2026-03-29T02:00:00Z',
      '2026-03-29T04:00Z',
    ],
    [
      'that end in the hour that is skipped',
      { from: '22:00', to: '02:30', timezone: BERLIN },
      '2026-03-29T00:45:00Z',
      '2026-03-29T01:00Z',
    ],
  ])('%s', (_name, quiet, now, end) => {
    expect(until(quiet, now)).toBe(end);
  });

  test.each<[QuietHours['except'], boolean]>([
    [undefined, true],
    [['error'], false],
    [['login-required'], false],
    [['warning', 'failing'], true],
  ])('with except %j hold an error about a login: %s', (except, held) => {
    expect(isHeld({ ...night, except }, notice())).toBe(held);
  });
});

test('without quiet hours it is never quiet', () => {
  expect(quietUntil(undefined, 0)).toBeUndefined();
});
