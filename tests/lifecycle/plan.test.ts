import { expect, test } from 'vitest';
import { planOf } from '../../lifecycle/plan.ts';
import { DEFAULT_POLICY, type Policy } from '../../sdk/contract/policy.ts';
import { maxPlanned, type SessionRecord, type SessionState } from '../../sdk/contract/session.ts';

const M = 60_000;
const H = 60 * M;
const NOW = Date.UTC(2026, 0, 5, 12);
const interval: Policy = { ...DEFAULT_POLICY, schedule: { mode: 'interval', every: '30m' } };
const alive: SessionState = { name: 'alive', wakeAt: NOW + 10 * M, wakeWhy: 'every 30 minutes' };
const record = (state: SessionState, facts: Partial<SessionRecord> = {}): SessionRecord => ({
  displayName: 'Acme',
  lastAttemptAt: NOW - 20 * M,
  state,
  ...facts,
});
const minutes = (policy: Policy, from: SessionRecord, until = NOW + 2 * H) =>
  planOf({ id: 'acme', record: from, policy }, NOW, until).map(({ at, why }) => [(at - NOW) / M, why]);

test('the plan begins with the next wake-up and follows the schedule', () => {
  expect(minutes(interval, record(alive))).toEqual([
    [10, 'every 30 minutes'],
    [40, 'every 30 minutes'],
    [70, 'every 30 minutes'],
    [100, 'every 30 minutes'],
  ]);
});

test('the plan ends with the login, which no renewal extends', () => {
  const ends = { expiresAt: NOW + H, expirySeenAt: NOW - H, loginExpiresAt: NOW + H };
  const atExpiry: Policy = { ...DEFAULT_POLICY, schedule: { mode: 'before-expiry', buffer: '0s' } };
  const from = record({ ...alive, wakeAt: NOW + H, wakeWhy: 'it expires then' }, ends);
  expect(minutes(atExpiry, from, NOW + 100 * H)).toEqual([[60, 'it expires then']]);
});

test('an overdue attempt is planned for now', () => {
  expect(minutes(interval, record({ ...alive, wakeAt: NOW - H }))[0]).toEqual([0, 'every 30 minutes']);
});

test('a credential is renewed before it expires, and the next one is expected to live as long', () => {
  const from = record(
    { ...alive, wakeAt: NOW + 55 * M, wakeWhy: '5 minutes before it expires' },
    { expiresAt: NOW + H, expirySeenAt: NOW },
  );
  expect(minutes(DEFAULT_POLICY, from, NOW + 4 * H)).toEqual(
    [55, 110, 165, 220].map(at => [at, '5 minutes before it expires']),
  );
});

test('with `renewEarly`, a credential is renewed at half of its life, and the next one too', () => {
  const from = record(
    { ...alive, wakeAt: NOW + 12 * H, wakeWhy: 'half of its life is over then' },
    { expiresAt: NOW + 24 * H, expirySeenAt: NOW },
  );
  expect(minutes({ ...DEFAULT_POLICY, renewEarly: true }, from, NOW + 40 * H)).toEqual(
    [12, 24, 36].map(hours => [hours * 60, 'half of its life is over then']),
  );
});

test('without a known lifetime, an attempt is planned every half hour', () => {
  const from = record(
    { ...alive, wakeAt: NOW + 55 * M, wakeWhy: '5 minutes before it expires' },
    { expiresAt: NOW + H },
  );
  expect(minutes(DEFAULT_POLICY, from)).toEqual([
    [55, '5 minutes before it expires'],
    [85, 'every 30 minutes while no expiry is known'],
    [115, 'every 30 minutes while no expiry is known'],
  ]);
});

test('ticks and expiries are planned together', () => {
  const from = record(alive, { expiresAt: NOW + H, expirySeenAt: NOW - 2 * H });
  expect(minutes(interval, from, NOW + 90 * M).map(([at]) => at)).toEqual([10, 40, 55, 85]);
});

test('a retry is planned, and then the schedule as if it succeeded', () => {
  const from = record({
    name: 'waiting',
    why: 'backoff',
    failures: 1,
    tries: 1,
    hint: '',
    wakeAt: NOW + 2 * M,
    wakeWhy: 'retry 1 of 3, after 2 minutes',
  });
  expect(minutes(interval, from, NOW + H)).toEqual([
    [2, 'retry 1 of 3, after 2 minutes'],
    [32, 'every 30 minutes'],
  ]);
});

test.each<SessionState>([
  { name: 'halted', why: 'paused', hint: '', failures: 0 },
  { name: 'refreshing', since: NOW, failures: 0, tries: 1 },
])('nothing is planned for a session that is $name', state => {
  expect(minutes(interval, record(state))).toEqual([]);
});

test('a plan changes nothing, ends at its limit, and is never endless', () => {
  const from = Object.freeze(record(Object.freeze(alive)));
  expect(minutes(interval, from, NOW + 9 * M)).toEqual([]);
  expect(
    minutes(
      { ...interval, schedule: { mode: 'interval', every: '1s' }, minInterval: '100ms' },
      from,
      NOW + 365 * 24 * H,
    ),
  ).toHaveLength(200);
  const [first, second] = minutes(
    { ...interval, minInterval: '0s', schedule: { mode: 'interval', every: '0s' } },
    from,
  );
  expect(second?.[0]).toBeGreaterThan(Number(first?.[0]));
});

test('the plan ends with the renewal of a credential that was first seen shortly before its end', () => {
  const from = record(
    { ...alive, wakeAt: NOW + M, wakeWhy: '5 minutes before it expires' },
    { expiresAt: NOW + 3 * M, expirySeenAt: NOW },
  );
  expect(minutes(DEFAULT_POLICY, from, NOW + 24 * H)).toEqual([[1, '5 minutes before it expires']]);
});

test('nothing is planned for a session that its policy disables', () => {
  expect(minutes({ ...interval, enabled: false }, record(alive))).toEqual([]);
});

test.each([
  ['one session', 1, 200],
  ['50 sessions', 50, 200],
  ['1,000 sessions', 1_000, 10],
  ['100,000 sessions', 100_000, 1],
])('a plan of %s has a bounded number of attempts of each', (_name, sessions, most) => {
  expect(maxPlanned(sessions)).toBe(most);
  expect(planOf({ id: 'acme', record: record(alive), policy: interval }, NOW, NOW + 365 * 24 * H, most)).toHaveLength(
    most,
  );
});
