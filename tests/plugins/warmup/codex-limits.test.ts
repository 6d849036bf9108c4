import { describe, expect, test } from 'vitest';
import { begunWindows, readLimits } from '../../../plugins/warmup/codex-limits.ts';
import type { UsageWindow } from '../../../sdk/contract/rpc.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 0, 10, 6);
const SHORT = 300;
const WEEK = 10_080;

const seconds = (instant: number) => Math.floor(instant / 1_000);

/** A window as codex reports it. */
const wire = (windowDurationMins: unknown, resetsIn: number, usedPercent: unknown = 7) => ({
  usedPercent,
  windowDurationMins,
  resetsAt: seconds(NOW + resetsIn),
});

const answer = (primary: unknown, secondary: unknown = null) => ({ rateLimits: { primary, secondary } });

const short = (resetsIn: number, usedPercent: number | undefined = 7): UsageWindow => ({
  kind: 'short',
  usedPercent,
  startsAt: NOW + resetsIn - SHORT * MINUTE,
  resetsAt: NOW + resetsIn,
});
const week = (resetsIn: number, usedPercent = 7): UsageWindow => ({
  kind: 'week',
  usedPercent,
  startsAt: NOW + resetsIn - WEEK * MINUTE,
  resetsAt: NOW + resetsIn,
});

describe('the windows that codex reports', () => {
  test.each<[string, unknown, readonly UsageWindow[]]>([
    ['one of each kind', answer(wire(SHORT, HOUR), wire(WEEK, DAY, 20)), [short(HOUR), week(DAY, 20)]],
    ['the week in the first place', answer(wire(WEEK, DAY, 20), wire(SHORT, HOUR)), [short(HOUR), week(DAY, 20)]],
    ['a week alone', answer(wire(WEEK, DAY, 20)), [week(DAY, 20)]],
    ['one that is used up', answer(wire(SHORT, HOUR, 100)), [short(HOUR, 100)]],
    ['one that has just begun', answer(wire(SHORT, 5 * HOUR, 0)), [short(5 * HOUR, 0)]],
    [
      'one that begins a little later, by a clock that is slow',
      answer(wire(SHORT, 5 * HOUR + 10 * MINUTE)),
      [short(5 * HOUR + 10 * MINUTE)],
    ],
    [
      'the limits of the plan, beside those of a model',
      {
        ...answer(wire(SHORT, HOUR, 90)),
        rateLimitsByLimitId: {
          codex_model: { primary: wire(SHORT, 2 * HOUR), secondary: null },
          codex: { primary: wire(SHORT, HOUR), secondary: null },
        },
      },
      [short(HOUR)],
    ],
    [
      'limits that only belong to a model',
      { ...answer(wire(SHORT, HOUR)), rateLimitsByLimitId: { codex_model: { primary: wire(SHORT, 2 * HOUR) } } },
      [short(HOUR)],
    ],
    ['no limits by name', { ...answer(wire(SHORT, HOUR)), rateLimitsByLimitId: null }, [short(HOUR)]],
  ])('are read: %s', (_, given, expected) => {
    expect(readLimits(given, NOW)).toEqual(expected);
  });

  test('have the length that codex reports', () => {
    expect(readLimits(answer(wire(299, HOUR)), NOW)).toEqual([{ ...short(HOUR), startsAt: NOW + HOUR - 299 * MINUTE }]);
  });

  test.each([
    ['more than 100', 101],
    ['less than 0', -1],
    ['text', '7'],
    ['null', null],
    ['not a number', Number.NaN],
  ])('have no percentage if it is %s', (_, used) => {
    expect(readLimits(answer(wire(SHORT, HOUR, used)), NOW)).toEqual([{ ...short(HOUR), usedPercent: undefined }]);
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['text', 'limits'],
    ['a list', []],
    ['no limits', {}],
    ['limits of null', { rateLimits: null }],
    ['limits of text', { rateLimits: 'none' }],
    ['two windows of null', answer(null, null)],
    ['windows of text', answer('5h', 'week')],
    ['a window that is over', answer(wire(SHORT, -1_000))],
    ['a window that ends now', answer(wire(SHORT, 0))],
    ['a reset in milliseconds', answer({ ...wire(SHORT, 0), resetsAt: NOW + HOUR })],
    ['a reset as text', answer({ ...wire(SHORT, 0), resetsAt: new Date(NOW + HOUR).toISOString() })],
    ['a reset of null', answer({ ...wire(SHORT, 0), resetsAt: null })],
    ['a reset of 0', answer({ ...wire(SHORT, 0), resetsAt: 0 })],
    ['a reset more than 8 days ahead', answer(wire(WEEK, 8 * DAY + HOUR))],
    ['a short window that begins tomorrow', answer(wire(SHORT, DAY))],
    ['a length of null', answer(wire(null, HOUR))],
    ['a length of 0', answer(wire(0, HOUR))],
    ['a length as text', answer(wire('300', HOUR))],
    ['a window of an hour', answer(wire(60, HOUR))],
    ['a window of a day', answer(wire(1_440, HOUR))],
    ['a window of a month', answer(wire(43_200, DAY))],
  ])('are none: %s', (_, given) => {
    expect(readLimits(given, NOW)).toEqual([]);
  });
});

describe('a window has begun', () => {
  const LATER = 6_000;

  test.each<[string, readonly UsageWindow[], readonly UsageWindow[], readonly string[]]>([
    ['if its reset stays', [short(HOUR)], [short(HOUR)], ['short']],
    ['if its reset moves by a second', [short(HOUR)], [short(HOUR + 1_000)], ['short']],
    ['if its reset goes back', [short(HOUR)], [short(HOUR - LATER)], ['short']],
    ['not if its reset moves on with the clock', [short(HOUR)], [short(HOUR + LATER)], []],
    ['not if its reset moves on a second less', [short(HOUR)], [short(HOUR + LATER - 1_000)], []],
    ['also beside one that has not', [short(HOUR), week(DAY)], [short(HOUR + LATER), week(DAY)], ['week']],
    ['if only the second answer has it', [week(DAY)], [short(HOUR), week(DAY)], ['short', 'week']],
    ['not if the second answer lacks it', [short(HOUR)], [], []],
  ])('%s', (_, before, after, kinds) => {
    expect(begunWindows([before, after], LATER).map(({ kind }) => kind)).toEqual(kinds);
  });
});
