import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Events } from '../../../kernel/wiring/tokens.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { Notices } from '../../../kernel/notices/notices.ts';
import { openSettings } from '../../../state/settings.ts';
import { Scrubber } from '../../../runtime/log/redact.ts';
import { openStateFile } from '../../../state/states.ts';
import { configRefused } from '../../../lifecycle/notice-rules.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { defineNotifier, type NotifierPlugin } from '../../../sdk/plugin/notifier.ts';
import { DEFAULT_POLICY } from '../../../sdk/contract/policy.ts';
import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import type { Notice, Session, SessionState } from '../../../sdk/contract/session.ts';
import { makeNotifiers } from '../../support/notifiers.ts';
import { temporaryFolder } from '../../support/real-context.ts';
import { seededRandom, SimulatedClock } from '../../support/clock/simulated-clock.ts';

const DAY = 86_400_000;
let clock: SimulatedClock;
let file: string;
beforeEach(async () => {
  file = join(await temporaryFolder(), 'states.json');
  clock = new SimulatedClock();
  clock.rule(seededRandom(1));
});

const alive: SessionState = { name: 'alive', wakeAt: 0, wakeWhy: '' };
const refreshing: SessionState = { name: 'refreshing', since: 0, failures: 0, tries: 1 };
const idle: SessionState = { name: 'idle', failures: 0, wakeAt: 0, wakeWhy: '' };
const waiting = (why: 'backoff' | 'offline' | 'rate-limited' | 'deferred'): SessionState => ({
  name: 'waiting',
  why,
  failures: 1,
  tries: 1,
  wakeAt: 0,
  wakeWhy: '',
  hint: '',
});
const halted = (why: 'paused' | 'login-required' | 'unavailable' | 'too-many-failures'): SessionState => ({
  name: 'halted',
  why,
  hint: `hint: ${why}`,
  failures: 0,
});
const session = (state: SessionState, loginExpiresAt?: number, id = 'codex'): Session => ({
  id,
  displayName: 'Codex',
  provider: id,
  method: 'touch',
  policy: DEFAULT_POLICY,
  state,
  loginExpiresAt,
});

/** A notifier that records what it gets. */
function listener(id = 'listener') {
  const heard: string[] = [];
  const hear = (verb: string) => async (notice: Notice) => void heard.push(`${verb} ${notice.id}`);
  return { heard, notifier: defineNotifier({ id, raise: hear('raise'), clear: hear('clear') }) };
}

/** The notices of one run of the daemon, and what clients and a notifier get. */
async function daemon(...others: readonly NotifierPlugin[]) {
  const events = new Events();
  const log = silentLog();
  const scrubber = new Scrubber();
  const store = await openStateFile(locateHome({ KEEPALIVE_HOME: dirname(file) }), log);
  onTestFinished(() => store.close());
  const settings = await openSettings(join(dirname(file), 'settings.json'), log);
  const notices = new Notices(store, events, makeNotifiers({ settings, log, scrubber }), log);
  const { heard, notifier } = listener();
  const announced: string[] = [];
  events.on('changed', changed => notices.follow(changed));
  events.on('raised', ({ id }) => void announced.push(`raise ${id}`));
  events.on('cleared', ({ id }) => void announced.push(`clear ${id}`));
  notices.setNotifiers([...others, notifier]);
  const become = (state: SessionState, loginExpiresAt?: number) =>
    void events.emit('changed', session(state, loginExpiresAt));
  /** Starts to keep this session, and no other. */
  const keep = (kept: Session) => {
    events.emit('changed', kept);
    notices.sessionsKept([kept.id]);
  };
  /** What clients got since the last call. */
  const news = async () => {
    await clock.run(0);
    expect(heard).toEqual(announced);
    heard.length = 0;
    return announced.splice(0);
  };
  return { notices, events, become, keep, news, scrubber, flush: () => store.flush() };
}

describe('the states of a session', () => {
  const NEEDS_LOGIN = 'codex:login-required';
  const FAILING = 'codex:failing';

  test.each<[string, SessionState[], string[]]>([
    [
      'a needed login is reported once, however often it is found',
      [alive, halted('login-required'), halted('login-required'), refreshing, halted('login-required')],
      [`raise ${NEEDS_LOGIN}`],
    ],
    [
      'a sign-in clears the notice and reports the recovery',
      [halted('login-required'), idle, refreshing, alive, refreshing, alive],
      [`raise ${NEEDS_LOGIN}`, `clear ${NEEDS_LOGIN}`, 'raise codex:recovered'],
    ],
    [
      'a login that is needed again is reported again',
      [halted('login-required'), alive, halted('login-required')],
      [`raise ${NEEDS_LOGIN}`, `clear ${NEEDS_LOGIN}`, 'raise codex:recovered', `raise ${NEEDS_LOGIN}`],
    ],
    [
      'too many failures stay reported after a resume that does not help',
      [halted('too-many-failures'), idle, refreshing, waiting('backoff'), halted('too-many-failures')],
      [`raise ${FAILING}`],
    ],
    [
      'a needed login replaces too many failures',
      [halted('too-many-failures'), refreshing, halted('login-required')],
      [`raise ${FAILING}`, `clear ${FAILING}`, `raise ${NEEDS_LOGIN}`],
    ],
    [
      'trouble stays reported while the session is offline',
      [halted('login-required'), idle, refreshing, waiting('offline'), refreshing, alive],
      [`raise ${NEEDS_LOGIN}`, `clear ${NEEDS_LOGIN}`, 'raise codex:recovered'],
    ],
    [
      'a pause clears the notice, and the recovery is not reported',
      [halted('login-required'), halted('paused'), idle, alive],
      [`raise ${NEEDS_LOGIN}`, `clear ${NEEDS_LOGIN}`],
    ],
    ['a removed tool is not reported', [alive, halted('unavailable'), idle, alive], []],
    [
      'states that need no action are not reported',
      [
        waiting('offline'),
        waiting('rate-limited'),
        waiting('deferred'),
        waiting('backoff'),
        refreshing,
        alive,
        halted('paused'),
      ],
      [],
    ],
  ])('%s', async (_name, states, expected) => {
    const { become, news } = await daemon();
    const heard: string[] = [];
    for (const state of states) {
      become(state);
      heard.push(...(await news()));
    }
    expect(heard).toEqual(expected);
  });

  test('a notice says what happened, and separately what to do', async () => {
    const { become, notices } = await daemon();
    become(halted('login-required'));
    expect(notices.list()).toEqual([
      {
        id: NEEDS_LOGIN,
        session: 'codex',
        level: 'error',
        code: 'login-required',
        title: 'Codex needs a login',
        body: 'Its login has ended. Only you can sign in again.',
        action: 'hint: login-required',
        raisedAt: clock.now(),
      },
    ]);
    become(halted('too-many-failures'));
    expect(notices.list()).toMatchObject([
      { code: 'failing', body: 'hint: too-many-failures', action: expect.stringContaining('keepalive explain codex') },
    ]);
  });
});

describe('a refused configuration', () => {
  const refused = (problem: string) => configRefused({ file: '/a.json', problem });

  test('has one notice, which follows the file, until a good one is loaded', async () => {
    const { heard, notifier } = listener();
    const { notices } = await daemon(notifier);
    notices.put(refused('plugins: expected a list'));
    notices.put(refused('plugins: expected a list'));
    clock.jump('1m');
    notices.put(refused('not JSON'));
    const [notice, ...others] = notices.list();
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      level: 'error',
      code: 'config-refused',
      session: 'keepalive',
      body: '/a.json: not JSON. The last valid one stays in force; the next start refuses it.',
    });
    notices.clear('config-refused');
    await clock.run(0);
    expect(heard).toEqual(['raise keepalive:config-refused', 'clear keepalive:config-refused']);
  });

  test('a plugin that fails while a session is dropped names that session', async () => {
    const { notices } = await daemon();
    const error = { code: 'KA_PLUGIN_NOT_FOUND', message: 'No such module.' };
    notices.pluginsLoaded([{ id: '', kind: 'provider', module: 'oauht', status: 'failed', loadMs: 1, error }]);
    notices.sessionsDropped([]);
    expect(notices.list()[0]).not.toHaveProperty('action');
    notices.sessionsDropped(['acme']);
    expect(notices.list()).toMatchObject([
      { code: 'plugin-failed', action: 'The changed configuration no longer keeps these sessions alive: acme.' },
    ]);
  });
});

describe('the end of a login', () => {
  const days = (texts: readonly string[]) => texts.map(text => text.replace('codex:login-ends-soon:', ''));

  test('is announced 7, 3 and 1 days before, once each in 1000 changes; other trouble clears nothing', async () => {
    const { become, news, notices } = await daemon();
    const end = clock.now() + 10 * DAY;
    const states = [alive, refreshing, waiting('offline'), alive, halted('unavailable'), alive, halted('paused'), idle];
    const heard: string[] = [];
    for (let look = 0; look < 1_000; look += 1) {
      // The end that the vendor sends varies by hours.
      become(states[look % states.length] ?? alive, end + (look % 5) * 3_600_000);
      for (const text of await news()) heard.push(`${text} with ${Math.ceil((end - clock.now()) / DAY)} left`);
      await clock.run((10 * DAY) / 1_000);
    }
    expect(days(heard)).toEqual([
      'raise 7d with 7 left',
      'clear 7d with 3 left',
      'raise 3d with 3 left',
      'clear 3d with 1 left',
      'raise 1d with 1 left',
    ]);
    expect(notices.list()).toMatchObject([
      { level: 'warning', code: 'login-ends-soon', title: 'Codex: the login ends within a day' },
    ]);
  });

  test.each<[string, number[], string[]]>([
    ['is first known 2 days before', [2], ['raise 3d']],
    ['is known 8 days before, then 2 days before', [8, 2], ['raise 3d']],
    ['is known 8 days before, then has passed', [8, -1], ['raise 1d']],
    ['moves after a new login', [2, 30], ['raise 3d', 'clear 3d']],
    ['of a new login that is short-lived', [0.5, 5], ['raise 1d', 'clear 1d', 'raise 7d']],
    ['is far away', [8, 7.5, 30], []],
  ])('%s', async (_name, lefts, expected) => {
    const { become, news } = await daemon();
    for (const left of lefts) become(alive, clock.now() + left * DAY);
    expect(days(await news())).toEqual(expected);
  });

  test.each(['paused', 'unavailable'] as const)(
    'is not reported while a session is %s, but when it is kept alive again',
    async why => {
      const { become, news } = await daemon();
      const end = clock.now() + DAY;
      become(halted(why), end);
      expect(await news()).toEqual([]);
      become(idle, end);
      expect(days(await news())).toEqual(['raise 1d']);
    },
  );

  test('is cleared when the login has ended, and stays reported during other trouble', async () => {
    const { become, news } = await daemon();
    const end = clock.now() + DAY / 2;
    for (const state of [alive, halted('too-many-failures'), alive, halted('login-required')]) {
      become(state, end);
      await clock.run(0);
    }
    expect(await news()).toEqual([
      'raise codex:login-ends-soon:1d',
      'raise codex:failing',
      'clear codex:failing',
      'raise codex:recovered',
      'raise codex:login-required',
      'clear codex:login-ends-soon:1d',
    ]);
  });
});

describe('a login that two sessions share', () => {
  const share = (holder: string, state: SessionState = alive): Session => ({
    ...session(state),
    shared: { session: 'other', holder },
  });

  test('raises one notice in any state, with what to do, and clears it when the sharing ends', async () => {
    const { events, notices, news } = await daemon();
    for (const state of [idle, refreshing, waiting('deferred'), halted('paused')])
      events.emit('changed', share('other', state));
    expect(await news()).toEqual(['raise codex:shared-login']);
    expect(notices.list()).toMatchObject([
      { level: 'warning', code: 'shared-login', action: expect.stringContaining('Sign in separately for "codex"') },
    ]);
    events.emit('changed', session(alive));
    expect(await news()).toEqual(['clear codex:shared-login']);
  });

  test('is worded differently for the session that keeps it, also after a change', async () => {
    const { events, notices, news } = await daemon();
    events.emit('changed', share('codex'));
    expect(notices.list()).toMatchObject([{ action: expect.stringContaining('Sign in separately for "other"') }]);
    events.emit('changed', share('other'));
    expect(await news()).toEqual([
      'raise codex:shared-login:holder',
      'clear codex:shared-login:holder',
      'raise codex:shared-login',
    ]);
  });

  test('is explained on both sides if the waiting session’s token may be spent', async () => {
    const { events, notices } = await daemon();
    const spent = (holder: string): Session => ({
      ...session(alive),
      shared: { session: 'other', holder, spent: true },
    });
    events.emit('changed', spent('other'));
    expect(notices.list()).toMatchObject([
      {
        body: expect.stringContaining('The refresh token of "other" has changed, and the one here may be spent.'),
        action: expect.stringMatching(/^Sign in separately for "codex".*Do not sign out of either/),
      },
    ]);
    events.emit('changed', spent('codex'));
    expect(notices.list()).toMatchObject([
      {
        body: expect.stringContaining('the one in the store of "other" may be spent'),
        action: expect.stringMatching(/^Sign in separately for "other"/),
      },
    ]);
  });

  test('raises no second notice after a restart', async () => {
    const before = await daemon();
    before.events.emit('changed', share('other'));
    await before.flush();
    const { notices, keep, news } = await daemon();
    keep(share('other'));
    expect(await news()).toEqual([]);
    expect(notices.list()).toHaveLength(1);
  });
});

describe('restarts', () => {
  test('active notices are not raised again, and those that ended meanwhile are cleared', async () => {
    const before = await daemon();
    before.become(halted('login-required'));
    await before.flush();
    expect(JSON.parse(await readFile(file, 'utf8')).notices).toHaveLength(1);

    const second = await daemon();
    second.keep(session(halted('login-required')));
    expect(await second.news()).toEqual([]);
    expect(second.notices.list()).toHaveLength(1);

    const third = await daemon();
    third.keep(session(alive));
    expect(await third.news()).toEqual(['clear codex:login-required', 'raise codex:recovered']);
  });

  test('a notice that a crash prevented is raised', async () => {
    const { keep, news } = await daemon();
    keep(session(halted('login-required')));
    expect(await news()).toEqual(['raise codex:login-required']);
  });

  test('notices of a session that is no longer kept are cleared', async () => {
    const { become, keep, news } = await daemon();
    become(halted('login-required'));
    keep(session(alive, undefined, 'other'));
    expect(await news()).toEqual(['raise codex:login-required', 'clear codex:login-required']);
  });
});

test('a plugin that did not load is reported once, without secrets, and cleared when it loads', async () => {
  const { notices, news, scrubber } = await daemon();
  scrubber.conceal('CANARY-of-options');
  const info: PluginInfo = {
    id: 'acme',
    kind: 'unknown',
    module: './acme.ts',
    status: 'failed',
    loadMs: 0,
    error: { code: 'KA_PLUGIN_FAILED', message: 'It choked on CANARY-of-options.' },
  };
  notices.pluginsLoaded([info]);
  notices.pluginsLoaded([info]);
  notices.sessionsKept([]);
  expect(notices.list()).toMatchObject([
    { code: 'plugin-failed', title: 'The plugin ./acme.ts was not loaded', body: 'It choked on [secret].' },
  ]);
  notices.pluginsLoaded([{ ...info, status: 'loaded' }]);
  expect(await news()).toEqual(['raise acme:plugin-failed', 'clear acme:plugin-failed']);
});

test('while a plugin is loading, notices about it and its sessions are neither cleared nor raised again', async () => {
  const { notices, become, news } = await daemon();
  const info: PluginInfo = { id: 'acme', kind: 'unknown', module: './acme.ts', status: 'failed', loadMs: 0 };
  become(halted('login-required'));
  notices.pluginsLoaded([info]);
  notices.sessionsKept([], true);
  notices.pluginsLoaded([{ ...info, status: 'loading' }]);
  expect(await news()).toEqual(['raise codex:login-required', 'raise acme:plugin-failed']);
  notices.sessionsKept([], false);
  notices.pluginsLoaded([{ ...info, status: 'loaded' }]);
  expect(await news()).toEqual(['clear codex:login-required', 'clear acme:plugin-failed']);
});

test('a login that vanished is reported with its last success; a tool that was never signed in is not', async () => {
  const { notices, events } = await daemon();
  events.emit('changed', session(halted('unavailable')));
  expect(notices.list()).toEqual([]);
  events.emit('changed', { ...session(halted('unavailable')), lastSuccessAt: Date.UTC(2026, 2, 5, 12) });
  expect(notices.list()).toMatchObject([
    {
      code: 'failing',
      title: 'Codex is no longer kept alive',
      body: expect.stringMatching(/kept alive until .*2026/),
      action: 'hint: unavailable',
    },
  ]);
  events.emit('changed', session(alive));
  expect(notices.list()).toEqual([]);
});

describe('notifiers', () => {
  test('one that loads late gets the notices raised meanwhile, but no earlier ones', async () => {
    const { notices, become, news } = await daemon();
    notices.pluginsLoaded([{ id: 'acme', kind: 'unknown', module: './acme.ts', status: 'failed', loadMs: 0 }]);
    await clock.run(60_000);
    const began = Date.now();
    become(halted('login-required'));
    const late = listener('late');
    notices.setNotifiers([late.notifier], began);
    notices.setNotifiers([late.notifier], began);
    await news();
    expect(late.heard).toEqual(['raise codex:login-required']);
  });

  const never = () => new Promise<never>(() => {});

  test.each<[string, () => Promise<void>]>([
    [
      'throws at once',
      () => {
        throw new Error('no');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('no');
      },
    ],
    ['never settles', never],
  ])('one that %s does not affect the others', async (_name, raise) => {
    const { become, news, notices } = await daemon(defineNotifier({ id: 'broken', raise, clear: raise }));
    become(halted('login-required'));
    become(alive);
    expect(await news()).toEqual(['raise codex:login-required', 'clear codex:login-required', 'raise codex:recovered']);
    expect(notices.list()).toEqual([]);
  });

  test('one that does not settle is given up after its time limit, and gets the next notices in order', async () => {
    const heard: string[] = [];
    const hear = (verb: string) => async (notice: Notice) => {
      heard.push(`${verb} ${notice.code}`);
      if (heard.length === 1) await never();
    };
    const { become } = await daemon(defineNotifier({ id: 'slow', raise: hear('raise'), clear: hear('clear') }));
    become(halted('login-required'));
    become(alive);
    await clock.run(14_999);
    expect(heard).toEqual(['raise login-required']);
    await clock.run(1);
    expect(heard).toEqual(['raise login-required', 'clear login-required', 'raise recovered']);
  });

  test('one without `clear` is supported', async () => {
    const { become, news } = await daemon(defineNotifier({ id: 'bell', raise: async () => {} }));
    become(halted('login-required'));
    become(halted('paused'));
    expect(await news()).toHaveLength(2);
  });

  test('one that stays after a reload clears what it has shown', async () => {
    const { become, notices } = await daemon();
    const [stays, comes] = [listener('stays'), listener('comes')];
    notices.setNotifiers([stays.notifier]);
    become(halted('login-required'));
    notices.setNotifiers([comes.notifier, stays.notifier]);
    become(halted('paused'));
    await clock.run(0);
    expect([stays.heard, comes.heard]).toEqual([
      ['raise codex:login-required', 'clear codex:login-required'],
      ['clear codex:login-required'],
    ]);
  });
});
