import { describe, expect, test } from 'vitest';
import { loginTone, remaining } from '../../../plugins/ui-web/page/format/expiry.ts';
import { describeError } from '../../../plugins/ui-web/page/format/error.ts';
import { pageHeadline, pageTitle } from '../../../plugins/ui-web/page/format/headline.ts';
import { isSameName } from '../../../plugins/ui-web/page/format/labels.ts';
import {
  allDraftsOf,
  parseDuration,
  sameSchedule,
  scheduleOf,
  withDay,
  type Mode,
} from '../../../plugins/ui-web/page/format/schedule-form.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { DEFAULT_POLICY, type Schedule } from '../../../sdk/contract/policy.ts';
import { describeDuration } from '../../../sdk/wording/duration.ts';
import { ALIVE, DAY, HOUR, LOGIN, MINUTE, NOW, session } from '../ui-cli/fake-kernel.ts';

describe('a length of time as people write it', () => {
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
    expect(parseDuration(text)).toBe(duration);
  });

  test.each(['5m', '90s', '2h', '1d', '7d', '500ms'])('%s is read as it is shown', duration => {
    expect(parseDuration(describeDuration(duration))).toBe(duration);
  });
});

describe('the remaining time of a credential', () => {
  const left = (expiresAt: number | undefined, expirySeenAt?: number, schedule: Schedule = DEFAULT_POLICY.schedule) =>
    remaining({ expiresAt, expirySeenAt, policy: { ...DEFAULT_POLICY, schedule } }, NOW);

  test.each<[string, ReturnType<typeof left>, ReturnType<typeof left>]>([
    ['no expiry known', left(undefined), undefined],
    ['new', left(NOW + HOUR, NOW), { share: 1, tone: 'good' }],
    ['half over', left(NOW + HOUR, NOW - HOUR), { share: 0.5, tone: 'good' }],
    ['due for a renewal now', left(NOW + 5 * MINUTE, NOW - 55 * MINUTE), { share: 1 / 12, tone: 'good' }],
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
    ['without a known start', left(NOW + HOUR), { share: 1, tone: 'good' }],
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

  test.each(SCHEDULES)('%o is unchanged', schedule => {
    expect(scheduleOf(schedule.mode, allDraftsOf(schedule))).toEqual(schedule);
  });

  test.each<[Mode, string, string]>([
    ['before-expiry', 'buffer', 'Write a number and a unit'],
    ['interval', 'every', 'Write a number and a unit'],
    ['daily', 'at', 'Write a time of day'],
    ['daily', 'days', 'Choose at least one day'],
    ['cron', 'pattern', 'Write five fields'],
  ])('%s is none without its %s, and the user reads why', (mode, member, why) => {
    const schedule: Schedule = { mode: 'interval', every: '30m' };
    expect(scheduleOf(mode, { ...allDraftsOf(schedule), [member]: '' })).toContain(why);
  });

  test('all days of the week are no condition', () => {
    const drafts = allDraftsOf({ mode: 'daily', at: '09:00', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'] });
    const week = withDay(drafts.days, 'sun', true);
    expect(scheduleOf('daily', { ...drafts, days: week })).toEqual({ mode: 'daily', at: '09:00' });
    expect(scheduleOf('daily', { ...drafts, days: withDay(week, 'mon', false) })).toMatchObject({
      days: ['tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
    });
  });

  test('the same members in another order are the same schedule', () => {
    expect(
      sameSchedule({ mode: 'daily', at: '09:00', timezone: 'UTC' }, { timezone: 'UTC', at: '09:00', mode: 'daily' }),
    ).toBe(true);
    expect(sameSchedule({ mode: 'daily', at: '09:00' }, { mode: 'daily', at: '09:01' })).toBe(false);
  });

  test('a time gets the two digits that the field needs', () => {
    expect(allDraftsOf({ mode: 'daily', at: '9:00' }).at).toBe('09:00');
  });
});

describe('the headline of the page', () => {
  const overview = { sessions: [session('a', ALIVE), session('b', LOGIN)], plugins: [], notices: [] };

  test('is the one of every frontend, as a sentence', () => {
    expect(pageHeadline(overview, undefined, NOW)).toBe('1 of 2 sessions needs you.');
  });

  test('claims nothing while the daemon does not answer', () => {
    expect(pageHeadline(overview, NOW - HOUR, NOW)).toBe('Nothing is known since 11:00.');
    expect(pageHeadline(overview, NOW - DAY, NOW)).toBe('Nothing is known since Mon 9 Mar 12:00.');
  });

  test.each([
    ['Session Keepalive', 0, false],
    ['(3) Session Keepalive', 3, false],
    ['(?) Session Keepalive', 3, true],
  ])('the title of the window is "%s"', (title, needs, isLost) => {
    expect(pageTitle(needs, isLost)).toBe(title);
  });
});

test.each([
  ['acme-code', 'Acme Code', true],
  ['claude', 'Claude', true],
  ['codex', 'Codex CLI', false],
  ['codex-work', 'Codex', false],
  ['codex-work', 'Codex (codex-work)', true],
])('the id %s beside the name "%s": the same name is %o', (id, name, same) => {
  expect(isSameName(id, name)).toBe(same);
});

test.each<[string, unknown]>([
  [
    'It is too early for another attempt. Try again in 8 seconds.',
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
  ['The request failed.', 'text'],
])('%s', (sentence, error) => {
  expect(describeError(error, NOW)).toBe(sentence);
});
