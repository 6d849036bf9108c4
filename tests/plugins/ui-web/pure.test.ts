import { describe, expect, test } from 'vitest';
import { loginTone, remaining } from '../../../plugins/ui-web/page/expiry.ts';
import { sayFailure } from '../../../plugins/ui-web/page/failure.ts';
import { draftsOf, sameSchedule, scheduleOf, type Mode } from '../../../plugins/ui-web/page/schedule.ts';
import { parseSpan, showSpan } from '../../../plugins/ui-web/page/span.ts';
import { clock, relative, took } from '../../../plugins/ui-web/page/time.ts';
import { sayAll } from '../../../plugins/ui-web/page/words.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { DEFAULT_POLICY, type Schedule } from '../../../sdk/contract/policy.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import {
  ALIVE,
  DAY,
  FAILING,
  GAVE_UP,
  HOUR,
  LOGIN,
  MINUTE,
  NOW,
  OFFLINE,
  PAUSED,
  session,
} from '../ui-cli/fake-kernel.ts';

describe('a length of time that a person writes', () => {
  test.each([
    ['5 min', '5m'],
    ['5', '5m'],
    ['90s', '90s'],
    ['90 sec.', '90s'],
    ['1 hour', '1h'],
    ['2 Hours', '2h'],
    ['1.5 h', '1.5h'],
    ['1,5 h', '1.5h'],
    ['7 days', '7d'],
    ['500ms', '500ms'],
    [' 30 m ', '30m'],
    ['', undefined],
    ['soon', undefined],
    ['5 parsecs', undefined],
    ['-5 min', undefined],
    ['5 min 3 s', undefined],
  ])('%o is %o', (text, duration) => {
    expect(parseSpan(text)).toBe(duration);
  });

  test.each([
    ['5m', '5 min'],
    ['90s', '90 s'],
    ['1d', '1 day'],
    ['7d', '7 days'],
    ['1h', '1 h'],
    ['09:00', '09:00'],
  ])('%s is shown as %s', (duration, text) => {
    expect(showSpan(duration)).toBe(text);
  });

  test.each(['5m', '90s', '2h', '1d', '7d', '500ms'])('%s is read as it is shown', duration => {
    expect(parseSpan(showSpan(duration))).toBe(duration);
  });
});

describe('a time', () => {
  test.each([
    [0, 'now'],
    [900, 'now'],
    [12_000, 'in 12 seconds'],
    [-2 * MINUTE, '2 minutes ago'],
    [3 * MINUTE, 'in 3 minutes'],
    [89 * MINUTE, 'in 89 minutes'],
    [5 * HOUR, 'in 5 hours'],
    [-30 * HOUR, '30 hours ago'],
    [12 * DAY, 'in 12 days'],
  ])('%i ms from now is %s', (ms, text) => {
    expect(relative(NOW + ms, NOW)).toBe(text);
  });

  test.each([
    [HOUR, '13:00'],
    [-DAY, 'Mon 12:00'],
    [10 * DAY, '20 Mar 12:00'],
  ])('%i ms from now, on the clock, is %s', (ms, text) => {
    expect(clock(NOW + ms, NOW)).toBe(text);
  });

  test.each([
    [0, '0 ms'],
    [340, '340 ms'],
    [1_234, '1.2 s'],
    [125_000, '2 min'],
  ])('%i ms took %s', (ms, text) => {
    expect(took(ms)).toBe(text);
  });
});

describe('what is left of a credential', () => {
  const left = (expiresAt: number | undefined, expirySeenAt?: number, schedule: Schedule = DEFAULT_POLICY.schedule) =>
    remaining({ expiresAt, expirySeenAt, policy: { ...DEFAULT_POLICY, schedule } }, NOW);

  test.each<[string, ReturnType<typeof left>, ReturnType<typeof left>]>([
    ['no expiry known', left(undefined), undefined],
    ['new', left(NOW + HOUR, NOW), { share: 1, tone: 'good' }],
    ['half over', left(NOW + HOUR, NOW - HOUR), { share: 0.5, tone: 'good' }],
    ['due for a renewal just now', left(NOW + 5 * MINUTE, NOW - 55 * MINUTE), { share: 1 / 12, tone: 'good' }],
    [
      'well past the time when a renewal was due',
      left(NOW + 2 * MINUTE, NOW - 38 * MINUTE),
      { share: 0.05, tone: 'warn' },
    ],
    [
      'by the buffer of its schedule',
      left(NOW + 20 * MINUTE, NOW - 20 * MINUTE, { mode: 'before-expiry', buffer: '1h' }),
      { share: 0.5, tone: 'warn' },
    ],
    ['over', left(NOW - 1, NOW - HOUR), { share: 0, tone: 'bad' }],
    ['since nobody knows when', left(NOW + HOUR), { share: 1, tone: 'good' }],
    ['seen in the future, by a clock set back', left(NOW + HOUR, NOW + 30 * MINUTE), { share: 1, tone: 'good' }],
  ])('%s', (_what, is, expected) => {
    expect(is).toEqual(expected);
  });

  test.each([
    [12 * DAY, 'quiet'],
    [6 * DAY, 'warn'],
    [HOUR, 'bad'],
    [-HOUR, 'bad'],
  ] as const)('a login that ends in %i ms is %s', (ms, tone) => {
    expect(loginTone(NOW + ms, NOW)).toBe(tone);
  });
});

describe('a schedule in fields', () => {
  const SCHEDULES: readonly Schedule[] = [
    { mode: 'before-expiry', buffer: '5m' },
    { mode: 'interval', every: '30m' },
    { mode: 'daily', at: '09:00' },
    { mode: 'daily', at: '09:00', timezone: 'Europe/Berlin', days: ['mon', 'fri'] },
    { mode: 'cron', pattern: '0 9 * * *', timezone: 'UTC' },
  ];

  test.each(SCHEDULES)('%o comes out as it went in', schedule => {
    expect(scheduleOf(schedule.mode, draftsOf(schedule), schedule)).toEqual(schedule);
  });

  test.each<[Mode, string]>([
    ['before-expiry', 'buffer'],
    ['interval', 'every'],
    ['daily', 'at'],
  ])('%s is none without its %s', (mode, member) => {
    const schedule: Schedule = { mode: 'interval', every: '30m' };
    expect(scheduleOf(mode, { ...draftsOf(schedule), [member]: '' }, schedule)).toBeUndefined();
  });

  test('the same members in another order are the same schedule', () => {
    expect(
      sameSchedule({ mode: 'daily', at: '09:00', timezone: 'UTC' }, { timezone: 'UTC', at: '09:00', mode: 'daily' }),
    ).toBe(true);
    expect(sameSchedule({ mode: 'daily', at: '09:00' }, { mode: 'daily', at: '09:01' })).toBe(false);
  });

  test('a time is given the two digits that the field wants', () => {
    expect(draftsOf({ mode: 'daily', at: '9:00' }).at).toBe('09:00');
  });
});

test.each<[string, readonly Session[]]>([
  ['Nothing is kept alive yet.', []],
  ['Your session is looked after.', [session('a', ALIVE)]],
  ['All 2 sessions are looked after.', [session('a', ALIVE), session('b', OFFLINE)]],
  ['All 2 sessions are looked after; 1 is paused.', [session('a', ALIVE), session('b', ALIVE), session('c', PAUSED)]],
  ['Your session is paused.', [session('a', PAUSED)]],
  ['1 of 2 sessions needs a look.', [session('a', ALIVE), session('b', LOGIN)]],
  ['2 of 3 sessions need a look.', [session('a', PAUSED), session('b', FAILING), session('c', GAVE_UP)]],
])('%s', (sentence, sessions) => {
  expect(sayAll(sessions)).toBe(sentence);
});

test.each<[string, unknown]>([
  [
    'It is too early for another attempt. It is possible in 8 seconds.',
    new KeepaliveError('KA_RATE_LIMITED', { retryAt: NOW + 8_000 }),
  ],
  [
    'The daemon refuses this: expected a time zone.',
    Object.assign(new Error('Invalid params'), {
      data: {
        problems: [
          { path: 'a', message: 'expected a time zone' },
          { path: 'b', message: 'expected a time zone' },
        ],
      },
    }),
  ],
  ['The daemon did not answer in time.', new KeepaliveError('KA_RPC_TIMEOUT', { method: 'session/get' })],
  ['It did not work.', 'text'],
])('%s', (sentence, error) => {
  expect(sayFailure(error, NOW)).toBe(sentence);
});
