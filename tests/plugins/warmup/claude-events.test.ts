import { describe, expect, test } from 'vitest';
import { readEvents, windowsOf, type Limits } from '../../../plugins/warmup/claude-events.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 0, 10, 6, 10);
const inSeconds = (instant: number) => instant / 1_000;
const RESET = NOW + 4 * HOUR;
const WEEK_RESET = NOW + 3 * DAY;

const limits = (more: Limits): string => JSON.stringify({ type: 'rate_limit_event', rate_limit_info: more });
const windows = (stdout: string) => windowsOf(readEvents(stdout).limits, NOW);

const FIVE_HOURS = { utilization: 0.015, resetsAt: inSeconds(RESET) };
const SEVEN_DAYS = { utilization: 0.25, resetsAt: inSeconds(WEEK_RESET) };
const SHORT = { kind: 'short', usedPercent: 1.5, startsAt: RESET - 5 * HOUR, resetsAt: RESET };
const WEEK = { kind: 'week', usedPercent: 25, startsAt: undefined, resetsAt: WEEK_RESET };

describe('the windows that claude reports', () => {
  const only = (more: object) => ({ unifiedWindows: { five_hour: { ...FIVE_HOURS, ...more } } });

  test.each<[string, Limits, readonly object[]]>([
    ['both windows', { unifiedWindows: { five_hour: FIVE_HOURS, seven_day: SEVEN_DAYS } }, [SHORT, WEEK]],
    ['one window', { unifiedWindows: { seven_day: SEVEN_DAYS } }, [WEEK]],
    ['the short one alone, as some releases do', { rateLimitType: 'five_hour', ...FIVE_HOURS }, [SHORT]],
    ['the week alone, as some releases do', { rateLimitType: 'seven_day', ...SEVEN_DAYS }, [WEEK]],
    [
      'one without its use',
      { rateLimitType: 'five_hour', resetsAt: inSeconds(RESET) },
      [{ ...SHORT, usedPercent: undefined }],
    ],
    ['the week of one model', { rateLimitType: 'seven_day_opus', ...SEVEN_DAYS }, []],
    ['nothing', { status: 'allowed' }, []],
    ['a use above all of it', only({ utilization: 1.2 }), [{ ...SHORT, usedPercent: 100 }]],
    ['a use that is in percent', only({ utilization: 42 }), [{ ...SHORT, usedPercent: undefined }]],
    ['a use below nothing', only({ utilization: -1 }), [{ ...SHORT, usedPercent: undefined }]],
    ['a reset in the past', only({ resetsAt: inSeconds(NOW - HOUR) }), []],
    ['a reset at this moment', only({ resetsAt: inSeconds(NOW) }), []],
    ['a reset in milliseconds', only({ resetsAt: RESET }), []],
    ['a reset that is later than a window is long', only({ resetsAt: inSeconds(NOW + 7 * HOUR) }), []],
    [
      'a week that ends in more than 8 days',
      { unifiedWindows: { seven_day: { ...SEVEN_DAYS, resetsAt: inSeconds(NOW + 9 * DAY) } } },
      [],
    ],
  ])('%s', (_name, given, expected) => expect(windows(limits(given))).toEqual(expected));

  test.each([
    ['a reset that is text', { five_hour: { ...FIVE_HOURS, resetsAt: 'soon' }, seven_day: SEVEN_DAYS }],
    ['a reset that is null', { five_hour: { ...FIVE_HOURS, resetsAt: null }, seven_day: SEVEN_DAYS }],
    ['a window that is a list', { five_hour: [], seven_day: SEVEN_DAYS }],
    ['a window that is null', { five_hour: null, seven_day: SEVEN_DAYS }],
  ])('%s does not hide the other window', (_name, unifiedWindows) =>
    expect(windows(JSON.stringify({ type: 'rate_limit_event', rate_limit_info: { unifiedWindows } }))).toEqual([WEEK]),
  );

  test.each([
    ['no output', ''],
    ['text', 'Execution error'],
    ['a number', '7'],
    ['a list', '[]'],
    ['an event without its facts', '{"type":"rate_limit_event"}'],
    ['facts that are text', '{"type":"rate_limit_event","rate_limit_info":"allowed"}'],
    ['a cut line', limits({ unifiedWindows: { five_hour: FIVE_HOURS } }).slice(0, -5)],
  ])('%s has none', (_name, stdout) => expect(windows(stdout)).toEqual([]));
});

describe('the events', () => {
  test('the last of a kind counts, with any text between them', () => {
    const stdout = [
      '{"type":"system","subtype":"init"}',
      limits({ status: 'allowed' }),
      'a notice\r',
      limits({ status: 'rejected' }),
      '{"type":"result","is_error":true,"api_error_status":429}',
      '',
    ].join('\n');
    const { limits: last, end } = readEvents(stdout);
    expect(last?.status).toBe('rejected');
    expect(end).toMatchObject({ is_error: true, api_error_status: 429 });
  });

  test('a result that does not say whether it is an error is none', () =>
    expect(readEvents('{"type":"result","is_error":"no"}').end).toBeUndefined());

  test('a status that is null is absent', () =>
    expect(readEvents('{"type":"result","is_error":true,"api_error_status":null}').end?.api_error_status).toBe(
      undefined,
    ));
});
