import { describe, expect, test } from 'vitest';
import { linesOf } from '../../../plugins/ui-tray/model.ts';
import { trayModel } from '../../../plugins/ui-tray/menu.ts';
import type { Elsewhere } from '../../../sdk/client/follow-fleet.ts';
import type { Action, MenuItem, Snapshot } from '../../../plugins/ui-tray/model.ts';
import { capitalized } from '../../../sdk/wording/sentence.ts';
import { DEFAULT_POLICY, type Schedule } from '../../../sdk/contract/policy.ts';
import type { PluginInfo, Tool } from '../../../sdk/contract/rpc.ts';
import type { Notice, Session, SessionState } from '../../../sdk/contract/session.ts';
import { describeSchedule } from '../../../sdk/wording/schedule.ts';
import {
  ALIVE,
  DAY,
  FAILING,
  GAVE_UP,
  HOUR,
  LOGIN,
  MINUTE,
  NOW,
  OFFLINE,
  PAUSED,
  session,
  UNAVAILABLE,
} from '../ui-cli/fake-kernel.ts';

const snapshot = (sessions: readonly Session[], more: Partial<Snapshot> = {}): Snapshot => ({
  sessions,
  notices: [],
  plugins: [],
  tools: [],
  notifiers: [],
  hasPage: false,
  ...more,
});
const notice = (level: Notice['level'], title: string, about = 'codex'): Notice => ({
  id: `${about}:${title}`,
  session: about,
  level,
  code: 'login-required',
  title,
  body: '',
  raisedAt: NOW,
});
const BROKEN: PluginInfo = {
  id: './x.ts',
  kind: 'unknown',
  module: './x.ts',
  status: 'failed',
  loadMs: 0,
  error: { code: 'KA_PLUGIN_FAILED', message: 'It has no default export.' },
};
const claude = (state: SessionState, more: Partial<Session> = {}) =>
  session('claude', state, { displayName: 'Claude Code', ...more });

const TOOLS: readonly Tool[] = [
  {
    plugin: 'claude',
    displayName: 'Claude Code',
    status: 'signed-out',
    places: [],
    sessions: [],
    action: 'Run `claude` and type `/login`.',
  },
  {
    plugin: 'codex',
    displayName: 'Codex',
    status: 'not-kept',
    places: [],
    sessions: [],
    offer: { plugin: 'codex', options: {} },
  },
  { plugin: 'gemini', displayName: 'Gemini CLI', status: 'missing', places: [], sessions: [] },
];

const labels = (items: readonly MenuItem[]): readonly string[] =>
  items.map(item => (item.separator ? '—' : item.label));
const find = (items: readonly MenuItem[], label: string): Exclude<MenuItem, { readonly separator: true }> => {
  for (const item of items) if (!item.separator && item.label.startsWith(label)) return item;
  throw new Error(`There is no ${label} among ${labels(items).join(', ')}`);
};
const signInItem = { label: 'Sign in…', action: { do: 'sign-in', id: 'claude' } };

describe('a session offers a sign-in on the settings page', () => {
  const endsSoon: Notice = { ...notice('warning', 'Claude Code: the login ends', 'claude'), code: 'login-ends-soon' };
  test.each<[string, Session, Partial<Snapshot>, boolean]>([
    ['if it needs one', claude(LOGIN, { signIn: 'again' }), { hasPage: true }, true],
    ['if it has no login yet', claude(UNAVAILABLE, { signIn: 'first' }), { hasPage: true }, true],
    ['if its login ends soon', claude(ALIVE, { signIn: 'again' }), { hasPage: true, notices: [endsSoon] }, true],
    ['but not without a page', claude(LOGIN, { signIn: 'again' }), {}, false],
    ['but not if keepalive cannot help', claude(LOGIN), { hasPage: true }, false],
    ['but not while it is alive', claude(ALIVE, { signIn: 'again' }), { hasPage: true }, false],
    ['but not while it is paused', claude(PAUSED, { signIn: 'again' }), { hasPage: true }, false],
  ])('%s', (_title, session, more, isOffered) => {
    const { items = [] } = find(trayModel(snapshot([session], more), NOW).items, 'Claude Code');
    expect(items.some(item => JSON.stringify(item) === JSON.stringify(signInItem))).toBe(isOffered);
  });
});

/** The items in a session's submenu. */
const below = (one: Session) => find(trayModel(snapshot([one]), NOW).items, `${one.displayName}:`).items ?? [];
const actions = (items: readonly MenuItem[]): readonly Action[] =>
  items.flatMap(item => (item.separator ? [] : [...(item.action ? [item.action] : []), ...actions(item.items ?? [])]));

describe('the line of a session', () => {
  test.each<[string, SessionState, string]>([
    ['alive', ALIVE, 'Claude Code: alive, next attempt at 12:28'],
    ['alive and due', { ...ALIVE, wakeAt: NOW - MINUTE } as SessionState, 'Claude Code: alive, next attempt now'],
    [
      'new',
      { name: 'idle', failures: 0, wakeAt: NOW + MINUTE, wakeWhy: '' },
      'Claude Code: pending, next attempt at 12:01',
    ],
    ['being refreshed', { name: 'refreshing', since: NOW, failures: 0, tries: 1 }, 'Claude Code: refreshing…'],
    ['failing', FAILING, 'Claude Code: failing, next attempt at 12:04'],
    ['offline', OFFLINE, 'Claude Code: offline, next attempt at 12:01'],
    ['paused', PAUSED, 'Claude Code: paused'],
    ['disabled', { ...PAUSED, disabled: true } as SessionState, 'Claude Code: disabled'],
    ['without a login', LOGIN, 'Claude Code: login required'],
    ['given up', GAVE_UP, 'Claude Code: gave up'],
    [
      'gave up, until tomorrow',
      { ...GAVE_UP, wakeAt: NOW + DAY } as SessionState,
      'Claude Code: gave up, next attempt tomorrow 12:00',
    ],
    [
      'deferred',
      { name: 'waiting', why: 'deferred', failures: 0, tries: 0, wakeAt: NOW + HOUR, wakeWhy: '', hint: '' },
      'Claude Code: deferred, next attempt at 13:00',
    ],
    ['not there', UNAVAILABLE, 'Claude Code: unavailable'],
  ])('%s', (_what, state, line) => {
    expect(labels(trayModel(snapshot([claude(state)]), NOW).items)).toContain(line);
  });

  test('two accounts of one tool have different labels', () => {
    const lines = labels(
      trayModel(snapshot([claude(ALIVE), session('claude-work', PAUSED, { displayName: 'Claude Code' })]), NOW).items,
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        'Claude Code (claude): alive, next attempt at 12:28',
        'Claude Code (claude-work): paused',
      ]),
    );
  });
});

describe('below a session', () => {
  test('the facts and the actions', () => {
    const items = below(
      claude(ALIVE, {
        account: 'm…@example.com, Max',
        lastSuccessAt: NOW - 2 * MINUTE,
        lastRenewedAt: NOW - 3 * HOUR,
        expiresAt: NOW + 5 * HOUR,
        loginExpiresAt: NOW + 12 * DAY,
      }),
    );
    expect(labels(items)).toEqual([
      'm…@example.com, Max',
      'Checked at 11:58',
      'Renewed at 09:00',
      'Expires at 17:00',
      'Login ends 22 Mar',
      '—',
      'Refresh now',
      'Pause',
      'Schedule: 5 minutes before expiry',
    ]);
    expect(find(items, 'Expires').enabled).toBe(false);
  });

  test('a required login: how to sign in, without the old expiry', () => {
    const items = below(claude(LOGIN, { expiresAt: NOW + HOUR }));
    expect(labels(items).slice(0, 3)).toEqual(['Sign in again: run `codex login`', '—', 'Refresh now']);
  });

  test('the actions keep their place during an attempt', () => {
    expect(labels(below(claude({ name: 'refreshing', since: NOW, failures: 0, tries: 1 })))).toEqual(
      labels(below(claude(ALIVE))),
    );
  });

  test.each<[string, SessionState, readonly Action[]]>([
    ['alive', ALIVE, [{ do: 'pause', ids: ['claude'] }]],
    ['paused', PAUSED, [{ do: 'resume', ids: ['claude'] }]],
    [
      'disabled',
      { ...PAUSED, disabled: true } as SessionState,
      [{ do: 'configure', id: 'claude', policy: { enabled: true } }],
    ],
    [
      'given up',
      GAVE_UP,
      [
        { do: 'resume', ids: ['claude'] },
        { do: 'pause', ids: ['claude'] },
      ],
    ],
    ['without a login', LOGIN, [{ do: 'pause', ids: ['claude'] }]],
  ])('it can be steered: %s', (_what, state, expected) => {
    const offered = actions(below(claude(state))).filter(
      action => action.do !== 'refresh' && !(action.do === 'configure' && 'schedule' in action.policy),
    );
    expect(offered).toEqual(expected);
  });
});

describe('the choice of a schedule', () => {
  const choices = (schedule: Schedule) =>
    find(below(claude(ALIVE, { policy: { ...DEFAULT_POLICY, schedule } })), 'Schedule').items ?? [];
  const marked = (items: readonly MenuItem[]) =>
    items.flatMap(item => (!item.separator && item.checked ? [item.label] : []));

  test.each<[Schedule, string]>([
    [{ mode: 'before-expiry', buffer: '5m' }, '5 minutes before expiry'],
    [{ mode: 'interval', every: '30m' }, 'Every 30 minutes'],
    [{ at: '09:00', mode: 'daily' }, 'Daily at 09:00'],
    [{ mode: 'interval', every: '42m' }, 'Every 42 minutes'],
    [
      { mode: 'daily', at: '09:00', timezone: 'Europe/Berlin', days: ['mon', 'fri'] },
      'Daily at 09:00 on Mon, Fri (Europe/Berlin)',
    ],
    [{ mode: 'cron', pattern: '0 9 * * *' }, 'By the cron pattern 0 9 * * *'],
  ])('%j is marked, and nothing else', (schedule, label) => {
    expect(marked(choices(schedule))).toEqual([label]);
  });

  test('every choice shows its schedule; the last one resets it', () => {
    const offered = choices({ mode: 'interval', every: '42m' }).flatMap(item => (item.separator ? [] : [item]));
    for (const { label, action } of offered.slice(0, -1)) {
      if (action?.do !== 'configure' || !action.policy.schedule) throw new Error(`${label} sets no schedule`);
      expect(capitalized(describeSchedule(action.policy.schedule))).toBe(label);
    }
    expect(offered.at(-1)).toEqual({
      label: 'As configured',
      action: { do: 'configure', id: 'claude', policy: { schedule: null } },
    });
  });
});

const ELSEWHERE: Elsewhere = {
  headline: '2 of 3 machines need you',
  machines: [
    { machine: 'box', level: 'error', title: 'box: 1 of 2 needs a login' },
    { machine: 'ci', level: 'warning', title: 'ci: 1 of 1 needs you, silent' },
  ],
};

describe('icon and title', () => {
  test.each<[string, Snapshot | undefined, string, string]>([
    ['all is well', snapshot([claude(ALIVE)]), 'quiet', 'Keeping 1 session alive'],
    [
      'some are paused',
      snapshot([claude(ALIVE), session('codex', PAUSED)]),
      'quiet',
      'Keeping 1 session alive, 1 paused',
    ],
    ['all are paused', snapshot([claude(PAUSED)]), 'quiet', 'The session is paused'],
    ['there is nothing', snapshot([]), 'quiet', 'No session is kept alive yet'],
    ['the vendor cannot be reached', snapshot([claude(OFFLINE)]), 'quiet', 'Keeping 1 session alive'],
    ['one fails and is retried', snapshot([claude(FAILING)]), 'soon', '1 of 1 session needs you'],
    ['the user is needed', snapshot([claude(LOGIN), session('codex', ALIVE)]), 'needed', '1 of 2 sessions needs you'],
    [
      'a login ends soon',
      snapshot([claude(ALIVE)], { notices: [notice('warning', 'It ends', 'claude')] }),
      'soon',
      '1 of 1 session needs you',
    ],
    ['a plugin did not load', snapshot([claude(LOGIN)], { plugins: [BROKEN] }), 'needed', '2 things need you'],
    [
      'the login end is known',
      snapshot([claude({ ...ALIVE }, { loginExpiresAt: NOW + 2 * DAY })]),
      'quiet',
      'Claude Code is good until Thu 12:00, even if you do nothing',
    ],
    [
      'another machine needs the user',
      snapshot([claude(ALIVE)], { elsewhere: ELSEWHERE }),
      'soon',
      'Keeping 1 session alive; 2 of 3 machines need you',
    ],
    [
      'both need the user',
      snapshot([claude(LOGIN)], { elsewhere: ELSEWHERE }),
      'needed',
      '1 of 1 session needs you; 2 of 3 machines need you',
    ],
    ['no daemon', undefined, 'away', 'Keepalive is not running'],
  ])('%s', (_what, seen, icon, title) => {
    expect(trayModel(seen, NOW)).toMatchObject({ icon, title });
  });
});

describe('the whole menu', () => {
  test('of two sessions, with a page', () => {
    expect(
      labels(trayModel(snapshot([claude(ALIVE), session('codex', PAUSED)], { hasPage: true }), NOW).items),
    ).toEqual([
      'Keeping 1 session alive, 1 paused',
      '—',
      'Claude Code: alive, next attempt at 12:28',
      'A tool: paused',
      '—',
      'Open settings…',
      'Notices',
      '—',
      'Quit tray (sessions stay alive)',
    ]);
  });

  test('other machines that need the user come below the title, and lead to the page if there is one', () => {
    const { items } = trayModel(snapshot([claude(ALIVE)], { elsewhere: ELSEWHERE, hasPage: true }), NOW);
    expect(labels(items).slice(0, 4)).toEqual([
      'Keeping 1 session alive',
      'box: 1 of 2 needs a login',
      'ci: 1 of 1 needs you, silent',
      '—',
    ]);
    expect(find(items, 'box').action).toEqual({ do: 'open-page' });
    const [first] = ELSEWHERE.machines;
    const many = { ...ELSEWHERE, machines: Array.from({ length: 9 }, () => first).filter(one => one !== undefined) };
    const without = trayModel(snapshot([claude(ALIVE)], { elsewhere: many }), NOW).items;
    expect(find(without, 'and 4 more machines').enabled).toBe(false);
  });

  test('all sessions that are not paused can be refreshed at once', () => {
    const { items } = trayModel(snapshot([claude(ALIVE), session('codex', PAUSED), session('web', FAILING)]), NOW);
    expect(find(items, 'Refresh all').action).toEqual({ do: 'refresh', ids: ['claude', 'web'] });
    expect(labels(items)).not.toContain('Open settings…');
  });

  test('a plugin that did not load is shown below the title, with the reason', () => {
    const { items } = trayModel(snapshot([claude(LOGIN)], { plugins: [BROKEN] }), NOW);
    expect(labels(items).slice(0, 3)).toEqual(['2 things need you', 'The plugin ./x.ts was not loaded', '—']);
    expect(labels(find(items, 'The plugin').items ?? [])).toEqual(['It has no default export.']);
  });

  test('sessions that need the user come first', () => {
    const { items } = trayModel(snapshot([claude(ALIVE), session('codex', LOGIN)]), NOW);
    expect(labels(items).slice(2, 4)).toEqual(['A tool: login required', 'Claude Code: alive, next attempt at 12:28']);
  });

  test('of many sessions, those without trouble are in a submenu', () => {
    const many = Array.from({ length: 20 }, (_, at) => session(`s${at}`, at === 7 ? LOGIN : ALIVE));
    const { items } = trayModel(snapshot(many), NOW);
    expect(labels(items).slice(2, 4)).toEqual(['A tool (s7): login required', '19 sessions without trouble']);
    expect(find(items, '19 sessions').items).toHaveLength(19);
  });

  test('all sessions can be paused, and resumed, at once', () => {
    const running = trayModel(snapshot([claude(ALIVE), session('codex', ALIVE)]), NOW);
    expect(find(running.items, 'Pause all').action).toEqual({ do: 'pause', ids: ['claude', 'codex'] });
    const paused = trayModel(snapshot([claude(PAUSED), session('codex', PAUSED)]), NOW);
    expect(find(paused.items, 'Resume all').action).toEqual({ do: 'resume', ids: ['claude', 'codex'] });
  });

  test('before the first sign-in it is the list of tools and of what to do', () => {
    const { items } = trayModel(snapshot([], { tools: TOOLS }), NOW);
    expect(labels(items)).toEqual([
      'No session is kept alive yet',
      '—',
      'Claude Code: installed, but not signed in',
      'Codex: signed in, but no session keeps it alive',
      'Gemini CLI: not found',
      '—',
      'Notices',
      '—',
      'Quit tray (sessions stay alive)',
    ]);
    expect(labels(find(items, 'Claude Code').items ?? [])).toEqual(['Run `claude` and type `/login`.']);
    expect(find(find(items, 'Codex').items ?? [], 'Keep it').action).toEqual({
      do: 'add',
      plugin: 'codex',
      options: {},
    });
  });

  test('later, only a login that could be kept is offered', () => {
    const { items } = trayModel(snapshot([claude(ALIVE)], { tools: TOOLS }), NOW);
    expect(labels(items)).toContain('Codex: signed in, but no session keeps it alive');
    expect(labels(items)).not.toContain('Gemini CLI: not found');
  });

  test('it says where notices go', () => {
    const { items } = trayModel(
      snapshot([claude(ALIVE)], { notifiers: [{ id: 'a', place: 'on this desktop', status: 'on' }] }),
      NOW,
    );
    expect(labels(find(items, 'Notices').items ?? [])).toEqual([
      'Notices appear on this desktop.',
      'Send a test notice',
    ]);
  });

  test('a refusal is shown below the title', () => {
    expect(
      labels(
        trayModel(snapshot([claude(ALIVE)]), NOW, 'It is too early for another attempt. Try again at 12:01.').items,
      ).slice(0, 3),
    ).toEqual(['Keeping 1 session alive', 'It is too early for another attempt. Try again at 12:01.', '—']);
  });

  test('without a daemon it can be started, or the tray be quit', () => {
    const { items } = trayModel(undefined, NOW);
    expect(labels(items)).toEqual([
      'Keepalive is not running',
      'No session is kept alive',
      '—',
      'Start keepalive',
      '—',
      'Quit tray',
    ]);
    expect(actions(items)).toEqual([{ do: 'start' }, { do: 'quit' }]);
  });
});

test('a long text is wrapped to at most three lines', () => {
  const lines = linesOf(`${'word '.repeat(60)}${'x'.repeat(200)}`);
  expect(lines).toHaveLength(3);
  expect(lines.every(line => line.length <= 66)).toBe(true);
  expect(lines.at(-1)).toMatch(/ …$/);
});
