import type { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { subscribe } from '../../../kernel/start/subscriptions.ts';
import { Events, type KernelEvents } from '../../../kernel/wiring/tokens.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { WarmUpRun } from '../../../sdk/contract/rpc.ts';
import type { Attempt, Notice, Session } from '../../../sdk/contract/session.ts';

const session: Session = {
  id: 'codex',
  displayName: 'Codex',
  provider: 'codex',
  method: 'redeem',
  policy: DEFAULT_POLICY,
  state: { name: 'alive', wakeAt: 1, wakeWhy: 'every 30m' },
};
const attempt: Attempt = {
  id: 'codex',
  startedAt: 1,
  endedAt: 2,
  reason: 'schedule',
  method: 'redeem',
  outcome: 'refreshed',
  failures: 0,
};
const notice: Notice = {
  id: 'codex:failing',
  session: 'codex',
  level: 'error',
  code: 'failing',
  title: '',
  body: '',
  raisedAt: 1,
};

const run: WarmUpRun = {
  id: 'morning',
  session: 'codex',
  plannedAt: 1,
  endedAt: 2,
  result: 'skipped',
  reason: 'missed',
  message: 'It was missed.',
  windows: [],
};

/** Records the calls of all listeners, in order. */
function listening() {
  const heard: unknown[][] = [];
  const events = new Events();
  const emitter: EventEmitter = events;
  const release = subscribe(events, {
    sessions: { settleLogin: id => void heard.push(['sessions', id]) },
    notices: { follow: ({ id }) => void heard.push(['notices', id]) },
    days: { follow: ({ id }) => void heard.push(['days', id]) },
    warmUpNotices: { settle: async () => void heard.push(['warm-ups']) },
    fleet: {
      show: ({ id }) => void heard.push(['fleet', id]),
      record: ({ id }) => void heard.push(['fleet', id]),
      raise: ({ id }) => void heard.push(['fleet', id]),
      clear: ({ id }) => void heard.push(['fleet', id]),
    },
    announce: (method, params) => void heard.push(['clients', method, params]),
  });
  return { heard, emitter, release };
}

type Case = { readonly [E in keyof KernelEvents]: { readonly happened: KernelEvents[E]; readonly heard: unknown[][] } };

/** The expected calls by event. An event that is missing here does not compile. */
const CASES: Case = {
  changed: {
    happened: [session],
    heard: [
      ['sessions', 'codex'],
      ['notices', 'codex'],
      ['days', 'codex'],
      ['fleet', 'codex'],
      ['clients', 'session/didChange', session],
    ],
  },
  attempted: {
    happened: [attempt],
    heard: [
      ['fleet', 'codex'],
      ['clients', 'session/didAttempt', attempt],
    ],
  },
  warningDue: { happened: [session], heard: [['notices', 'codex']] },
  raised: {
    happened: [notice],
    heard: [
      ['fleet', notice.id],
      ['clients', 'notice/didRaise', notice],
    ],
  },
  cleared: {
    happened: [notice],
    heard: [
      ['fleet', notice.id],
      ['clients', 'notice/didClear', notice],
    ],
  },
  warmedUp: { happened: [run], heard: [['warm-ups'], ['clients', 'warmup/didRun', run]] },
  fleetChanged: { happened: [], heard: [['clients', 'fleet/didChange', {}]] },
  reloaded: { happened: ['/a.json'], heard: [['clients', 'config/didChange', { file: '/a.json' }]] },
  stopping: { happened: ['SIGTERM'], heard: [['clients', 'kernel/willStop', { reason: 'SIGTERM' }]] },
};

describe('the listeners of an event, in order', () => {
  test.each(Object.entries(CASES))('%s', (event, { happened, heard: expected }) => {
    const { emitter, heard } = listening();
    emitter.emit(event, ...happened);
    expect(heard).toEqual(expected);
  });

  test('nothing is called after the release', () => {
    const { emitter, heard, release } = listening();
    void release();
    for (const [event, { happened }] of Object.entries(CASES)) emitter.emit(event, ...happened);
    expect(heard).toEqual([]);
    expect(emitter.eventNames()).toEqual([]);
  });
});
