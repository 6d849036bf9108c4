import { expect, test } from 'vitest';
import { lookedAt, unreadable } from '../../../kernel/session/view.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { Inspection } from '../../../sdk/plugin/provider.ts';
import type { HaltReason, Session, SessionState } from '../../../sdk/contract/session.ts';

const M = 60_000;
const NOW = Date.UTC(2026, 0, 5, 12);
const KNOWN = 'the fingerprint that was remembered';
const alive: SessionState = {
  name: 'alive',
  wakeAt: NOW + 20 * M,
  wakeWhy: 'every 30 minutes',
  expiresAt: NOW + 60 * M,
};
const halted = (why: HaltReason): SessionState => ({ name: 'halted', why, hint: 'a hint', failures: 0 });
const waiting = (why: 'backoff' | 'deferred'): SessionState => ({
  name: 'waiting',
  why,
  failures: 1,
  tries: 1,
  wakeAt: NOW + M,
  wakeWhy: 'retry',
  hint: 'a hint',
});

const session = (state: SessionState, facts: Partial<Session> = {}): Session => ({
  id: 'acme',
  displayName: 'Acme',
  provider: 'acme',
  method: 'touch',
  policy: DEFAULT_POLICY,
  state,
  expiresAt: NOW + 60 * M,
  ...('wakeAt' in state ? { nextAttemptAt: state.wakeAt, nextAttemptWhy: state.wakeWhy } : {}),
  ...facts,
});
const seen = (facts: Partial<Inspection> = {}): Inspection => ({
  present: true,
  fingerprint: KNOWN,
  expiresAt: new Date(NOW + 60 * M),
  ...facts,
});
const expired = { expiresAt: new Date(NOW - 60 * M) };
const name = ({ state }: Session) => ('why' in state ? `${state.name}: ${state.why}` : state.name);

test.each<[string, SessionState, Inspection, string]>([
  ['is as it was remembered', alive, seen(), 'alive'],
  ['is not alive once it has expired', alive, seen(expired), 'idle'],
  ['is not alive once the login behind it has ended', alive, seen({ loginExpiresAt: new Date(NOW - M) }), 'idle'],
  ['stays paused, whatever has become of it', halted('paused'), seen(expired), 'halted: paused'],
  ['still waits for its owner when it has expired', waiting('deferred'), seen(expired), 'waiting: deferred'],
  ['is unavailable where there is no credential any more', alive, { present: false }, 'halted: unavailable'],
  ['needs a login as long as it is the same credential', halted('login-required'), seen(), 'halted: login-required'],
  [
    'is looked at again once a person has signed in',
    halted('login-required'),
    seen({ fingerprint: 'another' }),
    'idle',
  ],
  ['stays unavailable while it is the same credential', halted('unavailable'), seen(), 'halted: unavailable'],
  [
    'is looked at again once there is another credential',
    halted('unavailable'),
    seen({ fingerprint: 'another' }),
    'idle',
  ],
  [
    'is looked at again where nothing tells credentials apart',
    halted('unavailable'),
    seen({ fingerprint: undefined }),
    'idle',
  ],
])('a session %s', (_title, state, inspection, expected) => {
  expect(name(lookedAt(session(state), inspection, KNOWN, NOW))).toBe(expected);
});

test.each<[string, SessionState, string]>([
  ['alive', alive, 'waiting: backoff'],
  ['halted for want of a login', halted('login-required'), 'waiting: backoff'],
  ['paused', halted('paused'), 'halted: paused'],
])('a credential that cannot be read makes a session that was %s %s', (_name, state, expected) => {
  const error = new KeepaliveError('KA_STORE_UNREADABLE', { path: '/home/you/auth.json', reason: 'not a JSON object' });
  const looked = lookedAt(session(state), unreadable(text => text)(error), KNOWN, NOW);
  expect(name(looked)).toBe(expected);
  if (looked.state.name === 'waiting') expect(looked.state.hint).toContain('/home/you/auth.json');
});

test('the expiry is the one in the file, not the one that was remembered', () => {
  expect(lookedAt(session(alive), seen({ expiresAt: new Date(NOW + 5 * M) }), KNOWN, NOW).expiresAt).toBe(NOW + 5 * M);
});

test('what has expired is due at once, but never sooner than the minimum interval allows', () => {
  const attempted = (ago: number) =>
    session(alive, {
      lastAttempt: {
        id: 'acme',
        startedAt: NOW - ago,
        endedAt: NOW - ago,
        reason: 'schedule',
        method: 'touch',
        outcome: 'fresh',
        failures: 0,
      },
    });
  expect(lookedAt(session(alive), seen(expired), KNOWN, NOW).nextAttemptAt).toBe(NOW);
  expect(lookedAt(attempted(60 * M), seen(expired), KNOWN, NOW).nextAttemptAt).toBe(NOW);
  expect(lookedAt(attempted(M / 2), seen(expired), KNOWN, NOW).nextAttemptAt).toBe(NOW + 1.5 * M);
});
