import { describe, expect, test } from 'vitest';
import { sessionRecordSchema } from '../../sdk/contract/session-schema.ts';
import type { SessionEvent } from '../../lifecycle/event.ts';
import type { PartialPolicy } from '../../sdk/contract/policy.ts';
import type { SessionRecord, SharedLogin } from '../../sdk/contract/session.ts';
import { changed, finish, H, M, move, NAMES, NOW, recordOf, STATES, SUCCESS } from './example-sessions.ts';

const leftTo = (holder: string): Partial<SessionRecord> => ({ shared: { session: 'other', holder } });
const login = (shared?: SharedLogin, rearm = true): SessionEvent => ({
  type: 'login',
  login: undefined,
  shared,
  rearm,
});

/**
 * The state as the table below shows it. `=` means that the event returned the same record, or the same state if the
 * event always changes other members.
 */
function inAWord(before: SessionRecord, after: SessionRecord, { type }: SessionEvent): string {
  if (type === 'finish' || type === 'login' ? after.state === before.state : after === before) return '=';
  const { state } = after;
  if (state.name === 'halted') return state.disabled ? 'disabled' : state.why;
  return state.name === 'waiting' ? state.why : state.name;
}

describe('every event in every state', () => {
  type Row = readonly [event: SessionEvent, policy: PartialPolicy, facts?: Partial<SessionRecord>];
  const events: Readonly<Record<string, Row>> = {
    start: [{ type: 'start' }, {}],
    'start, disabled': [{ type: 'start' }, { enabled: false }],
    attempt: [{ type: 'attempt' }, {}],
    'finish after its attempt': [finish({ outcome: 'failed' }), {}],
    pause: [{ type: 'pause' }, {}],
    resume: [{ type: 'resume' }, {}],
    'resume, disabled': [{ type: 'resume' }, { enabled: false }],
    configure: [{ type: 'configure' }, {}],
    'configure, disabled': [{ type: 'configure' }, { enabled: false }],
    'changed, unreadable': [changed(), {}],
    'changed, gone': [{ type: 'inspected', cause: 'store', found: { present: false } }, {}],
    'changed, another credential': [
      changed({ fingerprint: 'b', expiresAt: new Date(NOW + H) }),
      {},
      { fingerprint: 'a' },
    ],
    'changed, our own renewal': [changed({ fingerprint: 'a', expiresAt: new Date(NOW + H) }), {}, { fingerprint: 'a' }],
    'at start, another': [
      { type: 'inspected', cause: 'start', found: { present: true, fingerprint: 'b' } },
      {},
      { fingerprint: 'a' },
    ],
    'at start, the same': [
      { type: 'inspected', cause: 'start', found: { present: true, fingerprint: 'a' } },
      {},
      { fingerprint: 'a' },
    ],
    'at start, gone': [{ type: 'inspected', cause: 'start', found: { present: false } }, {}],
    'at start, unreadable': [{ type: 'inspected', cause: 'start', found: { unreadable: 'torn' } }, {}],
    'at start, no inspect': [{ type: 'inspected', cause: 'start', found: undefined }, {}],
    'resumed, good': [
      { type: 'inspected', cause: 'resumed', found: { present: true, fingerprint: 'a', expiresAt: new Date(NOW + H) } },
      {},
      { fingerprint: 'a', lastAttempt: SUCCESS },
    ],
    'resumed, after a failure': [
      { type: 'inspected', cause: 'resumed', found: { present: true, fingerprint: 'a' } },
      {},
      { fingerprint: 'a', lastAttempt: { ...SUCCESS, outcome: 'failed' } },
    ],
    'resumed, gone': [{ type: 'inspected', cause: 'resumed', found: { present: false } }, {}],
    'unavailable, changed': [{ type: 'inspected', cause: 'unavailable', found: { present: true } }, {}],
    'unavailable, unreadable': [{ type: 'inspected', cause: 'unavailable', found: { unreadable: 'torn' } }, {}],
    'unavailable, a day later': [
      { type: 'inspected', cause: 'unavailable', found: undefined },
      {},
      { lastAttemptAt: NOW - 24 * H },
    ],
    'preview, alive': [{ type: 'preview', found: { present: true, fingerprint: 'a' } }, {}, { fingerprint: 'a' }],
    'preview, expired': [{ type: 'preview', found: { present: true, expiresAt: new Date(NOW - H) } }, {}],
    'preview, gone': [{ type: 'preview', found: { present: false } }, {}],
    'preview, unreadable': [{ type: 'preview', found: { unreadable: 'torn' } }, {}],
    'preview, no inspect': [{ type: 'preview', found: undefined }, {}],
    'clock set back': [{ type: 'clock', by: -H, delayMs: 2_000 }, {}],
    slept: [{ type: 'clock', by: H, delayMs: 2_000 }, {}],
    freed: [login(), {}, leftTo('other')],
    'freed before the start': [login(undefined, false), {}, leftTo('other')],
    'shared, and left to the other': [login({ session: 'other', holder: 'other' }), {}],
    'shared, and kept': [login({ session: 'other', holder: 'acme' }), {}],
    'no longer shared': [login(), {}, leftTo('acme')],
    network: [{ type: 'network', delayMs: 2_000 }, {}],
  };
  const table: readonly (readonly [string, readonly [string, string]])[] = Object.entries({
    // idle            refreshing      alive           backoff         offline         rate-limited
    // deferred        paused          disabled        login-required  unavailable     too-many-failures
    start: [
      'idle            idle            alive           =               =               =',
      '=               =               idle            =               unavailable     =',
    ],
    'start, disabled': [
      'disabled        disabled        disabled        disabled        disabled        disabled',
      'disabled        =               =               disabled        disabled        disabled',
    ],
    attempt: [
      'refreshing      =               refreshing      refreshing      refreshing      refreshing',
      'refreshing      paused          disabled        refreshing      refreshing      refreshing',
    ],
    'finish after its attempt': [
      '=               backoff         =               =               =               =',
      '=               =               =               =               =               =',
    ],
    pause: [
      'paused          paused          paused          paused          paused          paused',
      'paused          =               paused          paused          paused          paused',
    ],
    resume: [
      '=               =               =               =               =               =',
      '=               idle            idle            idle            idle            idle',
    ],
    'resume, disabled': [
      '=               =               =               =               =               =',
      '=               disabled        =               disabled        disabled        disabled',
    ],
    configure: [
      '=               =               alive           =               =               =',
      '=               =               idle            =               =               =',
    ],
    'configure, disabled': [
      'disabled        disabled        disabled        disabled        disabled        disabled',
      'disabled        =               =               disabled        disabled        disabled',
    ],
    'changed, unreadable': [
      'idle            =               idle            idle            idle            idle',
      'idle            =               =               idle            idle            idle',
    ],
    'changed, gone': [
      'unavailable     =               unavailable     unavailable     unavailable     unavailable',
      'unavailable     =               =               =               =               =',
    ],
    'changed, another credential': [
      'alive           =               alive           alive           alive           alive',
      'alive           paused          disabled        alive           alive           alive',
    ],
    'changed, our own renewal': [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'at start, another': [
      'idle            =               alive           idle            idle            idle',
      'idle            paused          disabled        idle            idle            idle',
    ],
    'at start, the same': [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'at start, gone': [
      'unavailable     =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'at start, unreadable': [
      '=               =               idle            =               =               =',
      '=               =               =               =               =               =',
    ],
    'at start, no inspect': [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'resumed, good': [
      'alive           =               =               backoff         offline         rate-limited',
      'deferred        paused          disabled        login-required  unavailable     too-many-failures',
    ],
    'resumed, after a failure': [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'resumed, gone': [
      'unavailable     =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'unavailable, changed': [
      '=               =               =               =               =               =',
      '=               =               =               =               idle            =',
    ],
    'unavailable, unreadable': [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'unavailable, a day later': [
      '=               =               =               =               =               =',
      '=               =               =               =               idle            =',
    ],
    'preview, alive': [
      'idle            refreshing      alive           backoff         offline         rate-limited',
      'deferred        paused          disabled        login-required  unavailable     too-many-failures',
    ],
    'preview, expired': [
      'idle            refreshing      idle            backoff         offline         rate-limited',
      'deferred        paused          disabled        login-required  idle            too-many-failures',
    ],
    'preview, gone': [
      'unavailable     unavailable     unavailable     unavailable     unavailable     unavailable',
      'unavailable     paused          disabled        unavailable     unavailable     unavailable',
    ],
    'preview, unreadable': [
      'backoff         backoff         backoff         =               backoff         backoff',
      'backoff         paused          disabled        backoff         backoff         backoff',
    ],
    'preview, no inspect': [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'clock set back': [
      'idle            =               alive           backoff         offline         rate-limited',
      'deferred        =               =               =               =               too-many-failures',
    ],
    slept: [
      '=               =               alive           =               =               =',
      '=               =               =               =               =               =',
    ],
    freed: [
      '=               =               =               =               =               =',
      'idle            =               =               =               =               =',
    ],
    'freed before the start': [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'shared, and left to the other': [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'shared, and kept': [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    'no longer shared': [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
    network: [
      '=               =               =               =               =               =',
      '=               =               =               =               =               =',
    ],
  });

  test.each(table)('%s', (event, rows) => {
    const words = rows.join(' ').split(/\s+/);
    const expected = Object.fromEntries(NAMES.map((name, index) => [name, words[index]]));
    const [what, changes, facts] = events[event] ?? [{ type: 'start' }, {}];
    const found = Object.fromEntries(
      NAMES.map(name => {
        const before = recordOf(name, facts);
        return [name, inAWord(before, move(before, what, changes), what)];
      }),
    );
    expect(found).toEqual(expected);
  });

  test('the table has a row for every event', () => {
    const types: Readonly<Record<SessionEvent['type'], true>> = {
      start: true,
      attempt: true,
      finish: true,
      pause: true,
      resume: true,
      configure: true,
      inspected: true,
      preview: true,
      login: true,
      network: true,
      clock: true,
    };
    expect(new Set(Object.values(events).map(([{ type }]) => type))).toEqual(new Set(Object.keys(types)));
    expect(table.map(([event]) => event)).toEqual(expect.arrayContaining(Object.keys(events)));
  });

  test('a session that became due while the machine slept is attempted after the delay', () => {
    const due = { wakeAt: NOW - M, wakeWhy: 'later' };
    for (const name of ['idle', 'backoff', 'offline', 'rate-limited', 'deferred', 'too-many-failures'] as const) {
      const before = { ...recordOf(name), state: { ...STATES[name], ...due } };
      const after = move(before, { type: 'clock', by: H, delayMs: 2_000.5 });
      expect(after).toEqual({ ...before, state: { ...before.state, wakeAt: NOW + 2_000 }, nextReason: 'wake' });
    }
    const alive = recordOf('alive', { lastAttemptAt: NOW - H });
    expect(move(alive, { type: 'clock', by: H, delayMs: 2_000 }).state).toMatchObject({ wakeAt: NOW + 2_000 });
  });

  test('every resulting record can be saved and read again', () => {
    for (const name of NAMES) {
      for (const [event, changes, facts] of Object.values(events)) {
        const after = move(recordOf(name, facts), event, changes, 0.3);
        expect(sessionRecordSchema.parse(JSON.parse(JSON.stringify(after)))).toEqual(JSON.parse(JSON.stringify(after)));
      }
    }
  });
});
