import { expect, test } from 'vitest';
import { reduce, START, type Action, type Model, type Snapshot } from '../../../plugins/ui-web/page/kernel/model.ts';
import type { Notice } from '../../../sdk/contract/session.ts';
import { ALIVE, attempt, NOW, PAUSED, session } from '../ui-cli/fake-kernel.ts';

const notice = (more: Partial<Notice> = {}): Notice => ({
  id: 'a:failing',
  session: 'a',
  level: 'error',
  code: 'failing',
  title: 'A fails',
  body: '',
  raisedAt: NOW,
  ...more,
});
const snapshot: Snapshot = {
  info: {
    name: 'session-keepalive',
    version: '0',
    pid: 1,
    home: '/',
    startedAt: NOW,
    configFile: null,
    sessions: 1,
    clients: 1,
    pages: [],
  },
  sessions: [session('a', ALIVE)],
  notices: [],
  attempts: [attempt('a')],
  more: false,
  plan: [],
  config: { file: null, plugins: [], values: [] },
  plugins: [],
  tools: [],
  notifiers: [],
  days: [],
  warmUps: [],
};
const known: Model = { connection: 'live', connects: 1, snapshot };

test.each<[string, Model, Action, unknown]>([
  [
    'a known session is replaced in place',
    known,
    { type: 'session', session: session('a', PAUSED) },
    { sessions: [{ id: 'a', state: PAUSED }] },
  ],
  [
    'a new session is added last',
    known,
    { type: 'session', session: session('b', ALIVE) },
    { sessions: [{ id: 'a' }, { id: 'b' }] },
  ],
  [
    'an attempt comes first',
    known,
    { type: 'attempt', attempt: attempt('b') },
    { attempts: [{ id: 'b' }, { id: 'a' }] },
  ],
  [
    'older attempts come last',
    known,
    { type: 'older', attempts: [attempt('c')], more: true },
    { attempts: [{ id: 'a' }, { id: 'c' }], more: true },
  ],
  ['a notice is shown', known, { type: 'raised', notice: notice() }, { notices: [{ id: 'a:failing' }] }],
  ['a recovery is not listed', known, { type: 'raised', notice: notice({ code: 'recovered' }) }, { notices: [] }],
  [
    'a cleared notice is removed',
    reduce(known, { type: 'raised', notice: notice() }),
    { type: 'cleared', notice: notice() },
    { notices: [] },
  ],
  [
    'a part of the snapshot is replaced',
    known,
    { type: 'snapshot', snapshot: { plan: [{ id: 'a', at: NOW, why: '' }] } },
    { plan: [{ id: 'a' }], sessions: [{ id: 'a' }] },
  ],
])('%s', (_what, model, action, expected) => {
  expect(reduce(model, action).snapshot).toMatchObject(expected as object);
});

test('a notice is announced', () => {
  expect(
    reduce(known, { type: 'raised', notice: notice({ code: 'recovered', title: 'A is alive again' }) }).announcement,
  ).toBe('A is alive again');
});

test('a partial snapshot before the first one is ignored', () => {
  expect(reduce(START, { type: 'snapshot', snapshot: { plan: [] } })).toEqual(START);
  expect(reduce(START, { type: 'attempt', attempt: attempt('a') })).toEqual(START);
});

test('an ended connection stays ended', () => {
  const ended = reduce(known, { type: 'connection', connection: 'ended', at: NOW });
  expect(reduce(ended, { type: 'connection', connection: 'lost', at: NOW })).toBe(ended);
});

test('a lost connection keeps its time until it is restored', () => {
  const lost = reduce(known, { type: 'connection', connection: 'lost', at: NOW });
  const still = reduce(lost, { type: 'connection', connection: 'lost', at: NOW + 5 });
  expect([
    lost.lostAt,
    still.lostAt,
    reduce(still, { type: 'connection', connection: 'live', at: NOW + 9 }).lostAt,
  ]).toEqual([NOW, NOW, undefined]);
});
