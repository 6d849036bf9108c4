import { describe, expect, test } from 'vitest';
import type { Duration } from '../../sdk/contract/duration.ts';
import { DEFAULT_POLICY, type Policy } from '../../sdk/contract/policy.ts';
import type { Session } from '../../sdk/contract/session.ts';
import { deadlineOf } from '../../lifecycle/notice-rules.ts';
import { nextAlarm } from '../../lifecycle/states.ts';
import { nextWarning, warningInForce } from '../../lifecycle/warnings.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const USUAL = DEFAULT_POLICY.warn;
const LONG: Policy['warn'] = ['30d', '7d', '3d', '1d'];

test.each<[left: number, warn: Policy['warn'], raised: readonly Duration[], expected: Duration | undefined]>([
  [8 * DAY, USUAL, [], undefined],
  [7 * DAY + 1, USUAL, [], undefined],
  [7 * DAY, USUAL, [], '7d'],
  [3 * DAY + 1, USUAL, ['7d'], '7d'],
  [3 * DAY, USUAL, ['7d'], '3d'],
  [HOUR, USUAL, ['3d'], '1d'],
  [-HOUR, USUAL, ['1d'], '1d'],
  // After weeks without a daemon, only one is raised.
  [2 * DAY, LONG, ['30d'], '3d'],
  [30 * DAY, LONG, [], '30d'],
  [8 * DAY, LONG, ['30d'], '30d'],
  // An end that moves by a few hours.
  [7 * DAY + 20 * HOUR, USUAL, ['7d'], '7d'],
  [8 * DAY + 1, USUAL, ['7d'], undefined],
  [3 * DAY + HOUR, USUAL, ['3d'], '3d'],
  [80 * 60_000, ['1h'], ['1h'], '1h'],
  [3 * HOUR, ['1h'], ['1h'], undefined],
  // A list in any order, and other lists.
  [HOUR, ['1d', '7d', '2h'], [], '2h'],
  [HOUR, ['360d'], [], '360d'],
  [HOUR, [], ['7d'], undefined],
])(
  'with %d ms left and the list %j, while %j is raised, the warning in force is %s',
  (left, warn, raised, expected) => {
    const isRaised = (lead: Duration) => raised.includes(lead);
    expect(warningInForce({ loginExpiresAt: NOW + left }, { warn }, { now: NOW, isRaised })).toBe(expected);
  },
);

test.each<[left: number | undefined, warn: Policy['warn'], inMs: number | undefined]>([
  [40 * DAY, LONG, 10 * DAY],
  [30 * DAY, LONG, 23 * DAY],
  [8 * DAY, USUAL, DAY],
  [2 * DAY, USUAL, DAY],
  [DAY, USUAL, undefined],
  [-DAY, USUAL, undefined],
  [8 * DAY, [], undefined],
  [undefined, USUAL, undefined],
])('with %s ms left and the list %j, the next warning is due in %s ms', (left, warn, inMs) => {
  const loginExpiresAt = left === undefined ? undefined : NOW + left;
  expect(nextWarning({ loginExpiresAt }, { warn }, NOW)).toBe(inMs === undefined ? undefined : NOW + inMs);
});

describe('the alarm of a session', () => {
  const loginExpiresAt = NOW + 8 * DAY;
  const alive = (wakeAt: number) => ({ name: 'alive', wakeAt, wakeWhy: '' }) as const;
  const halted = { name: 'halted', why: 'paused', hint: '', failures: 0 } as const;

  test.each([
    ['an attempt that comes first', alive(NOW + HOUR), { at: NOW + HOUR, task: 'attempt' }],
    ['a warning that comes first', alive(NOW + 2 * DAY), { at: NOW + DAY, task: 'warning' }],
    ['an attempt at the same time', alive(NOW + DAY), { at: NOW + DAY, task: 'attempt' }],
    ['a warning while no attempt is planned', halted, { at: NOW + DAY, task: 'warning' }],
  ])('is set for %s', (_name, state, alarm) => {
    expect(nextAlarm({ state, loginExpiresAt }, DEFAULT_POLICY, NOW)).toEqual(alarm);
  });
});

describe('the notice', () => {
  const session = (more: Partial<Session> = {}): Session => ({
    id: 'npm',
    displayName: 'npm token',
    provider: 'deadline',
    method: 'observe',
    policy: DEFAULT_POLICY,
    state: { name: 'alive', wakeAt: NOW, wakeWhy: '' },
    loginExpiresAt: NOW + 40 * 60_000,
    ...more,
  });
  const notice = (more: Partial<Session> = {}) => deadlineOf(session(more), NOW, () => false);
  const warning = (warn: Policy['warn']) => notice({ policy: { ...DEFAULT_POLICY, warn } });

  test.each<[Duration, string]>([
    ['30d', 'npm token: the login ends within 30 days'],
    ['1d', 'npm token: the login ends within a day'],
    ['36h', 'npm token: the login ends within 36 hours'],
    ['1h', 'npm token: the login ends within 1 hour'],
  ])('of %s is titled %j', (lead, title) => {
    expect(warning([lead])).toMatchObject({ id: `npm:login-ends-soon:${lead}`, title, level: 'warning' });
  });

  test('says what to do: what the provider says, or to sign in again', () => {
    expect(notice({ renew: 'Run `npm login`.' })).toMatchObject({ action: 'Run `npm login`.' });
    expect(notice()).toMatchObject({ action: 'Sign in to npm token again before then.' });
  });
});
