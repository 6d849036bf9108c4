import { describe, expect, test } from 'vitest';
import {
  floorOf,
  leadMs,
  laterOf,
  wakeAfterTrouble,
  wakeWhenAlive,
  type Life,
  type Wake,
} from '../../lifecycle/timing.ts';
import { DEFAULT_POLICY, type PartialPolicy, type Policy } from '../../sdk/contract/policy.ts';

const M = 60_000;
const H = 60 * M;
const DAY = 24 * H;
/** A Monday at noon, so that minutes of the hour are easy to read. */
const NOW = Date.UTC(2026, 0, 5, 12);
const policyOf = (changes: PartialPolicy = {}): Policy => Object.assign({ ...DEFAULT_POLICY, jitter: 0 }, changes);
const early: PartialPolicy = { renewEarly: true };
const every = (duration: '1m' | '30m' | '8h' | '30h'): PartialPolicy => ({
  schedule: { mode: 'interval', every: duration },
});
const daily: PartialPolicy = { schedule: { mode: 'daily', at: '11:30', timezone: 'UTC' } };

describe('a session that is alive wakes', () => {
  test.each<[string, PartialPolicy, Life, number, string]>([
    ['an interval after the last attempt', every('30m'), { lastAttemptAt: NOW - 10 * M }, 20 * M, 'every 30 minutes'],
    ['an interval from now if there was no attempt', every('30m'), {}, 30 * M, 'every 30 minutes'],
    ['at once if it is overdue', every('30m'), { lastAttemptAt: NOW - DAY }, 30 * M - DAY, 'every 30 minutes'],
    [
      'never before the minimum interval',
      every('1m'),
      { lastAttemptAt: NOW },
      2 * M,
      'every minute; no sooner than 2 minutes after the last attempt',
    ],
    [
      'before a known expiry that comes before the tick',
      every('8h'),
      { lastAttemptAt: NOW, expiresAt: NOW + H, expirySeenAt: NOW },
      55 * M,
      '5 minutes before it expires',
    ],
    [
      'at the tick if the expiry comes later',
      every('30m'),
      { lastAttemptAt: NOW, expiresAt: NOW + H, expirySeenAt: NOW },
      30 * M,
      'every 30 minutes',
    ],
    [
      'before the expiry, not at a tick shortly before the guard',
      every('30m'),
      { lastAttemptAt: NOW, expiresAt: NOW + 36 * M, expirySeenAt: NOW },
      31 * M,
      '5 minutes before it expires',
    ],
    [
      'only before the expiry in before-expiry mode',
      {},
      { lastAttemptAt: NOW, expiresAt: NOW + 8 * H, expirySeenAt: NOW },
      8 * H - 5 * M,
      '5 minutes before it expires',
    ],
    [
      'every half hour in before-expiry mode if no expiry is known',
      {},
      { lastAttemptAt: NOW },
      30 * M,
      'every 30 minutes while no expiry is known',
    ],
    [
      'not in the first half of a short lifetime',
      {},
      { lastAttemptAt: NOW, expiresAt: NOW + 6 * M, expirySeenAt: NOW },
      3 * M,
      '3 minutes before it expires',
    ],
    [
      'after the expiry if the minimum interval is longer than the lifetime',
      {},
      { lastAttemptAt: NOW, expiresAt: NOW + M, expirySeenAt: NOW },
      2 * M,
      '30 seconds before it expires; no sooner than 2 minutes after the last attempt',
    ],
    [
      'at once if the credential has expired',
      {},
      { lastAttemptAt: NOW - H, expiresAt: NOW - M, expirySeenAt: NOW - DAY },
      -6 * M,
      'it has expired',
    ],
    [
      'at half of the lifetime with `renewEarly`',
      early,
      { lastAttemptAt: NOW, expiresAt: NOW + DAY, expirySeenAt: NOW },
      12 * H,
      'half of its life is over then',
    ],
    [
      'at half of the lifetime with `renewEarly` if ticks are rare',
      { ...early, ...every('30h') },
      { lastAttemptAt: NOW, expiresAt: NOW + DAY, expirySeenAt: NOW },
      12 * H,
      'half of its life is over then',
    ],
    [
      'at half of the lifetime with `renewEarly`, even after an attempt before that',
      early,
      { lastAttemptAt: NOW, expiresAt: NOW + 16 * H, expirySeenAt: NOW - 8 * H },
      4 * H,
      'half of its life is over then',
    ],
    [
      'halfway to the expiry if an early renewal did not extend it',
      early,
      { lastAttemptAt: NOW, expiresAt: NOW + 8 * H, expirySeenAt: NOW - 16 * H },
      4 * H,
      '4 hours before it expires',
    ],
    [
      'no later than the lead before the expiry if an early renewal did not extend it',
      early,
      { lastAttemptAt: NOW, expiresAt: NOW + 8 * M, expirySeenAt: NOW - DAY },
      3 * M,
      '5 minutes before it expires',
    ],
    [
      'at the lead before the expiry if the lifetime is unknown',
      early,
      { lastAttemptAt: NOW, expiresAt: NOW + 8 * H },
      8 * H - 5 * M,
      '5 minutes before it expires',
    ],
    [
      'at the lead before the expiry if that is more than half of the lifetime',
      early,
      { lastAttemptAt: NOW, expiresAt: NOW + 6 * M, expirySeenAt: NOW },
      3 * M,
      '3 minutes before it expires',
    ],
    ['the next day', daily, { lastAttemptAt: NOW - 30 * M }, 23.5 * H, 'daily at 11:30 (UTC)'],
    [
      'when the vendor allows it',
      every('30m'),
      { lastAttemptAt: NOW, vendorWaitUntil: NOW + 2 * H },
      2 * H,
      'every 30 minutes; the vendor asked to wait',
    ],
    [
      'within a day if the clock was wrong at the vendor’s answer',
      every('30m'),
      { lastAttemptAt: NOW, vendorWaitUntil: NOW + 400 * DAY },
      DAY,
      'every 30 minutes; the vendor asked to wait',
    ],
    [
      'an interval from now if the clock was set back by a day',
      every('30m'),
      { lastAttemptAt: NOW + DAY },
      30 * M,
      'every 30 minutes',
    ],
    [
      'as soon as it may if the clock was set back and an expiry is known, which may be too late',
      {},
      { lastAttemptAt: NOW + DAY, expiresAt: NOW + DAY + H, expirySeenAt: NOW + DAY },
      2 * M,
      'the clock was set back since the last attempt; no sooner than 2 minutes after the last attempt',
    ],
    [
      'half an hour from now if the clock was set back and no expiry is known',
      {},
      { lastAttemptAt: NOW + DAY },
      30 * M,
      'every 30 minutes while no expiry is known',
    ],
    [
      'only on the next local day if the clock was set back',
      daily,
      { lastAttemptAt: NOW + DAY - 29 * M },
      2 * DAY - 30 * M,
      'daily at 11:30 (UTC)',
    ],
    [
      'soon if the clock was wrong by a year',
      daily,
      { lastAttemptAt: NOW + 365 * DAY },
      23.5 * H,
      'daily at 11:30 (UTC)',
    ],
  ])('%s', (_name, changes, life, ...[after, why]) => {
    const wake = wakeWhenAlive(life, { policy: policyOf(changes), now: NOW, random: 0.5 });
    expect({ after: wake.at - NOW, why: wake.explanation }).toEqual({ after, why });
  });
});

describe('jitter', () => {
  const wakes = (changes: PartialPolicy, life: Life) =>
    [0, 0.5, 1].map(
      random =>
        wakeWhenAlive(
          { lastAttemptAt: NOW, ...life },
          { policy: policyOf({ jitter: 0.1, ...changes }), now: NOW, random },
        ).at - NOW,
    );

  test.each<[string, PartialPolicy, Life, readonly number[]]>([
    ['makes an interval up to a tenth shorter', every('30m'), {}, [30 * M, 28.5 * M, 27 * M]],
    ['makes the interval without an expiry up to a tenth shorter', {}, {}, [30 * M, 28.5 * M, 27 * M]],
    ['delays a daily attempt within the same minute', daily, {}, [23.5 * H, 23.5 * H + 15_000, 23.5 * H + 30_000]],
    [
      'is never later than the expiry guard',
      {},
      { expiresAt: NOW + H, expirySeenAt: NOW },
      [55 * M, 54.75 * M, 54.5 * M],
    ],
    [
      'does not reach into the first half of the lifetime',
      { jitter: 1 },
      { expiresAt: NOW + 12 * M, expirySeenAt: NOW },
      [7 * M, 6 * M, 6 * M],
    ],
    ['never goes below the minimum interval', { jitter: 1, ...every('30m') }, {}, [30 * M, 15 * M, 2 * M]],
  ])('%s', (_name, changes, life, expected) => {
    expect(wakes(changes, life)).toEqual(expected);
  });
});

describe('after trouble', () => {
  test.each<[string, PartialPolicy, Life, number, boolean, number, string]>([
    ['comes the first retry', {}, {}, 1, false, 2 * M, 'retry 1 of 3, after 2 minutes'],
    ['comes the third retry', {}, {}, 3, false, 8 * M, 'retry 3 of 3, after 8 minutes'],
    [
      'comes the next tick when all retries were made',
      every('30m'),
      {},
      4,
      false,
      30 * M,
      'every 30 minutes, after 3 retries',
    ],
    [
      'comes the next tick, but not before the backoff',
      {},
      { expiresAt: NOW - M, expirySeenAt: NOW - DAY },
      4,
      false,
      16 * M,
      '16 minutes after 3 retries',
    ],
    ['retries are endless if the network failed', {}, {}, 9, true, 30 * M, 'retry 9, after 30 minutes'],
    [
      'a retry comes sooner if the login would end with its credential meanwhile',
      { renewEarly: true },
      { expiresAt: NOW + 20 * M, expirySeenAt: NOW - DAY },
      9,
      true,
      10 * M,
      'retry 9, after 10 minutes',
    ],
    [
      'a retry comes within half of the remaining time',
      { renewEarly: true },
      { expiresAt: NOW + 5 * M, expirySeenAt: NOW - DAY },
      9,
      true,
      2.5 * M,
      'retry 9, after 3 minutes',
    ],
    [
      'a retry comes no sooner once the credential has expired',
      { renewEarly: true },
      { expiresAt: NOW - M, expirySeenAt: NOW - DAY },
      9,
      true,
      30 * M,
      'retry 9, after 30 minutes',
    ],
    [
      'a retry never comes before the minimum interval',
      { minInterval: '1h' },
      { lastAttemptAt: NOW },
      1,
      false,
      H,
      'retry 1 of 3, after 2 minutes; no sooner than 1 hour after the last attempt',
    ],
    [
      'comes the next tick if the policy has no retries',
      { retries: 0, ...every('30m') },
      {},
      1,
      false,
      30 * M,
      'every 30 minutes, after 0 retries',
    ],
  ])('%s', (_name, changes, life, ...[tries, isEndless, after, why]) => {
    const context = { policy: policyOf(changes), now: NOW, random: 0 };
    const wake = wakeAfterTrouble({ lastAttemptAt: NOW, ...life }, { tries, isEndless }, context);
    expect({ after: wake.at - NOW, why: wake.explanation }).toEqual({ after, why });
  });
});

test('the floor counts from the last attempt, or from now if that is in the future', () => {
  const floor = (lastAttemptAt: number | undefined) =>
    floorOf({ lastAttemptAt }, { policy: policyOf(), now: NOW }).at - NOW;
  expect([floor(undefined), floor(NOW - M), floor(NOW), floor(NOW + DAY)]).toEqual([0, M, 2 * M, 2 * M]);
});

test('wake-ups are whole milliseconds, rounded up', () => {
  const late = (at: number, floor: number) => laterOf({ at, explanation: 'a' }, { at: floor, explanation: 'b' }, 0).at;
  expect([late(10.2, 3), late(10.2, 20.5)]).toEqual([11, 21]);
});

describe('the reason for a wake-up', () => {
  const floor = { at: NOW + M, explanation: 'no sooner than then' };
  test.each<[string, Wake, string]>([
    ['is its cause if nothing delays it', { at: NOW + H, explanation: 'every hour' }, 'every hour'],
    [
      'is its cause, and what delays it',
      { at: NOW, explanation: 'the credential changed' },
      'the credential changed; no sooner than then',
    ],
    [
      'names only the last of two delays',
      { at: NOW, explanation: 'the credential changed; something older' },
      'the credential changed; no sooner than then',
    ],
  ])('%s', (_name, wake, why) => {
    expect(laterOf(wake, floor, NOW).explanation).toBe(why);
  });

  test('does not name a minimum interval that is over', () => {
    expect(laterOf({ at: NOW - H, explanation: 'overdue' }, { ...floor, at: NOW - M }, NOW).explanation).toBe(
      'overdue',
    );
  });
});

test('the lead is the buffer in before-expiry mode, and refreshBefore in every other', () => {
  expect(leadMs(policyOf({ schedule: { mode: 'before-expiry', buffer: '10m' }, refreshBefore: '1m' }))).toBe(10 * M);
  expect(leadMs(policyOf({ ...daily, refreshBefore: '1m' }))).toBe(M);
});
