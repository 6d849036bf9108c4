import { describe, expect, test } from 'vitest';
import { isExpired, type Session, type SessionState } from '../../../sdk/contract/session.ts';
import { STATUS_LABELS, STATUS_SENTENCES, statusOf } from '../../../sdk/wording/status.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
const wake = { wakeAt: NOW + 1, wakeWhy: '' };
const ended = { expiresAt: NOW };
const longEnded = { expiresAt: NOW - 3_600_000 };
const loginEnded = { expiresAt: NOW + 1, loginExpiresAt: NOW };
const halted = (why: Extract<SessionState, { name: 'halted' }>['why'], disabled?: true): SessionState => ({
  name: 'halted',
  why,
  hint: '',
  failures: 0,
  disabled,
});
const waiting = (why: Extract<SessionState, { name: 'waiting' }>['why']): SessionState => ({
  name: 'waiting',
  why,
  hint: '',
  failures: 0,
  tries: 0,
  ...wake,
});
const alive: SessionState = { name: 'alive', ...wake };
const refreshing: SessionState = { name: 'refreshing', since: NOW, failures: 0, tries: 1 };

describe('the status of a session', () => {
  test.each<[string, SessionState, Pick<Session, 'expiresAt' | 'loginExpiresAt'>]>([
    ['pending', { name: 'idle', failures: 0, ...wake }, {}],
    ['refreshing', refreshing, ended],
    ['alive', alive, {}],
    ['expired', alive, longEnded],
    ['login ended', alive, loginEnded],
    ['failing', waiting('backoff'), {}],
    ['offline', waiting('offline'), {}],
    ['expired', waiting('offline'), ended],
    ['rate-limited', waiting('rate-limited'), {}],
    ['deferred', waiting('deferred'), {}],
    ['paused', halted('paused'), ended],
    ['disabled', halted('paused', true), {}],
    ['login required', halted('login-required'), ended],
    ['unavailable', halted('unavailable'), {}],
    ['gave up', halted('too-many-failures'), {}],
  ])('is "%s" in the state %j with the ends %j', (label, state, ends) => {
    expect(STATUS_LABELS[statusOf({ state, ...ends }, NOW)]).toBe(label);
  });

  describe('just after the expiry', () => {
    const M = 60_000;
    const soon = { wakeAt: NOW + M, wakeWhy: '' };
    const cases: readonly [string, SessionState, number, string][] = [
      ['alive and about to be attempted', { name: 'alive', ...soon }, 0, 'alive'],
      ['still about to be attempted', { name: 'alive', ...soon }, 2 * M - 1, 'alive'],
      ['alive for too long', { name: 'alive', ...soon }, 2 * M, 'expired'],
      ['left to its owner', { ...waiting('deferred'), ...soon }, M, 'deferred'],
      ['alive, but attempted only later', { name: 'alive', ...soon, wakeAt: NOW + 3 * M }, 0, 'expired'],
      ['offline', waiting('offline'), 0, 'expired'],
      ['not alive yet', { name: 'idle', failures: 0, ...soon }, 0, 'expired'],
    ];
    test.each(cases)('%s', (_name, state, after, label) => {
      const session = { state, expiresAt: NOW };
      expect(STATUS_LABELS[statusOf(session, NOW + after)]).toBe(label);
      expect(isExpired(session, NOW + after)).toBe(label === 'expired');
    });

    test('there is no grace for the end of a login', () => {
      const session = { state: { name: 'alive', ...soon } as const, loginExpiresAt: NOW };
      expect(STATUS_LABELS[statusOf(session, NOW)]).toBe('login ended');
      expect(isExpired(session, NOW)).toBe(true);
    });
  });

  test('has one label and one sentence each, and no two are the same', () => {
    for (const texts of [Object.values(STATUS_LABELS), Object.values(STATUS_SENTENCES)])
      expect(new Set(texts).size).toBe(texts.length);
  });
});
