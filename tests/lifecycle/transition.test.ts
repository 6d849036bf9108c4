import { describe, expect, test } from 'vitest';
import { wakeOf } from '../../lifecycle/states.ts';
import type { AttemptResult, SessionEvent } from '../../lifecycle/event.ts';
import { transition } from '../../lifecycle/transition.ts';
import type { PartialPolicy } from '../../sdk/contract/policy.ts';
import { methodOf, type SessionRecord, type SessionState } from '../../sdk/contract/session.ts';
import {
  changed,
  finish,
  H,
  M,
  move,
  NOW,
  POLICY,
  recordOf,
  STATES,
  SUCCESS,
  type StateName,
} from './example-sessions.ts';

describe('an attempt ends as', () => {
  test.each<[string, AttemptResult, Partial<SessionState> & { readonly after?: number }]>([
    ['refreshed', { outcome: 'refreshed', expiresAt: NOW + H }, { name: 'alive', expiresAt: NOW + H, after: 29 * M }],
    ['fresh', { outcome: 'fresh' }, { name: 'alive', after: 29 * M }],
    [
      'ineffective: it backs off, and no failure is counted',
      { outcome: 'refreshed', code: 'KA_INEFFECTIVE', expiresAt: NOW + H },
      { name: 'waiting', why: 'backoff', failures: 2, tries: 2, after: 4 * M },
    ],
    [
      'deferred: it is checked again, and neither a failure nor a try is counted',
      { outcome: 'deferred', message: 'busy' },
      { name: 'waiting', why: 'deferred', failures: 2, tries: 0, hint: 'busy', after: 2 * M },
    ],
    ['deferred until a time', { outcome: 'deferred', retryAt: NOW + 20 * M }, { why: 'deferred', after: 20 * M }],
    [
      'deferred for a day: limited to an hour',
      { outcome: 'deferred', retryAt: NOW + 24 * H },
      { why: 'deferred', after: H },
    ],
    [
      'deferred until yesterday: the minimum interval holds',
      { outcome: 'deferred', retryAt: NOW - 24 * H },
      { why: 'deferred', after: M },
    ],
    [
      'rate-limited: it backs off, and no failure is counted',
      { outcome: 'rate-limited' },
      { name: 'waiting', why: 'rate-limited', failures: 2, after: 4 * M },
    ],
    [
      'rate-limited until a time',
      { outcome: 'rate-limited', retryAt: NOW + H },
      { why: 'rate-limited', wakeWhy: 'the vendor asked to wait', after: H },
    ],
    [
      'rate-limited for a second: raised to two minutes',
      { outcome: 'rate-limited', retryAt: NOW + 1_000 },
      { why: 'rate-limited', after: 2 * M },
    ],
    [
      'rate-limited for a year: limited to a day',
      { outcome: 'rate-limited', retryAt: NOW + 365 * 24 * H },
      { why: 'rate-limited', after: 24 * H },
    ],
    [
      'offline: it backs off, and no failure is counted',
      { outcome: 'offline', message: 'away' },
      { name: 'waiting', why: 'offline', failures: 2, hint: 'away', after: 4 * M },
    ],
    [
      'login required',
      { outcome: 'login-required', message: 'Log in.' },
      { name: 'halted', why: 'login-required', hint: 'Log in.' },
    ],
    [
      'unavailable',
      { outcome: 'unavailable', message: 'Install it.' },
      { name: 'halted', why: 'unavailable', hint: 'Install it.' },
    ],
    [
      'failed: the failure is counted',
      { outcome: 'failed', message: 'odd' },
      { name: 'waiting', why: 'backoff', failures: 3, tries: 2, hint: 'odd', after: 4 * M },
    ],
    [
      'failed right after a wake-up: no failure is counted',
      { outcome: 'failed', ignored: true },
      { name: 'waiting', why: 'backoff', failures: 2, after: 4 * M },
    ],
  ])('%s', (_name, given, { after, ...state }) => {
    const moved = move(recordOf('refreshing'), finish(given)).state;
    expect(moved).toMatchObject(state);
    const wakeAt = wakeOf(moved);
    expect(wakeAt === undefined ? undefined : wakeAt - NOW).toBe(after);
  });

  test('failed, for the fifth time in a row: it is halted, and retried in a day', () => {
    const { state } = move(
      { ...recordOf('refreshing'), state: { ...STATES.refreshing, failures: 4 } },
      finish({ outcome: 'failed', message: 'odd' }),
    );
    expect(state).toEqual({
      name: 'halted',
      why: 'too-many-failures',
      hint: 'odd',
      failures: 5,
      wakeAt: NOW + 24 * H,
      wakeWhy: 'once a day after it gave up',
    });
  });

  test('failed right after a wake-up, with more failures than the policy allows now: it is not halted', () => {
    expect(
      move(recordOf('refreshing'), finish({ outcome: 'failed', ignored: true }), { maxFailures: 1 }).state.name,
    ).toBe('waiting');
  });
});

test('a session that always fails makes its retries, waits for the next tick, and so on until it is halted', () => {
  let record = recordOf('idle');
  let now = NOW;
  const story: string[] = [];
  while (record.state.name !== 'halted') {
    record = transition(record, { type: 'attempt' }, { policy: POLICY, now, random: 0 });
    record = transition(record, finish({ outcome: 'failed' }), { policy: POLICY, now, random: 0 });
    const { state } = record;
    const wakeAt = wakeOf(state) ?? now;
    story.push(state.name === 'halted' ? state.name : `${(wakeAt - now) / M}m`);
    now = wakeAt;
  }
  expect(story).toEqual(['2m', '4m', '8m', '30m', 'halted']);
});

describe('an attempt records', () => {
  const learnt: readonly [string, AttemptResult, Partial<SessionRecord>][] = [
    [
      'the expiry, and when it was first seen',
      { outcome: 'refreshed', expiresAt: NOW + H, loginExpiresAt: NOW + 9 * H },
      { expiresAt: NOW + H, loginExpiresAt: NOW + 9 * H, expirySeenAt: NOW, lastSuccessAt: NOW },
    ],
    ['the wait that the vendor asked for', { outcome: 'rate-limited', retryAt: NOW + H }, { vendorWaitUntil: NOW + H }],
    [
      'the fingerprint of the credential that it left',
      { outcome: 'failed', fingerprint: 'abc' },
      { fingerprint: 'abc' },
    ],
    [
      'no success if the renewal was ineffective',
      { outcome: 'refreshed', code: 'KA_INEFFECTIVE', expiresAt: NOW + M },
      { expiresAt: NOW + M, lastSuccessAt: NOW - H },
    ],
  ];
  const refreshing = recordOf('refreshing', { lastSuccessAt: NOW - H });
  test.each(learnt)('%s', (_name, given, facts) => {
    expect(move(refreshing, finish(given))).toMatchObject(facts);
  });

  test.each(learnt)('%s, even if the session was paused meanwhile, and it stays paused', (_name, given, facts) => {
    const before = move(refreshing, { type: 'pause' });
    const after = move(before, finish(given));
    expect(after).toMatchObject(facts);
    expect(after.state).toBe(before.state);
  });

  test('an unchanged expiry keeps the time at which it was first seen', () => {
    const before = recordOf('refreshing', { expiresAt: NOW + H, expirySeenAt: NOW - H });
    expect(move(before, finish({ outcome: 'fresh', expiresAt: NOW + H })).expirySeenAt).toBe(NOW - H);
    expect(move(before, finish({ outcome: 'fresh', expiresAt: NOW + 2 * H })).expirySeenAt).toBe(NOW);
  });

  test('a success ends the wait that the vendor asked for', () => {
    expect(
      move(recordOf('refreshing', { vendorWaitUntil: NOW + H }), finish({ outcome: 'fresh' })).vendorWaitUntil,
    ).toBeUndefined();
  });
});

describe('the ends after an attempt that says nothing about them', () => {
  const before = recordOf('refreshing', { expiresAt: NOW + M, loginExpiresAt: NOW + 2 * H, fingerprint: 'a' });
  const seen = { present: true, fingerprint: 'a', expiresAt: new Date(NOW + H), loginExpiresAt: new Date(NOW + 3 * H) };
  const isShown = { expiresAt: NOW + H, loginExpiresAt: NOW + 3 * H };
  const isKept = { expiresAt: NOW + M, loginExpiresAt: NOW + 2 * H };
  const isGone = { expiresAt: undefined, loginExpiresAt: undefined };

  test.each(['offline', 'failed', 'rate-limited', 'login-required', 'deferred', 'unavailable'] as const)(
    'are those in the store, if it was %s',
    outcome => {
      expect(move(recordOf('refreshing'), finish({ outcome, seen }))).toMatchObject(isShown);
      expect(move(before, finish({ outcome, seen }))).toMatchObject({ ...isShown, expirySeenAt: NOW });
    },
  );

  test.each<[string, AttemptResult, object]>([
    ['stay as they are if the store cannot be read', { outcome: 'offline' }, isKept],
    [
      'stay as they are if the store shows none',
      { outcome: 'offline', seen: { present: true, fingerprint: 'a' } },
      isKept,
    ],
    ['are not known of another credential', { outcome: 'offline', seen: { present: true, fingerprint: 'b' } }, isGone],
    ['end with the credential', { outcome: 'offline', seen: { present: false } }, isGone],
    ['end if it is unavailable', { outcome: 'unavailable', seen: { present: false } }, isGone],
    ['end if it is unavailable and cannot be inspected', { outcome: 'unavailable' }, isGone],
  ])('%s', (_name, result, ends) => {
    expect(move(before, finish(result))).toMatchObject(ends);
  });
});

describe('the time of the last renewal', () => {
  const known = { expiresAt: NOW + M, fingerprint: 'a', lastRenewedAt: NOW - H };
  const attempted = (result: AttemptResult, facts: Partial<SessionRecord> = known) =>
    move(recordOf('refreshing', facts), finish(result)).lastRenewedAt;
  const seen = (fingerprint: string, expiresAt?: Date) => ({ present: true, fingerprint, expiresAt });

  test.each<[string, number | undefined, AttemptResult, Partial<SessionRecord>?]>([
    ['is now, after a renewal', NOW, { outcome: 'refreshed', expiresAt: NOW + H }],
    ['is now, after the first attempt, if that renewed it', NOW, { outcome: 'refreshed' }, {}],
    ['stays, if a renewal was ineffective', NOW - H, { outcome: 'refreshed', code: 'KA_INEFFECTIVE', expiresAt: NOW }],
    ['stays, if nothing was due', NOW - H, { outcome: 'fresh', expiresAt: NOW + M, seen: seen('a') }],
    ['is now, if its own program has extended it', NOW, { outcome: 'fresh', expiresAt: NOW + H }],
    ['is now, also after a failure', NOW, { outcome: 'failed', seen: seen('b', new Date(NOW + H)) }],
    [
      'stays, if it was replaced by one that ends earlier',
      NOW - H,
      { outcome: 'offline', seen: seen('b', new Date(NOW)) },
    ],
    ['is now, if it is another credential without an expiry', NOW, { outcome: 'fresh', seen: seen('b') }],
    [
      'is not known of the first credential that is seen',
      undefined,
      { outcome: 'fresh', expiresAt: NOW, seen: seen('a') },
      {},
    ],
  ])('%s', (_name, expected, result, facts) => {
    expect(attempted(result, facts)).toBe(expected);
  });

  test('is that of the change that the daemon noticed, and the attempt after it adds none', () => {
    for (const name of ['alive', 'offline', 'paused'] as const) {
      const before = recordOf(name, { ...known, lastAttemptAt: NOW - H });
      const noticed = move(before, changed(seen('b', new Date(NOW + H))));
      expect(noticed).toMatchObject({ lastRenewedAt: NOW, expiresAt: NOW + H, fingerprint: 'b' });
      const later = { policy: POLICY, now: NOW + H, random: 0 };
      const after = transition(
        { ...noticed, state: STATES.refreshing },
        finish({ outcome: 'fresh', expiresAt: NOW + H }),
        later,
      );
      expect(after.lastRenewedAt).toBe(NOW);
    }
  });
});

describe('no event shortens the minimum interval or the wait that the vendor asked for', () => {
  const floor = NOW + 9 * M;
  test.each<[string, SessionEvent, StateName, PartialPolicy]>([
    ['a start', { type: 'start' }, 'idle', {}],
    ['a start after a crash', { type: 'start' }, 'refreshing', {}],
    ['a start', { type: 'start' }, 'backoff', {}],
    ['a start', { type: 'start' }, 'alive', {}],
    ['a start', { type: 'start' }, 'disabled', {}],
    ['a start', { type: 'start' }, 'unavailable', {}],
    ['a resume', { type: 'resume' }, 'paused', {}],
    ['a resume', { type: 'resume' }, 'login-required', {}],
    ['another policy', { type: 'configure' }, 'disabled', {}],
    ['another policy', { type: 'configure' }, 'alive', { schedule: { mode: 'interval', every: '1m' } }],
    ['another policy', { type: 'configure' }, 'backoff', {}],
    ['another policy', { type: 'configure' }, 'idle', {}],
    ['a changed credential', changed(), 'alive', {}],
    ['a changed credential', changed(), 'login-required', {}],
  ])('%s (%#: %j from %s)', (_name, event, from, changes) => {
    const byInterval = move(recordOf(from), event, { minInterval: '10m', ...changes }, 1).state;
    const byVendor = move(recordOf(from, { vendorWaitUntil: floor }), event, changes, 1).state;
    for (const state of [byInterval, byVendor]) expect(wakeOf(state)).toBeGreaterThanOrEqual(floor);
  });
});

describe('a restart', () => {
  test.each<[string, SessionRecord, number, string]>([
    [
      'soon makes an overdue attempt',
      recordOf('alive', { lastAttemptAt: NOW - 3 * 24 * H }),
      1_500,
      'every 30 minutes',
    ],
    ['keeps a retry', recordOf('backoff'), 7 * M, 'later'],
    [
      'soon makes an overdue retry',
      { ...recordOf('backoff', { lastAttemptAt: NOW - H }), state: { ...STATES.backoff, wakeAt: NOW - M } },
      1_500,
      'later',
    ],
    ['repeats an interrupted attempt', recordOf('refreshing', { lastAttemptAt: NOW - H }), 1_500, 'at start'],
    [
      'checks an unavailable session again',
      recordOf('unavailable', { lastAttemptAt: NOW - H }),
      1_500,
      'tried again at start',
    ],
    [
      'does not wait for a day if the clock was set back meanwhile',
      { ...recordOf('offline', { lastAttemptAt: NOW + 24 * H }), state: { ...STATES.offline, wakeAt: NOW + 25 * H } },
      2 * M,
      'later; no sooner than 2 minutes after the last attempt',
    ],
  ])('%s', (_name, before, after, why) => {
    const { state } = move(before, { type: 'start' }, {}, 0.5);
    expect('wakeAt' in state ? { after: (state.wakeAt ?? NaN) - NOW, why: state.wakeWhy } : state).toEqual({
      after,
      why,
    });
  });

  test.each<[string, SessionEvent]>([
    ['a restart', { type: 'start' }],
    ['a sleep', { type: 'clock', by: M, delayMs: 700 }],
  ])('%s changes no record whose time the policy could still choose', (_what, event) => {
    const policy = { jitter: 0.1 };
    const planned = move(recordOf('alive', { expiresAt: NOW + 9 * H }), { type: 'configure' }, policy, 0.3);
    expect(move(planned, event, policy, 0.7)).toBe(planned);
  });

  test('moves a time that the policy could not choose any more', () => {
    const planned = move(recordOf('alive'), { type: 'configure' }, { jitter: 0.1 }, 0.3);
    const every: PartialPolicy = { jitter: 0.1, schedule: { mode: 'interval', every: '10m' } };
    expect(wakeOf(move(planned, { type: 'start' }, every, 0).state)).toBe(NOW + 9 * M);
  });

  test('keeps the count of failures', () => {
    expect(move(recordOf('refreshing'), { type: 'start' }).state).toMatchObject({ failures: 2 });
    expect(move(recordOf('backoff'), { type: 'start' }).state).toMatchObject({ failures: 2, tries: 2 });
  });
});

describe('a new policy', () => {
  const ended = { ...recordOf('backoff'), state: { ...STATES.backoff, tries: 0, wakeAt: NOW + 20 * H } };
  test.each<[string, SessionRecord, PartialPolicy, number]>([
    ['moves the tick', recordOf('alive'), { schedule: { mode: 'interval', every: '10m' } }, 9 * M],
    ['moves the tick that ends a cycle', ended, { schedule: { mode: 'interval', every: '10m' } }, 9 * M],
    ['leaves a retry', recordOf('backoff'), { schedule: { mode: 'interval', every: '8h' } }, 7 * M],
    ['delays a retry that would come too soon', recordOf('backoff'), { minInterval: '1h' }, 59 * M],
  ])('%s', (_name, before, changes, after) => {
    const { state } = move(before, { type: 'configure' }, changes);
    expect((wakeOf(state) ?? NaN) - NOW).toBe(after);
  });

  test('that disables and enables a session does not end the user’s own pause', () => {
    const person = move(move(recordOf('paused'), { type: 'configure' }, { enabled: false }), { type: 'configure' });
    expect(person.state).toBe(STATES.paused);
    expect(
      move(move(recordOf('alive'), { type: 'configure' }, { enabled: false }), { type: 'configure' }).state,
    ).toMatchObject({ name: 'idle', wakeWhy: 'enabled; no sooner than 2 minutes after the last attempt' });
  });

  test('a user’s pause of a disabled session is kept, and resuming it does not enable it', () => {
    const both = move(recordOf('disabled'), { type: 'pause' }, { enabled: false });
    expect(move(both, { type: 'configure' }).state).toMatchObject({ why: 'paused' });
    expect(move(both, { type: 'resume' }, { enabled: false }).state).toMatchObject({ disabled: true });
  });
});

describe('a credential that changed', () => {
  test('re-arms a halted session and forgives its failures', () => {
    expect(move(recordOf('too-many-failures', { lastAttemptAt: NOW - H }), changed()).state).toEqual({
      name: 'idle',
      failures: 0,
      wakeAt: NOW,
      wakeWhy: 'the credential changed',
    });
  });

  test('moves the next attempt of a live session by its expiry; the same expiry changes nothing', () => {
    const live = recordOf('alive', { expiresAt: NOW + H, expirySeenAt: NOW - H });
    expect(move(live, changed({ expiresAt: new Date(NOW + H) }))).toBe(live);
    expect(move(live, changed({ expiresAt: new Date(NOW + 20 * M) }))).toMatchObject({
      expirySeenAt: NOW,
      state: { name: 'alive', wakeAt: NOW + 15 * M },
    });
  });
});

describe('a session that has to wait for its attempt', () => {
  const wait = { wakeAt: NOW + M, wakeWhy: 'the credential changed; no sooner than 2 minutes after the last attempt' };

  test('is alive at once if its new credential is', () => {
    const before = recordOf('login-required', { fingerprint: 'a' });
    const after = (expiresAt?: Date) => move(before, changed({ fingerprint: 'b', expiresAt })).state;
    expect(after(new Date(NOW + H))).toMatchObject({ name: 'alive', expiresAt: NOW + H, ...wait });
    expect(after(new Date(NOW - H))).toMatchObject({ name: 'idle', ...wait });
    expect(after()).toMatchObject({ name: 'idle', ...wait });
  });

  test('is unavailable at once if its credential is gone, without the ends of that credential', () => {
    const before = recordOf('alive', { expiresAt: NOW + H, loginExpiresAt: NOW + 9 * H, fingerprint: 'a' });
    const gone: SessionEvent = { type: 'inspected', cause: 'store', found: { present: false, hint: 'Sign in.' } };
    expect(move(before, gone)).toMatchObject({
      expiresAt: undefined,
      loginExpiresAt: undefined,
      nextReason: 'changed',
      state: { name: 'halted', why: 'unavailable', hint: 'Sign in.', wakeAt: NOW + M },
    });
  });

  test('is not unavailable for long if the same credential is back', () => {
    const before = recordOf('alive', { expiresAt: NOW + H, fingerprint: 'a', lastAttempt: SUCCESS });
    const gone = move(before, { type: 'inspected', cause: 'store', found: { present: false } });
    expect(move(gone, changed({ fingerprint: 'a', expiresAt: new Date(NOW + H) })).state.name).toBe('alive');
  });

  test('is attempted, and not only looked at, if nothing delays the attempt', () => {
    const before = recordOf('alive', { expiresAt: NOW + H, fingerprint: 'a', lastAttemptAt: NOW - H });
    const gone = move(before, { type: 'inspected', cause: 'store', found: { present: false } });
    expect(gone.state).toMatchObject({ name: 'idle', wakeAt: NOW, wakeWhy: 'the credential is gone' });
  });
});

describe('a clock that was set back by an hour', () => {
  const setBack: SessionEvent = { type: 'clock', by: -H, delayMs: 2_000 };

  test('keeps the length of every wait, including the vendor’s', () => {
    for (const name of ['idle', 'backoff', 'offline', 'rate-limited', 'deferred'] as const) {
      const before = recordOf(name, { vendorWaitUntil: NOW + 8 * M });
      const after = transition(before, setBack, { policy: POLICY, now: NOW - H, random: 0 });
      expect(after).toMatchObject({ vendorWaitUntil: NOW + 8 * M - H, state: { wakeAt: NOW + 7 * M - H } });
    }
  });

  test('moves a tick to its calendar time', () => {
    expect(
      move(recordOf('alive', { lastAttemptAt: NOW + H }), { type: 'clock', by: -H, delayMs: 2_000 }).state,
    ).toMatchObject({
      wakeAt: NOW + 30 * M,
    });
  });
});

test('a user’s attempt of a paused session leaves it paused, and counts for the minimum interval', () => {
  const before = recordOf('paused', { lastAttemptAt: NOW - H });
  const looked = move(before, { type: 'attempt' });
  expect(looked).toEqual({ ...before, lastAttemptAt: NOW });
  expect(move(looked, finish({ outcome: 'fresh', expiresAt: NOW + H }))).toMatchObject({
    expiresAt: NOW + H,
    state: before.state,
  });
});

test('an unknown event throws', () => {
  expect(() => move(recordOf('idle'), JSON.parse('{"type":"party"}'))).toThrow('Unexpected value');
  expect(() => move(recordOf('refreshing'), JSON.parse('{"type":"finish","result":{"outcome":"party"}}'))).toThrow(
    'Unexpected value',
  );
});

describe('the last attempt', () => {
  const attempted = move(recordOf('alive', { method: 'redeem' }), { type: 'attempt' });

  test('is recorded with its times, its reason and the failures counted after it', () => {
    const after = transition(attempted, finish({ outcome: 'failed', code: 'KA_PLUGIN_FAILED', message: 'odd' }), {
      policy: POLICY,
      now: NOW + 3_000,
      random: 0,
    });
    expect(after.lastAttempt).toEqual({
      id: 'acme',
      startedAt: NOW,
      endedAt: NOW + 3_000,
      reason: 'schedule',
      method: 'redeem',
      outcome: 'failed',
      failures: 1,
      code: 'KA_PLUGIN_FAILED',
      message: 'odd',
    });
  });

  test('does not use up retries if the attempt before it failed by an outage', () => {
    const outage = {
      id: 'acme',
      startedAt: NOW,
      endedAt: NOW,
      reason: 'schedule',
      method: 'auto',
      failures: 0,
    } as const;
    const state = { ...STATES.refreshing, tries: 9 };
    const after = (outcome: 'offline' | 'failed') =>
      move(
        { ...recordOf('refreshing', { lastAttempt: { ...outage, outcome } }), state },
        finish({ outcome: 'failed' }),
      );
    expect(after('offline').state).toMatchObject({ name: 'waiting', tries: 1 });
    expect(after('failed').state).toMatchObject({ name: 'waiting', tries: 0 });
  });

  test('is recorded for a paused session too', () => {
    expect(move(move(attempted, { type: 'pause' }), finish({ outcome: 'fresh' })).lastAttempt?.outcome).toBe('fresh');
  });
});

test('the method is that of the last attempt, else that of an inspection, else `auto` in the history', () => {
  const seen = changed({ method: 'touch' });
  const inspected = move(recordOf('refreshing'), seen);
  expect(methodOf(inspected)).toBe('touch');
  const attempted = move(inspected, finish({ outcome: 'fresh', method: 'redeem' }));
  expect(methodOf(attempted)).toBe('redeem');
  expect(methodOf(move(attempted, seen))).toBe('redeem');
  expect(move(attempted, finish({ outcome: 'failed' })).lastAttempt?.method).toBe('redeem');
  expect(move(recordOf('refreshing'), finish({ outcome: 'fresh' })).lastAttempt?.method).toBe('auto');
});

test('the reason for the next attempt lasts until that attempt, or the next start', () => {
  const record = move(recordOf('offline'), changed());
  expect(record.nextReason).toBe('changed');
  expect(move(record, { type: 'attempt' }).nextReason).toBeUndefined();
  expect(move(record, { type: 'start' }).nextReason).toBeUndefined();
});

describe('the method of a session that no attempt has kept alive yet', () => {
  test('follows the configuration: the last inspection decides', () => {
    const before = move(recordOf('alive', { method: 'redeem' }), changed({ method: 'observe' }));
    expect(methodOf(before)).toBe('observe');
    const paused = recordOf('paused', { method: 'redeem' });
    expect(methodOf(move(paused, { type: 'preview', found: { present: true, method: 'observe' } }))).toBe('observe');
  });

  test('is learned after an attempt that could not choose one', () => {
    const failed = move(recordOf('refreshing'), finish({ outcome: 'failed' }));
    expect(methodOf(failed)).toBeUndefined();
    expect(methodOf(move(failed, changed({ method: 'redeem' })))).toBe('redeem');
  });
});
