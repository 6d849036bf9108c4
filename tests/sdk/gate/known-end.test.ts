import { describe, expect, test } from 'vitest';
import type { Session, SessionState } from '../../../sdk/contract/session.ts';
import { knownEnd, obstacleOf } from '../../../sdk/gate/known-end.ts';

const NOW = 1_000_000_000_000;
const M = 60_000;
const H = 60 * M;

const wake = { wakeAt: NOW + 30 * M, wakeWhy: 'every 30 minutes' };
const waiting = (why: 'backoff' | 'offline' | 'rate-limited' | 'deferred'): SessionState => ({
  name: 'waiting',
  why,
  failures: 0,
  tries: 1,
  hint: '',
  ...wake,
});
const halted = (why: 'paused' | 'login-required' | 'unavailable' | 'too-many-failures'): SessionState => ({
  name: 'halted',
  why,
  hint: '',
  failures: 0,
});
const ALIVE: SessionState = { name: 'alive', ...wake };
const IDLE: SessionState = { name: 'idle', failures: 0, ...wake };
const REFRESHING: SessionState = { name: 'refreshing', since: NOW, failures: 0, tries: 1 };

type Ends = Pick<Session, 'expiresAt' | 'loginExpiresAt'>;
const ends = (expiry?: number, login?: number): Ends => ({
  ...(expiry !== undefined && { expiresAt: NOW + expiry }),
  ...(login !== undefined && { loginExpiresAt: NOW + login }),
});

test.each<[string, string, Ends, number | undefined]>([
  ['a renewed session ends with its login', 'touch', ends(H, 9 * H), 9 * H],
  ['a renewed session without a known login end has no known end', 'redeem', ends(H), undefined],
  ['nothing renews an observed credential', 'observe', ends(H, 9 * H), H],
  ['an observed login without an expiry of its credential', 'observe', ends(undefined, 9 * H), 9 * H],
  ['an observed session without dates has no known end', 'observe', ends(), undefined],
])('%s', (_, method, facts, end) => {
  expect(knownEnd({ method, ...facts })).toBe(end && NOW + end);
});

type Row = [what: string, state: SessionState, method: string, facts: Ends, min: number];

describe('passes', () => {
  test.each<Row>([
    ['alive, without any known end', ALIVE, 'redeem', ends(), H],
    ['alive: its credential ends sooner, but is renewed', ALIVE, 'touch', ends(10 * M, 9 * H), H],
    ['alive: its login ends exactly then', ALIVE, 'touch', ends(M, H), H],
    ['left to its owner, who renews it', waiting('deferred'), 'touch', ends(10 * M, 9 * H), H],
    ['observed, and good for long enough', ALIVE, 'observe', ends(2 * H), H],
    ['offline, with a credential that lasts long enough', waiting('offline'), 'redeem', ends(2 * H), H],
    ['paused by the user, with a credential that lasts', halted('paused'), 'redeem', ends(2 * H), H],
    ['never attempted, but with a valid credential', IDLE, 'redeem', ends(2 * H), H],
    ['being renewed, with a credential that lasts', REFRESHING, 'redeem', ends(2 * H), H],
  ])('%s', (_, ...[state, method, facts, min]) => {
    expect(obstacleOf({ state, method, ...facts }, min, NOW)).toBeUndefined();
  });
});

describe('is refused for its state', () => {
  test.each<Row>([
    ['a login is required', halted('login-required'), 'touch', ends(9 * H, 9 * H), 0],
    ['it is not installed', halted('unavailable'), 'touch', ends(), 0],
    ['it gave up', halted('too-many-failures'), 'touch', ends(9 * H), 0],
    ['it fails', waiting('backoff'), 'touch', ends(9 * H), 0],
    ['nothing is known of it', IDLE, 'auto', ends(), 0],
    ['its first attempt has not ended', REFRESHING, 'auto', ends(), 0],
  ])('%s', (_, ...[state, method, facts, min]) => {
    expect(obstacleOf({ state, method, ...facts }, min, NOW)).toEqual({ kind: 'state' });
  });
});

describe('is refused for its end', () => {
  test.each<[...Row, at: number, isFinal: boolean]>([
    ['its login ends a moment too soon', ALIVE, 'touch', ends(M, H - 1), H, H - 1, true],
    ['its login has ended', ALIVE, 'touch', ends(9 * H, -M), 0, -M, true],
    ['its login ends now', ALIVE, 'touch', ends(9 * H, 0), 0, 0, true],
    ['it was not renewed in time', ALIVE, 'touch', ends(-1, 9 * H), 0, -1, false],
    ['nothing renews it', ALIVE, 'observe', ends(30 * M, 9 * H), H, 30 * M, true],
    ['it cannot be renewed while it is offline', waiting('offline'), 'redeem', ends(30 * M), H, 30 * M, false],
    ['the vendor asked to wait', waiting('rate-limited'), 'redeem', ends(30 * M), H, 30 * M, false],
    ['it is paused', halted('paused'), 'touch', ends(30 * M, 9 * H), H, 30 * M, false],
    ['its owner let it expire', waiting('deferred'), 'touch', ends(-M, 9 * H), 0, -M, false],
  ])('%s', (_, ...[state, method, facts, min, at, isFinal]) => {
    expect(obstacleOf({ state, method, ...facts }, min, NOW)).toEqual({ kind: 'end', at: NOW + at, isFinal });
  });
});
