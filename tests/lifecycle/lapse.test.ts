import { describe, expect, test } from 'vitest';
import { isRenewedElsewhere, lapseOf, type Known } from '../../lifecycle/lapse.ts';
import type { Attempt } from '../../sdk/contract/session.ts';

const alive: Known['state'] = { name: 'alive', wakeAt: 1, wakeWhy: 'every 30m' };
const paused: Known['state'] = { name: 'halted', why: 'paused', hint: '', failures: 0 };
const attempt = (outcome: Attempt['outcome'], endedAt: number): Attempt => ({
  id: 'codex',
  startedAt: endedAt - 1,
  endedAt,
  reason: 'schedule',
  method: 'redeem',
  outcome,
  failures: 0,
});
const expired: Known = { state: alive, expiresAt: 100 };

/** The daemon started at 200, and it is 300 now. */
const CASES: readonly [
  string,
  Known,
  Known,
  { since?: number; isInspected?: boolean },
  readonly number[] | undefined,
][] = [
  ['not expired yet', { ...expired, expiresAt: 301 }, { ...expired, expiresAt: 400 }, {}, [300, 300]],
  ['no expiry known', { state: alive }, expired, {}, [300, 300]],
  ['paused', { ...expired, state: paused }, expired, {}, [300, 300]],
  ['still expired, counted until 250', expired, expired, { since: 250 }, [250, 300]],
  ['expired while no daemon ran, not inspected yet', expired, expired, {}, undefined],
  ['the same, after an inspection', expired, expired, { isInspected: true }, [100, 300]],
  ['the same, after an attempt', expired, { ...expired, lastAttempt: attempt('failed', 210) }, {}, [100, 300]],
  [
    'an attempt of the last run proves nothing',
    expired,
    { ...expired, lastAttempt: attempt('failed', 90) },
    {},
    undefined,
  ],
  ['renewed by us', expired, { ...expired, expiresAt: 900, lastAttempt: attempt('refreshed', 260) }, {}, [100, 260]],
  ['renewed by its program at an unknown time', expired, { ...expired, expiresAt: 900 }, {}, [200, 300]],
  [
    'found renewed by an attempt of ours',
    expired,
    { ...expired, expiresAt: 900, lastAttempt: attempt('fresh', 260) },
    {},
    [200, 300],
  ],
  ['renewed by its program while we ran', expired, { ...expired, expiresAt: 900 }, { since: 280 }, [280, 300]],
];

test.each(CASES)('a lapse: %s', (_what, ...[before, found, { since = 50, isInspected }, expected]) => {
  const lapse = lapseOf(before, found, { since, now: 300, startedAt: 200, isInspected });
  expect(lapse && [lapse.from, lapse.to]).toEqual(expected);
});

describe('a renewal by its own program', () => {
  test.each<[string, Known, Known, boolean]>([
    ['nothing new', { ...expired, lastRenewedAt: 5 }, { ...expired, lastRenewedAt: 5 }, false],
    ['noticed', expired, { ...expired, lastRenewedAt: 250 }, true],
    ['by us', expired, { ...expired, lastRenewedAt: 250, lastAttempt: attempt('refreshed', 250) }, false],
    ['found by our attempt', expired, { ...expired, lastRenewedAt: 250, lastAttempt: attempt('fresh', 250) }, true],
  ])('%s', (_what, before, found, expected) => {
    expect(isRenewedElsewhere(before, found)).toBe(expected);
  });
});
