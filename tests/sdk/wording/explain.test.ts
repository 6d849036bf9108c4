import { expect, test } from 'vitest';
import { explain } from '../../../sdk/wording/explain.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { Session, SessionState } from '../../../sdk/contract/session.ts';

const M = 60_000;
const NOW = Date.UTC(2026, 0, 5, 12);
const wake = { wakeAt: NOW + 4 * M, wakeWhy: 'retry 1 of 3, after 4 minutes' };
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

test('an explanation goes from the state to the method', () => {
  const facts = {
    expiresAt: NOW + 9 * M,
    loginExpiresAt: NOW + 3 * 24 * 60 * M,
    lastSuccessAt: NOW - M,
    lastRenewedAt: NOW - 180 * M,
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
    explain(session({ name: 'alive', wakeAt: NOW + 4 * M, wakeWhy: '5 minutes before it expires' }, facts), {
      now: NOW,
    }).text,
  ).toBe(
    [
      'Acme. It is alive.',
      'The next attempt is in 4 minutes: 5 minutes before it expires.',
      'The schedule is 5 minutes before expiry, or every 30 minutes while no expiry is known.',
      'A known expiry brings an attempt forward, and attempts are at least 2 minutes apart.',
      'The credential expires in 9 minutes.',
      'The login ends in 3 days, and no renewal extends it.',
      'A notice comes 7 days, 3 days and 1 day before.',
      'It was last checked 1 minute ago, and last renewed 3 hours ago.',
      'Its own program renews it (touch).',
    ].join(' '),
  );
});

test.each<[SessionState, string]>([
  [
    { name: 'idle', failures: 0, ...wake },
    'It is waiting for an attempt. The next attempt is in 4 minutes: retry 1 of 3, after 4 minutes. ',
  ],
  [
    { name: 'refreshing', since: NOW - 5_000, failures: 0, tries: 1 },
    'It is being refreshed (for 5 seconds). No attempt is planned. ',
  ],
  [{ name: 'waiting', why: 'offline', failures: 0, tries: 3, hint: '', ...wake }, 'It is offline. The next'],
  [
    { name: 'waiting', why: 'backoff', failures: 2, tries: 2, hint: 'The vendor answered something odd.', ...wake },
    'It is failing (2 of at most 5 failures). The vendor answered something odd. The next',
  ],
  [
    { name: 'halted', why: 'login-required', hint: 'Run `acme login`.', failures: 0 },
    'A login is required. Run `acme login`. No attempt is planned. ',
  ],
])('%j is explained as "%s"', (state, text) => {
  expect(explain(session(state), { now: NOW }).text).toContain(`Acme. ${text}`);
});

test('shows the last failure, and what has expired', () => {
  const { text } = explain(
    session(
      { name: 'waiting', why: 'backoff', failures: 1, tries: 1, hint: 'odd', ...wake },
      {
        expiresAt: NOW - M,
        lastSuccessAt: NOW - 120 * M,
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
    { now: NOW },
  );
  expect(text).toContain(
    'It was last checked 2 hours ago. The last attempt was 1 minute ago, with this result: failed: It said no. ',
  );
  expect(text).toContain('The credential expired 1 minute ago.');
  expect(text).toContain('The schedule is daily at 09:00.');
});

test('a session that is renewed early is explained so', () => {
  const { text } = explain(session({ name: 'alive', ...wake }, { policy: { ...DEFAULT_POLICY, renewEarly: true } }), {
    now: NOW,
  });
  expect(text).toContain(
    'The schedule is from half of a known lifetime on, 5 minutes before expiry at the latest, or every 30 minutes',
  );
});

test('text from a plugin cannot add a line', () => {
  const { text } = explain(
    session(
      { name: 'halted', why: 'unavailable', hint: 'odd\n✓ codex\r\n  all is well', failures: 0 },
      { displayName: 'Acme\n\u2028x' },
    ),
    { now: NOW, note: 'a\tnote\n' },
  );
  expect(text).toMatch(/^Acme x\. It is unavailable: odd ✓ codex all is well\. [^\n]* a note$/);
});

test('the schedule of the facts is the one of the text, also if the expiry is known', () => {
  const alive = { name: 'alive', wakeAt: NOW + 4 * M, wakeWhy: '5 minutes before it expires' } as const;
  for (const facts of [{}, { expiresAt: NOW + 9 * M }]) {
    const { text, facts: described } = explain(session(alive, facts), { now: NOW });
    expect(described['schedule']).toBe('5 minutes before expiry, or every 30 minutes while no expiry is known');
    expect(text).toContain(`The schedule is ${described['schedule']}.`);
  }
});

test('the facts are the same for programs', () => {
  expect(
    explain(session({ name: 'waiting', why: 'backoff', failures: 2, tries: 2, hint: 'odd', ...wake }), { now: NOW }),
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

test('a session without an attempt was neither checked nor renewed', () => {
  const { text } = explain(session({ name: 'idle', failures: 0, ...wake }), { now: NOW });
  expect(text).toContain('It has not been attempted yet.');
  expect(text).not.toContain('renewed ');
});

test('a member of the policy that the schedule does not use is named', () => {
  const alive = session({ name: 'alive', ...wake });
  const lead = 'refreshBefore is not used: before expiry, the buffer';
  expect(explain(alive, { now: NOW, isLeadUnused: true }).text).toContain(lead);
  expect(explain(alive, { now: NOW }).text).not.toContain(lead);
});

test('does not repeat the message of the last attempt that the state has', () => {
  const hint = 'The vendor could not be reached.';
  const lastAttempt = {
    id: 'acme',
    startedAt: NOW - M,
    endedAt: NOW - M,
    reason: 'schedule',
    method: 'touch',
    outcome: 'offline',
    failures: 0,
    message: hint,
  } as const;
  const state: SessionState = { name: 'waiting', why: 'offline', failures: 0, tries: 1, hint, ...wake };
  const { text } = explain(session(state, { lastAttempt }), { now: NOW });
  expect(text).toContain('It is offline. The vendor could not be reached. The next attempt');
  expect(text).toContain('The last attempt was 1 minute ago, with this result: offline. ');
});
