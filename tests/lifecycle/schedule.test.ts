import { describe, expect, test } from 'vitest';
import { cronProblem } from '../../sdk/contract/policy-schema.ts';
import { tickAfter } from '../../lifecycle/schedule.ts';
import type { Schedule } from '../../sdk/contract/policy.ts';

const at = (text: string) => Date.parse(text);

describe('the next tick', () => {
  test.each<[string, Schedule, string, string]>([
    ['an interval after the last', { mode: 'interval', every: '30m' }, '2026-01-05T12:00Z', '2026-01-05T12:30Z'],
    [
      'half an hour later if no expiry is known',
      { mode: 'before-expiry', buffer: '5m' },
      '2026-01-05T12:00Z',
      '2026-01-05T12:30Z',
    ],
    ['later today', { mode: 'daily', at: '09:00', timezone: 'UTC' }, '2026-01-05T08:59:59Z', '2026-01-05T09:00Z'],
    [
      'never at the same time as the last',
      { mode: 'daily', at: '09:00', timezone: 'UTC' },
      '2026-01-05T09:00Z',
      '2026-01-06T09:00Z',
    ],
    [
      'at the local time of the zone in winter',
      { mode: 'daily', at: '09:00', timezone: 'Europe/Berlin' },
      '2026-01-05T08:30Z',
      '2026-01-06T08:00Z',
    ],
    [
      'at the local time of the zone in summer',
      { mode: 'daily', at: '09:00', timezone: 'Europe/Berlin' },
      '2026-07-06T08:30Z',
      '2026-07-07T07:00Z',
    ],
    [
      'on the other side of the date line',
      { mode: 'daily', at: '00:00', timezone: 'Pacific/Auckland' },
      '2026-01-05T00:00Z',
      '2026-01-05T11:00Z',
    ],
    [
      'right for an hour with one digit',
      { mode: 'daily', at: '9:05', timezone: 'UTC' },
      '2026-01-05T00:00Z',
      '2026-01-05T09:05Z',
    ],
    [
      'on the next of the days',
      { mode: 'daily', at: '09:00', timezone: 'UTC', days: ['wed', 'fri'] },
      '2026-01-05T00:00Z',
      '2026-01-07T09:00Z',
    ],
    [
      'over the weekend',
      { mode: 'daily', at: '09:00', timezone: 'UTC', days: ['mon', 'fri'] },
      '2026-01-09T09:00Z',
      '2026-01-12T09:00Z',
    ],
    [
      'right after the gap when clocks go forward',
      { mode: 'daily', at: '02:30', timezone: 'Europe/Berlin' },
      '2026-03-28T12:00Z',
      '2026-03-29T01:00Z',
    ],
    [
      'at the first of two equal local times when clocks go back',
      { mode: 'daily', at: '02:30', timezone: 'Europe/Berlin' },
      '2026-10-24T12:00Z',
      '2026-10-25T00:30Z',
    ],
    [
      'not at the second of two equal local times',
      { mode: 'daily', at: '02:30', timezone: 'Europe/Berlin' },
      '2026-10-25T00:30:20Z',
      '2026-10-26T01:30Z',
    ],
    [
      'at the next time of a pattern',
      { mode: 'cron', pattern: '*/15 9-17 * * 1-5', timezone: 'UTC' },
      '2026-01-09T17:50Z',
      '2026-01-12T09:00Z',
    ],
    [
      'at the next time of a pattern with seconds',
      { mode: 'cron', pattern: '30 0 0 * * *', timezone: 'UTC' },
      '2026-01-05T00:00Z',
      '2026-01-05T00:00:30Z',
    ],
    [
      'a day later if the pattern has no further time',
      { mode: 'cron', pattern: '0 0 0 1 1 * 2020', timezone: 'UTC' },
      '2026-01-05T00:00Z',
      '2026-01-06T00:00Z',
    ],
  ])('is %s', (_name, schedule, from, next) => {
    expect(new Date(tickAfter(schedule, at(from))).toISOString()).toBe(new Date(next).toISOString());
  });
});

test.each([
  ['0 9 * * *', 'UTC', true],
  ['*/5 * * * * *', undefined, true],
  ['every day', undefined, false],
  ['99 9 * * *', undefined, false],
  ['0 9 * * *', 'Mars/Base', false],
  ['0 0 30 2 *', undefined, false],
  ['0 0 31 2,4,6,9,11 *', 'Europe/Berlin', false],
  ['0 0 0 29 2 * 2027', undefined, false],
  ['0 0 31W 2 *', undefined, false],
  ['0 0 29 2 *', undefined, true],
  ['0 0 L 2 *', undefined, true],
  ['0 0 * 2 5#5', undefined, true],
  ['0 0 30 2 1', undefined, true],
  // A pattern of the past stays valid: a restarted daemon must not refuse its own settings.
  ['0 0 0 1 1 * 2020', undefined, true],
])('the pattern "%s" in the zone %s is valid: %s', (pattern, zone, good) => {
  expect(cronProblem(pattern, zone) === undefined).toBe(good);
});
