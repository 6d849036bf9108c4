import { expect, test } from 'vitest';
import type { Found } from '../../lifecycle/event.ts';
import { unreadable } from '../../lifecycle/outcome.ts';
import { transition } from '../../lifecycle/transition.ts';
import { sessionOf, View } from '../../lifecycle/view.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { DEFAULT_POLICY } from '../../sdk/contract/policy.ts';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import type { HaltReason, Session, SessionRecord, SessionState } from '../../sdk/contract/session.ts';

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

const recordOf = (state: SessionState, facts: Partial<SessionRecord> = {}): SessionRecord => ({
  displayName: 'Acme',
  method: 'touch',
  state,
  expiresAt: NOW + 60 * M,
  fingerprint: KNOWN,
  ...facts,
});
const acme = { id: 'acme', provider: 'acme' };
const preview = (record: SessionRecord, found: Found): Session => {
  const context = { policy: DEFAULT_POLICY, now: NOW, random: 0 };
  return sessionOf(acme, transition(record, { type: 'preview', found }, context), DEFAULT_POLICY);
};
const seen = (facts: Partial<Inspection> = {}): Inspection => ({
  present: true,
  fingerprint: KNOWN,
  expiresAt: new Date(NOW + 60 * M),
  ...facts,
});
const expired = { expiresAt: new Date(NOW - 60 * M) };
const name = ({ state }: Session) => ('why' in state ? `${state.name}: ${state.why}` : state.name);

test.each<[string, SessionState, Inspection, string]>([
  ['keeps its remembered state', alive, seen(), 'alive'],
  ['is not alive after its expiry', alive, seen(expired), 'idle'],
  ['is not alive after the end of its login', alive, seen({ loginExpiresAt: new Date(NOW - M) }), 'idle'],
  ['stays paused even if it has expired', halted('paused'), seen(expired), 'halted: paused'],
  ['still waits for its owner after its expiry', waiting('deferred'), seen(expired), 'waiting: deferred'],
  ['is unavailable if its credential is gone', alive, { present: false }, 'halted: unavailable'],
  ['needs a login while the credential is the same', halted('login-required'), seen(), 'halted: login-required'],
  ['is checked again after the user has signed in', halted('login-required'), seen({ fingerprint: 'another' }), 'idle'],
  ['stays unavailable while the credential is the same', halted('unavailable'), seen(), 'halted: unavailable'],
  ['is checked again if there is another credential', halted('unavailable'), seen({ fingerprint: 'another' }), 'idle'],
  [
    'is checked again if credentials cannot be distinguished',
    halted('unavailable'),
    seen({ fingerprint: undefined }),
    'idle',
  ],
])('a session %s', (_title, state, inspection, expected) => {
  expect(name(preview(recordOf(state), inspection))).toBe(expected);
});

test.each<[string, SessionState, string]>([
  ['alive', alive, 'waiting: backoff'],
  ['halted because it needs a login', halted('login-required'), 'waiting: backoff'],
  ['paused', halted('paused'), 'halted: paused'],
])('a session that was %s and whose credential cannot be read is shown as %s', (_name, state, expected) => {
  const error = new KeepaliveError('KA_STORE_UNREADABLE', { path: '/home/you/auth.json', reason: 'not a JSON object' });
  const looked = preview(recordOf(state), unreadable(text => text)(error));
  expect(name(looked)).toBe(expected);
  if (looked.state.name === 'waiting') expect(looked.state.hint).toContain('/home/you/auth.json');
});

test('the expiry is the one in the store, not the remembered one', () => {
  expect(preview(recordOf(alive), seen({ expiresAt: new Date(NOW + 5 * M) })).expiresAt).toBe(NOW + 5 * M);
});

test('an expired session is due at once, but not before the minimum interval has passed', () => {
  const attempted = (ago: number) => recordOf(alive, { lastAttemptAt: NOW - ago });
  expect(preview(recordOf(alive), seen(expired)).nextAttemptAt).toBe(NOW);
  expect(preview(attempted(60 * M), seen(expired)).nextAttemptAt).toBe(NOW);
  expect(preview(attempted(M / 2), seen(expired)).nextAttemptAt).toBe(NOW + 1.5 * M);
});

test('a change that clients cannot see returns the same object', () => {
  const view = new View(acme);
  const before = view.of(recordOf(alive), DEFAULT_POLICY);
  expect(view.of(recordOf(alive, { fingerprint: 'another', sight: 'another' }), DEFAULT_POLICY)).toBe(before);
  expect(view.of(recordOf(alive, { expiresAt: NOW }), DEFAULT_POLICY)).not.toBe(before);
  expect(view.of(recordOf(alive), { ...DEFAULT_POLICY })).not.toBe(before);
});
