import { describe, expect, test } from 'vitest';
import { sessionRecordSchema } from '../../../sdk/contract/session-schema.ts';
import { wakeOf } from '../../../kernel/session/states.ts';
import { transition, type Finish, type SessionEvent } from '../../../kernel/session/transition.ts';
import { DEFAULT_POLICY, type PartialPolicy, type Policy } from '../../../sdk/contract/policy.ts';
import type { SessionRecord, SessionState } from '../../../sdk/contract/session.ts';

const M = 60_000;
const H = 60 * M;
const NOW = Date.UTC(2026, 0, 5, 12);
const POLICY: Policy = { ...DEFAULT_POLICY, jitter: 0, schedule: { mode: 'interval', every: '30m' } };
const waits = { wakeAt: NOW + 7 * M, wakeWhy: 'later' };

/** One of each state, last attempted a minute ago. */
const STATES = {
  idle: { name: 'idle', failures: 0, ...waits },
  refreshing: { name: 'refreshing', since: NOW - M, failures: 2, tries: 2 },
  alive: { name: 'alive', ...waits },
  backoff: { name: 'waiting', why: 'backoff', failures: 2, tries: 2, hint: 'odd', ...waits },
  offline: { name: 'waiting', why: 'offline', failures: 2, tries: 7, hint: 'away', ...waits },
  'rate-limited': { name: 'waiting', why: 'rate-limited', failures: 2, tries: 1, hint: 'wait', ...waits },
  deferred: { name: 'waiting', why: 'deferred', failures: 2, tries: 0, hint: 'busy', ...waits },
  paused: { name: 'halted', why: 'paused', hint: 'Resume it.', failures: 2 },
  disabled: { name: 'halted', why: 'paused', hint: 'Off.', failures: 2, disabled: true },
  'login-required': { name: 'halted', why: 'login-required', hint: 'Log in.', failures: 2 },
  unavailable: { name: 'halted', why: 'unavailable', hint: 'Install it.', failures: 2 },
  'too-many-failures': { name: 'halted', why: 'too-many-failures', hint: 'odd', failures: 5, ...waits },
} as const satisfies Record<string, SessionState>;
type StateName = keyof typeof STATES;
const NAMES = Object.keys(STATES) as readonly StateName[];

const recordOf = (name: StateName, facts: Partial<SessionRecord> = {}): SessionRecord => ({
  displayName: 'Acme',
  lastAttemptAt: NOW - M,
  state: STATES[name],
  ...facts,
});
const move = (record: SessionRecord, event: SessionEvent, changes: PartialPolicy = {}, random = 0) =>
  transition(record, event, Object.assign({ ...POLICY }, changes), NOW, random);
const finish = (given: Finish): SessionEvent => ({ type: 'finish', finish: given });

/** A state in a word, as the tables below have it; `=` where the very same record came back. */
function inAWord(before: SessionRecord, after: SessionRecord): string {
  if (after === before) return '=';
  const { state } = after;
  if (state.name === 'halted') return state.disabled ? 'disabled' : state.why;
  return state.name === 'waiting' ? state.why : state.name;
}

describe('every event in every state', () => {
  const events: Readonly<Record<string, readonly [SessionEvent, PartialPolicy]>> = {
    start: [{ type: 'start' }, {}],
    'start, disabled': [{ type: 'start' }, { enabled: false }],
    attempt: [{ type: 'attempt' }, {}],
    'late finish': [finish({ outcome: 'failed' }), {}],
    pause: [{ type: 'pause' }, {}],
    resume: [{ type: 'resume' }, {}],
    'resume, disabled': [{ type: 'resume' }, { enabled: false }],
    configure: [{ type: 'configure' }, {}],
    'configure, disabled': [{ type: 'configure' }, { enabled: false }],
    changed: [{ type: 'changed' }, {}],
    'clock set back': [{ type: 'clock', by: -H }, {}],
    slept: [{ type: 'clock', by: H }, {}],
    delay: [{ type: 'delay', ms: 2_000 }, {}],
    freed: [{ type: 'freed' }, {}],
    network: [{ type: 'network', ms: 2_000 }, {}],
  };
  const table: readonly (readonly [string, Readonly<Record<StateName, string>>])[] = Object.entries({
    //                     idle          refreshing    alive         backoff       offline       rate-limited    deferred      paused        disabled      login-required    unavailable   too-many-failures
    start:
      'idle          idle          alive         =             =             =               =             =             idle          =                 idle          =',
    'start, disabled':
      'disabled      disabled      disabled      disabled      disabled      disabled        disabled      =             =             disabled          disabled      disabled',
    attempt:
      'refreshing    =             refreshing    refreshing    refreshing    refreshing      refreshing    paused        disabled      refreshing        refreshing    refreshing',
    'late finish':
      '=             backoff       =             =             =             =               =             =             =             =                 =             =',
    pause:
      'paused        paused        paused        paused        paused        paused          paused        =             paused        paused            paused        paused',
    resume:
      '=             =             =             =             =             =               =             idle          idle          idle              idle          idle',
    'resume, disabled':
      '=             =             =             =             =             =               =             disabled      =             disabled          disabled      disabled',
    configure:
      '=             =             alive         =             =             =               =             =             idle          =                 =             =',
    'configure, disabled':
      'disabled     disabled      disabled      disabled      disabled      disabled        disabled      =             =             disabled          disabled      disabled',
    changed:
      'idle          =             idle          idle          idle          idle            idle          =             =             idle              idle          idle',
    'clock set back':
      'idle          =             alive         backoff       offline       rate-limited    deferred      =             =             =                 =             too-many-failures',
    slept:
      '=             =             alive         =             =             =               =             =             =             =                 =             =',
    delay:
      'idle          =             alive         backoff       offline       rate-limited    deferred      =             =             =                 =             too-many-failures',
    freed:
      '=             =             =             =             =             =               idle          =             =             =                 =             =',
    network:
      '=             =             =             =             =             =               =             =             =             =                 =             =',
  }).map(([event, row]) => [
    event,
    Object.fromEntries(row.split(/\s+/).map((word, index) => [NAMES[index], word])) as Record<StateName, string>,
  ]);

  test.each(table)('%s', (event, expected) => {
    const [what, changes] = events[event] ?? [{ type: 'start' }, {}];
    const found = Object.fromEntries(
      NAMES.map(name => {
        const before = recordOf(name);
        return [name, inAWord(before, move(before, what, changes))];
      }),
    );
    expect(found).toEqual(expected);
  });

  test('what comes out can be kept on disk and taken up again', () => {
    for (const name of NAMES) {
      for (const [event, changes] of Object.values(events)) {
        const after = move(recordOf(name), event, changes, 0.3);
        expect(sessionRecordSchema.parse(JSON.parse(JSON.stringify(after)))).toEqual(JSON.parse(JSON.stringify(after)));
      }
    }
  });
});

describe('an attempt ends as', () => {
  test.each<[string, Finish, Partial<SessionState> & { readonly after?: number }]>([
    ['refreshed', { outcome: 'refreshed', expiresAt: NOW + H }, { name: 'alive', expiresAt: NOW + H, after: 29 * M }],
    ['fresh', { outcome: 'fresh' }, { name: 'alive', after: 29 * M }],
    [
      'ineffective: it backs off and does not count',
      { outcome: 'refreshed', code: 'KA_INEFFECTIVE', expiresAt: NOW + H },
      { name: 'waiting', why: 'backoff', failures: 2, tries: 2, after: 4 * M },
    ],
    [
      'deferred: it is looked at again, and neither counts nor is a try',
      { outcome: 'deferred', message: 'busy' },
      { name: 'waiting', why: 'deferred', failures: 2, tries: 0, hint: 'busy', after: 2 * M },
    ],
    ['deferred until then', { outcome: 'deferred', again: NOW + 20 * M }, { why: 'deferred', after: 20 * M }],
    [
      'deferred for a day: an hour is enough',
      { outcome: 'deferred', again: NOW + 24 * H },
      { why: 'deferred', after: H },
    ],
    [
      'deferred until yesterday: the minimum interval holds',
      { outcome: 'deferred', again: NOW - 24 * H },
      { why: 'deferred', after: M },
    ],
    [
      'rate-limited: it backs off and does not count',
      { outcome: 'rate-limited' },
      { name: 'waiting', why: 'rate-limited', failures: 2, after: 4 * M },
    ],
    [
      'rate-limited until then',
      { outcome: 'rate-limited', again: NOW + H },
      { why: 'rate-limited', wakeWhy: 'the vendor said so', after: H },
    ],
    [
      'rate-limited for a second: two minutes',
      { outcome: 'rate-limited', again: NOW + 1_000 },
      { why: 'rate-limited', after: 2 * M },
    ],
    [
      'rate-limited for a year: a day',
      { outcome: 'rate-limited', again: NOW + 365 * 24 * H },
      { why: 'rate-limited', after: 24 * H },
    ],
    [
      'offline: it backs off and does not count',
      { outcome: 'offline', message: 'away' },
      { name: 'waiting', why: 'offline', failures: 2, hint: 'away', after: 4 * M },
    ],
    [
      'a login is needed',
      { outcome: 'login-required', message: 'Log in.' },
      { name: 'halted', why: 'login-required', hint: 'Log in.' },
    ],
    [
      'unavailable',
      { outcome: 'unavailable', message: 'Install it.' },
      { name: 'halted', why: 'unavailable', hint: 'Install it.' },
    ],
    [
      'failed: it counts',
      { outcome: 'failed', message: 'odd' },
      { name: 'waiting', why: 'backoff', failures: 3, tries: 2, hint: 'odd', after: 4 * M },
    ],
    [
      'failed right after a wake: it does not count',
      { outcome: 'failed', excused: true },
      { name: 'waiting', why: 'backoff', failures: 2, after: 4 * M },
    ],
  ])('%s', (_name, given, { after, ...state }) => {
    const moved = move(recordOf('refreshing'), finish(given)).state;
    expect(moved).toMatchObject(state);
    const wakeAt = wakeOf(moved);
    expect(wakeAt === undefined ? undefined : wakeAt - NOW).toBe(after);
  });

  test('failed, for the fifth time in a row: it is halted, and tried once more in a day', () => {
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

  test('failed right after a wake, with more failures than are now allowed: it is not halted for that', () => {
    expect(
      move(recordOf('refreshing'), finish({ outcome: 'failed', excused: true }), { maxFailures: 1 }).state.name,
    ).toBe('waiting');
  });
});

test('a session that only fails: retries, then the next tick, and so on until it is halted', () => {
  let record = recordOf('idle');
  let now = NOW;
  const story: string[] = [];
  while (record.state.name !== 'halted') {
    record = transition(record, { type: 'attempt' }, POLICY, now, 0);
    record = transition(record, finish({ outcome: 'failed' }), POLICY, now, 0);
    const { state } = record;
    const wakeAt = wakeOf(state) ?? now;
    story.push(state.name === 'halted' ? state.name : `${(wakeAt - now) / M}m`);
    now = wakeAt;
  }
  expect(story).toEqual(['2m', '4m', '8m', '30m', 'halted']);
});

describe('what an attempt learnt is kept', () => {
  const learnt: readonly [string, Finish, Partial<SessionRecord>][] = [
    [
      'the expiry, and when it was first seen',
      { outcome: 'refreshed', expiresAt: NOW + H, loginExpiresAt: NOW + 9 * H },
      { expiresAt: NOW + H, loginExpiresAt: NOW + 9 * H, expirySeenAt: NOW, lastSuccessAt: NOW },
    ],
    ['the wait that the vendor asked for', { outcome: 'rate-limited', again: NOW + H }, { vendorWaitUntil: NOW + H }],
    ['which credential it left', { outcome: 'failed', fingerprint: 'abc' }, { fingerprint: 'abc' }],
    [
      'that it was no success',
      { outcome: 'refreshed', code: 'KA_INEFFECTIVE', expiresAt: NOW + M },
      { expiresAt: NOW + M, lastSuccessAt: NOW - H },
    ],
  ];
  const refreshing = recordOf('refreshing', { lastSuccessAt: NOW - H });
  test.each(learnt)('%s', (_name, given, facts) => {
    expect(move(refreshing, finish(given))).toMatchObject(facts);
  });

  test.each(learnt)('%s, also where a pause came before the outcome, which wins over it', (_name, given, facts) => {
    const before = move(refreshing, { type: 'pause' });
    const after = move(before, finish(given));
    expect(after).toMatchObject(facts);
    expect(after.state).toBe(before.state);
  });

  test('an expiry that did not move was seen when it was first seen', () => {
    const before = recordOf('refreshing', { expiresAt: NOW + H, expirySeenAt: NOW - H });
    expect(move(before, finish({ outcome: 'fresh', expiresAt: NOW + H })).expirySeenAt).toBe(NOW - H);
    expect(move(before, finish({ outcome: 'fresh', expiresAt: NOW + 2 * H })).expirySeenAt).toBe(NOW);
  });

  test('an answer ends the wait that the vendor asked for', () => {
    expect(
      move(recordOf('refreshing', { vendorWaitUntil: NOW + H }), finish({ outcome: 'fresh' })).vendorWaitUntil,
    ).toBeUndefined();
  });
});

describe('nothing passes the minimum interval or the wait that the vendor asked for', () => {
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
    ['a changed credential', { type: 'changed' }, 'alive', {}],
    ['a changed credential', { type: 'changed' }, 'login-required', {}],
  ])('%s (%#: %j from %s)', (_name, event, from, changes) => {
    const byInterval = move(recordOf(from), event, { minInterval: '10m', ...changes }, 1).state;
    const byVendor = move(recordOf(from, { vendorWaitUntil: floor }), event, changes, 1).state;
    for (const state of [byInterval, byVendor]) expect(wakeOf(state)).toBeGreaterThanOrEqual(floor);
  });
});

describe('a restart', () => {
  test.each<[string, SessionRecord, number, string]>([
    [
      'catches up soon on what is overdue',
      recordOf('alive', { lastAttemptAt: NOW - 3 * 24 * H }),
      1_500,
      'every 30 minutes',
    ],
    ['keeps a retry', recordOf('backoff'), 7 * M, 'later'],
    [
      'catches up on a retry',
      { ...recordOf('backoff', { lastAttemptAt: NOW - H }), state: { ...STATES.backoff, wakeAt: NOW - M } },
      1_500,
      'later',
    ],
    ['attempts what was under way again', recordOf('refreshing', { lastAttemptAt: NOW - H }), 1_500, 'at start'],
    [
      'looks for what was missing',
      recordOf('unavailable', { lastAttemptAt: NOW - H }),
      1_500,
      'looked for again at start',
    ],
    [
      'does not wait for a day where the clock was set back meanwhile',
      { ...recordOf('offline', { lastAttemptAt: NOW + 24 * H }), state: { ...STATES.offline, wakeAt: NOW + 25 * H } },
      2 * M,
      '2 minutes after the last check',
    ],
  ])('%s', (_name, before, after, why) => {
    const { state } = move(before, { type: 'start' }, {}, 0.5);
    expect('wakeAt' in state ? { after: (state.wakeAt ?? NaN) - NOW, why: state.wakeWhy } : state).toEqual({
      after,
      why,
    });
  });

  test('keeps count of the failures', () => {
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
    ['puts a retry off that would come too soon', recordOf('backoff'), { minInterval: '1h' }, 59 * M],
  ])('%s', (_name, before, changes, after) => {
    const { state } = move(before, { type: 'configure' }, changes);
    expect((wakeOf(state) ?? NaN) - NOW).toBe(after);
  });

  test('that switches it off and on again is not a person’s pause: that stays', () => {
    const person = move(move(recordOf('paused'), { type: 'configure' }, { enabled: false }), { type: 'configure' });
    expect(person.state).toBe(STATES.paused);
    expect(
      move(move(recordOf('alive'), { type: 'configure' }, { enabled: false }), { type: 'configure' }).state,
    ).toMatchObject({ name: 'idle', wakeWhy: '2 minutes after the last check' });
  });

  test('a pause of what is switched off is a person’s, and resuming it does not switch it on', () => {
    const both = move(recordOf('disabled'), { type: 'pause' }, { enabled: false });
    expect(move(both, { type: 'configure' }).state).toMatchObject({ why: 'paused' });
    expect(move(both, { type: 'resume' }, { enabled: false }).state).toMatchObject({ disabled: true });
  });
});

describe('a credential that changed', () => {
  test('re-arms a halted session and forgives its failures', () => {
    expect(move(recordOf('too-many-failures', { lastAttemptAt: NOW - H }), { type: 'changed' }).state).toEqual({
      name: 'idle',
      failures: 0,
      wakeAt: NOW,
      wakeWhy: 'the credential changed',
    });
  });

  test('moves the wake of a live one by its expiry, without an attempt; the same expiry is no news', () => {
    const live = recordOf('alive', { expiresAt: NOW + H, expirySeenAt: NOW - H });
    expect(move(live, { type: 'changed', expiresAt: NOW + H })).toBe(live);
    expect(move(live, { type: 'changed', expiresAt: NOW + 20 * M })).toMatchObject({
      expirySeenAt: NOW,
      state: { name: 'alive', wakeAt: NOW + 15 * M },
    });
  });
});

describe('a clock that was set back by an hour', () => {
  test('leaves every wait as long as it was, and the vendor’s', () => {
    for (const name of ['idle', 'backoff', 'offline', 'rate-limited', 'deferred'] as const) {
      const after = move(recordOf(name, { vendorWaitUntil: NOW + 8 * M }), { type: 'clock', by: -H });
      expect(after).toMatchObject({ vendorWaitUntil: NOW + 8 * M - H, state: { wakeAt: NOW + 7 * M - H } });
    }
  });

  test('moves a tick to where the calendar has it', () => {
    expect(move(recordOf('alive', { lastAttemptAt: NOW + H }), { type: 'clock', by: -H }).state).toMatchObject({
      wakeAt: NOW + 30 * M,
    });
  });
});

test('a person who looks at a paused session leaves it paused, and the attempt counts for the minimum interval', () => {
  const before = recordOf('paused', { lastAttemptAt: NOW - H });
  const looked = move(before, { type: 'attempt' });
  expect(looked).toEqual({ ...before, lastAttemptAt: NOW });
  expect(move(looked, finish({ outcome: 'fresh', expiresAt: NOW + H }))).toMatchObject({
    expiresAt: NOW + H,
    state: before.state,
  });
});

test('an event that does not exist is refused, not overlooked', () => {
  expect(() => move(recordOf('idle'), JSON.parse('{"type":"party"}'))).toThrow('Unexpected value');
  expect(() => move(recordOf('refreshing'), JSON.parse('{"type":"finish","finish":{"outcome":"party"}}'))).toThrow(
    'Unexpected value',
  );
});
