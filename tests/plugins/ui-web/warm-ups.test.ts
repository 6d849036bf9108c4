import { describe, expect, test } from 'vitest';
import { optionsSchema } from '../../../plugins/warmup/options.ts';
import { PROVIDERS } from '../../../plugins/warmup/drivers.ts';
import {
  emptyDraft,
  fieldProblems,
  INTERVALS,
  MISSED,
  optionsOf,
  perDayHint,
  problemsIn,
  scheduleOfDraft,
  zoneHint,
  type WarmUpDraft,
} from '../../../plugins/ui-web/page/format/warm-up-form.ts';
import { elsewhere, usedTone, warmUpLabel, windowsNow } from '../../../plugins/ui-web/page/format/warm-ups.ts';
import { WARMABLE, warmableOf } from '../../../plugins/ui-web/page/format/session-filter.ts';
import { readWarmUps } from '../../../plugins/ui-web/page/kernel/warm-ups.ts';
import type { KeepaliveClient } from '../../../sdk/client/create-client.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { ALIVE, HOUR, NOW, session } from '../ui-cli/fake-kernel.ts';

const draft = (more: Partial<WarmUpDraft> = {}): WarmUpDraft => ({ ...emptyDraft('claude'), ...more });
const NONE: ReadonlySet<string> = new Set();

test('warm-ups are offered for the providers that have a driver, and for no other', () => {
  expect(WARMABLE).toEqual(PROVIDERS);
  const sessions = ['claude', 'gemini', 'codex'].map(provider => session(provider, ALIVE, { provider }));
  expect(warmableOf(sessions).map(({ id }) => id)).toEqual(['claude', 'codex']);
});

describe('the form', () => {
  test.each<[string, Partial<WarmUpDraft>, object]>([
    ['as it is at first', {}, { at: ['06:00'], missed: 'skip', perDay: 1 }],
    [
      'with several times, of which an empty one is left out',
      { at: ['11:00', '', '06:00'], perDay: '2' },
      { at: ['06:00', '11:00'], missed: 'skip', perDay: 2 },
    ],
    [
      'with days, zone, days off and model',
      { days: 'mon,tue', timezone: ' Europe/Berlin ', skip: ['2026-12-25', ''], model: ' haiku ', missed: '30m' },
      {
        at: ['06:00'],
        days: ['mon', 'tue'],
        timezone: 'Europe/Berlin',
        skip: ['2026-12-25'],
        model: 'haiku',
        missed: '30m',
        perDay: 1,
      },
    ],
    ['with an interval', { mode: 'every', every: '2h', perDay: '3' }, { every: '2h', missed: 'skip', perDay: 3 }],
  ])('%s makes options that the plugin takes', (_how, changed, expected) => {
    const options = optionsOf(draft(changed), NONE);
    expect(options).toEqual({ id: 'warmup-claude', session: 'claude', ...expected });
    expect(optionsSchema.safeParse(options).success).toBe(true);
  });

  test.each(Object.keys(INTERVALS))('offers the interval %s, which the plugin takes', every => {
    expect(optionsSchema.safeParse(optionsOf(draft({ mode: 'every', every }), NONE)).success).toBe(true);
  });

  test.each(Object.keys(MISSED))('offers %s after a sleep, which the plugin takes', missed => {
    expect(optionsSchema.safeParse(optionsOf(draft({ missed }), NONE)).success).toBe(true);
  });

  test.each([
    ['claude', [], 'warmup-claude'],
    ['claude', ['warmup-claude', 'warmup-claude-2'], 'warmup-claude-3'],
    ['Claude_Work.', [], 'warmup-claude-work'],
  ])('gives a warm-up of %s an id that none of %j is', (of, taken, id) => {
    expect(optionsOf(draft({ session: of }), new Set(taken))).toMatchObject({ id });
  });

  test.each<[string, Partial<WarmUpDraft>, readonly string[]]>([
    ['nothing is missing', {}, []],
    ['no time', { at: [''] }, ['at']],
    ['no time is needed for an interval', { mode: 'every', at: [] }, []],
    ['a time twice', { at: ['06:00', '06:00'] }, ['at']],
    ['no day', { days: '' }, ['days']],
    ['a cap of none', { perDay: '0' }, ['perDay']],
    ['a cap of half a prompt', { perDay: '1.5' }, ['perDay']],
    ['a cap that is too large', { perDay: '25' }, ['perDay']],
    ['an empty cap', { perDay: '' }, ['perDay']],
  ])('%s', (_what, changed, fields) => {
    expect(Object.keys(problemsIn(draft(changed)))).toEqual(fields);
  });

  test('shows what the daemon refuses at its field', () => {
    const problems = [
      { path: 'options.at[1]', message: 'expected a time of day' },
      { path: 'timezone', message: 'This is no zone.' },
      { path: 'options', message: 'They are nested too deep.' },
    ];
    expect(fieldProblems(problems)).toEqual({ at: 'expected a time of day.', timezone: 'This is no zone.' });
  });

  test('says which times the cap leaves without a prompt', () => {
    expect(perDayHint(draft())).toBe('How many prompts are sent on one day at most.');
    expect(perDayHint(draft({ at: ['06:00', '11:00', '16:00'] }))).toBe(
      'There are 3 times a day. After 1 prompt, the others are skipped.',
    );
  });

  test('shows the clock of the zone', () => {
    const noon = Date.UTC(2026, 0, 5, 12);
    expect([zoneHint('Asia/Tokyo', noon), zoneHint('Mars/Base', noon)]).toEqual([
      'It is 21:00 there now.',
      'This zone is not known here.',
    ]);
  });

  test('describes its schedule with the members that a warm-up has', () => {
    expect(scheduleOfDraft(draft({ mode: 'every', every: '2h', missed: '1h', days: 'mon' }))).toEqual({
      every: '2h',
      days: ['mon'],
      skip: [],
      missed: '1h',
      perDay: 1,
    });
  });
});

test.each([
  [undefined, 'good'],
  [79, 'good'],
  [80, 'warn'],
  [100, 'bad'],
] as const)('a window of which %s %% is used has the colour %s', (usedPercent, tone) => {
  expect(usedTone({ usedPercent })).toBe(tone);
});

test('a window that has been reset since its report is not shown', () => {
  const windows = [-HOUR, HOUR].map(ms => ({ kind: 'short' as const, resetsAt: NOW + ms }));
  expect(windowsNow(windows, NOW)).toEqual([windows[1]]);
});

test('a warm-up that has paused itself has a label in the colour of trouble', () => {
  const paused = { at: NOW - HOUR, why: 'No effect.' };
  expect(warmUpLabel({ paused, next: [] }, NOW)).toEqual({ text: 'Paused itself 1 h ago', tone: 'bad', sign: 'cross' });
});

test.each([
  [undefined, undefined],
  ['UTC', undefined],
  ['Asia/Tokyo', '21:00 in Asia/Tokyo'],
  ['Mars/Base', undefined],
])('noon of UTC is shown on the clock of %s as %s', (zone, text) => {
  expect(elsewhere(Date.UTC(2026, 0, 5, 12), zone, 'UTC')).toBe(text);
});

describe('the list of warm-ups', () => {
  const failing = (error: unknown) => readWarmUps((() => Promise.reject(error)) as KeepaliveClient['request']);

  test('is absent from a daemon that does not know them', async () => {
    expect(await failing(new KeepaliveError('KA_RPC_METHOD_NOT_FOUND'))).toBeUndefined();
  });

  test('says why it cannot be read', async () => {
    const details = { path: '/home/me/warmup.json', reason: 'it is damaged' };
    expect(await failing(new KeepaliveError('KA_STORE_UNREADABLE', details))).toBe(
      '/home/me/warmup.json cannot be read: it is damaged.',
    );
    expect(await failing(new KeepaliveError('KA_WARMUP_NOT_FOUND', { id: 'a' }))).toMatch(/\.$/);
  });

  test('is asked for again after a lost connection', async () => {
    const lost = new KeepaliveError('KA_RPC_CONNECTION_LOST');
    await expect(failing(lost)).rejects.toBe(lost);
  });
});
