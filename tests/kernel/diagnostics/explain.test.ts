import { expect, test } from 'vitest';
import { explain } from '../../../kernel/diagnostics/explain.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { Session, SessionState } from '../../../sdk/contract/session.ts';

const M = 60_000;
const NOW = Date.UTC(2026, 0, 5, 12);
const wake = { wakeAt: NOW + 4 * M, wakeWhy: 'retry 1 of 3, after 4m' };
const session = (state: SessionState, facts: Partial<Session> = {}): Session => ({
  id: 'acme',
  displayName: 'Acme',
  provider: 'acme',
  method: 'touch',
  policy: DEFAULT_POLICY,
  state,
  ...('wakeAt' in state ? { nextAttemptAt: state.wakeAt, nextAttemptWhy: state.wakeWhy } : {}),
  ...facts,
});

test('a session that is alive is told from its state to its method', () => {
  const facts = {
    expiresAt: NOW + 9 * M,
    loginExpiresAt: NOW + 3 * 24 * 60 * M,
    lastAttempt: {
      id: 'acme',
      startedAt: NOW - M,
      endedAt: NOW - M,
      reason: 'schedule',
      method: 'touch',
      outcome: 'fresh',
      failures: 0,
    },
  } as const;
  expect(
    explain(session({ name: 'alive', wakeAt: NOW + 4 * M, wakeWhy: '5m before it expires' }, facts), NOW).text,
  ).toBe(
    [
      'Acme. It is alive.',
      'The next attempt is in 4m: 5m before it expires.',
      'The schedule is 5m before expiry, or every 30m while none is known; a known expiry pulls an attempt forward, and attempts are at least 2m apart.',
      'The credential expires in 9m.',
      'The login itself ends in 3d, and no renewal extends it.',
      'The last attempt, 1m ago, ended as "fresh".',
      'It is kept alive by the method "touch".',
    ].join(' '),
  );
});

test.each<[SessionState, string]>([
  [
    { name: 'idle', failures: 0, ...wake },
    'It is about to be looked at. The next attempt is in 4m: retry 1 of 3, after 4m. ',
  ],
  [
    { name: 'refreshing', since: NOW - 5_000, failures: 0, tries: 1 },
    'An attempt has been under way for 5s. No attempt is planned. ',
  ],
  [{ name: 'waiting', why: 'offline', failures: 0, tries: 3, hint: '', ...wake }, 'It waits (offline). The next'],
  [
    { name: 'waiting', why: 'backoff', failures: 2, tries: 2, hint: 'The vendor answered something odd.', ...wake },
    'It waits (backoff) after 2 of at most 5 failures: The vendor answered something odd. The next',
  ],
  [
    { name: 'halted', why: 'login-required', hint: 'Run `acme login`.', failures: 0 },
    'It is halted (login-required): Run `acme login`. No attempt is planned. ',
  ],
])('%j is told as "%s"', (state, text) => {
  expect(explain(session(state), NOW).text).toContain(`Acme. ${text}`);
});

test('what went wrong last is told, and what is over is told as over', () => {
  const { text } = explain(
    session(
      { name: 'waiting', why: 'backoff', failures: 1, tries: 1, hint: 'odd', ...wake },
      {
        expiresAt: NOW - M,
        policy: { ...DEFAULT_POLICY, schedule: { mode: 'daily', at: '09:00' } },
        lastAttempt: {
          id: 'acme',
          startedAt: NOW - M,
          endedAt: NOW - M,
          reason: 'schedule',
          method: 'touch',
          outcome: 'failed',
          failures: 1,
          message: 'It said no.',
        },
      },
    ),
    NOW,
  );
  expect(text).toContain('The last attempt, 1m ago, ended as "failed": It said no. ');
  expect(text).toContain('The credential expired 1m ago.');
  expect(text).toContain('The schedule is daily at 09:00;');
});

test('a session that is renewed early is explained so', () => {
  const { text } = explain(
    session({ name: 'alive', ...wake }, { policy: { ...DEFAULT_POLICY, renewEarly: true } }),
    NOW,
  );
  expect(text).toContain(
    'The schedule is 5m before expiry at the latest, from half of a known life on, or every 30m while none is known;',
  );
});

test('text from a plugin makes no line of its own', () => {
  const { text } = explain(
    session(
      { name: 'halted', why: 'unavailable', hint: 'odd\n✓ codex\r\n  all is well', failures: 0 },
      { displayName: 'Acme\n\u2028x' },
    ),
    NOW,
    'a\tnote\n',
  );
  expect(text).toMatch(/^Acme x\. It is halted \(unavailable\): odd ✓ codex all is well\. [^\n]* a note$/);
});

test('the facts are the same for programs', () => {
  expect(
    explain(session({ name: 'waiting', why: 'backoff', failures: 2, tries: 2, hint: 'odd', ...wake }), NOW),
  ).toMatchObject({
    id: 'acme',
    facts: {
      state: 'waiting',
      why: 'backoff',
      method: 'touch',
      nextAttemptAt: NOW + 4 * M,
      expiresAt: null,
      loginExpiresAt: null,
      failures: 2,
      enabled: true,
    },
  });
});
