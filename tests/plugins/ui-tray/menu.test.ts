import { describe, expect, test } from 'vitest';
import { linesOf } from '../../../plugins/ui-tray/labels.ts';
import { trayModel } from '../../../plugins/ui-tray/menu.ts';
import type { Action, MenuItem, Snapshot } from '../../../plugins/ui-tray/model.ts';
import { capitalized } from '../../../plugins/ui-tray/schedules.ts';
import { DEFAULT_POLICY, type Schedule } from '../../../sdk/contract/policy.ts';
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
const claude = (state: SessionState, more: Partial<Session> = {}) =>
  session('claude', state, { displayName: 'Claude Code', ...more });

const labels = (items: readonly MenuItem[]): readonly string[] =>
  items.map(item => (item.separator ? '—' : item.label));
const find = (items: readonly MenuItem[], label: string): Exclude<MenuItem, { readonly separator: true }> => {
  for (const item of items) if (!item.separator && item.label.startsWith(label)) return item;
  throw new Error(`There is no ${label} among ${labels(items).join(', ')}`);
};
/** The items in a session's submenu. */
const below = (one: Session) => find(trayModel(snapshot([one]), NOW).items, one.displayName).items ?? [];
const actions = (items: readonly MenuItem[]): readonly Action[] =>
  items.flatMap(item => (item.separator ? [] : [...(item.action ? [item.action] : []), ...actions(item.items ?? [])]));

describe('the line of a session', () => {
  test.each<[string, SessionState, string]>([
    ['alive', ALIVE, 'Claude Code: alive, next check at 12:28'],
    ['alive and due', { ...ALIVE, wakeAt: NOW - MINUTE } as SessionState, 'Claude Code: alive, next check now'],
    [
      'new',
      { name: 'idle', failures: 0, wakeAt: NOW + MINUTE, wakeWhy: '' },
      'Claude Code: pending, next check at 12:01',
    ],
    ['being refreshed', { name: 'refreshing', since: NOW, failures: 0, tries: 1 }, 'Claude Code: refreshing…'],
    ['failing', FAILING, 'Claude Code: failing, next check at 12:04'],
    ['offline', OFFLINE, 'Claude Code: offline, next check at 12:01'],
    ['paused', PAUSED, 'Claude Code: paused'],
    ['disabled', { ...PAUSED, disabled: true } as SessionState, 'Claude Code: disabled'],
    ['without a login', LOGIN, 'Claude Code: login required'],
    ['given up', GAVE_UP, 'Claude Code: gave up'],
    [
      'gave up, until tomorrow',
      { ...GAVE_UP, wakeAt: NOW + DAY } as SessionState,
      'Claude Code: gave up, next check tomorrow 12:00',
    ],
    [
      'deferred',
      { name: 'waiting', why: 'deferred', failures: 0, tries: 0, wakeAt: NOW + HOUR, wakeWhy: '', hint: '' },
      'Claude Code: deferred, next check at 13:00',
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
      expect.arrayContaining(['Claude Code (claude): alive, next check at 12:28', 'Claude Code (claude-work): paused']),
    );
  });
});

describe('below a session', () => {
  test('the facts and the actions', () => {
    const items = below(
      claude(ALIVE, { lastSuccessAt: NOW - 2 * MINUTE, expiresAt: NOW + 5 * HOUR, loginExpiresAt: NOW + 12 * DAY }),
    );
    expect(labels(items)).toEqual([
      'Last success at 11:58',
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
    ['alive', ALIVE, [{ do: 'pause', id: 'claude' }]],
    ['paused', PAUSED, [{ do: 'resume', id: 'claude' }]],
    [
      'disabled',
      { ...PAUSED, disabled: true } as SessionState,
      [{ do: 'configure', id: 'claude', policy: { enabled: true } }],
    ],
    [
      'given up',
      GAVE_UP,
      [
        { do: 'resume', id: 'claude' },
        { do: 'pause', id: 'claude' },
      ],
    ],
    ['without a login', LOGIN, [{ do: 'pause', id: 'claude' }]],
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
    [
      'trouble that ends by itself',
      snapshot([claude(OFFLINE), session('codex', FAILING)]),
      'quiet',
      'Keeping 2 sessions alive',
    ],
    [
      'the user is needed',
      snapshot([claude(LOGIN)], { notices: [notice('error', 'Claude Code needs a login')] }),
      'needed',
      'Claude Code needs a login',
    ],
    ['a login ends soon', snapshot([claude(ALIVE)], { notices: [notice('warning', 'It ends')] }), 'soon', 'It ends'],
    [
      'both',
      snapshot([claude(ALIVE)], { notices: [notice('warning', 'It ends'), notice('error', 'It needs')] }),
      'needed',
      '2 things need attention',
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
      'Claude Code: alive, next check at 12:28',
      'A tool: paused',
      '—',
      'Open settings…',
      '—',
      'Quit tray (sessions stay alive)',
    ]);
  });

  test('all sessions that are not paused can be refreshed at once', () => {
    const { items } = trayModel(snapshot([claude(ALIVE), session('codex', PAUSED), session('web', FAILING)]), NOW);
    expect(find(items, 'Refresh all').action).toEqual({ do: 'refresh', ids: ['claude', 'web'] });
    expect(labels(items)).not.toContain('Open settings…');
  });

  test('a notice about no session is shown once', () => {
    const plugin = notice('error', 'The plugin ./x.ts was not loaded', './x.ts');
    expect(
      labels(trayModel(snapshot([claude(ALIVE)], { notices: [plugin] }), NOW).items).filter(
        label => label === plugin.title,
      ),
    ).toHaveLength(1);
    const both = trayModel(
      snapshot([claude(LOGIN)], { notices: [plugin, notice('error', 'Claude Code needs a login', 'claude')] }),
      NOW,
    );
    expect(labels(both.items).slice(0, 3)).toEqual(['2 things need attention', plugin.title, '—']);
  });

  test('a refusal is shown below the title', () => {
    expect(
      labels(
        trayModel(snapshot([claude(ALIVE)]), NOW, 'It is too early for another check. Try again at 12:01.').items,
      ).slice(0, 3),
    ).toEqual(['Keeping 1 session alive', 'It is too early for another check. Try again at 12:01.', '—']);
  });

  test('without a daemon it says how to start one, and can be quit', () => {
    const { items } = trayModel(undefined, NOW);
    expect(labels(items)).toEqual(['Keepalive is not running', 'To start it: keepalive start', '—', 'Quit tray']);
    expect(actions(items)).toEqual([{ do: 'quit' }]);
  });
});

test('a long text is wrapped to at most three lines', () => {
  const lines = linesOf(`${'word '.repeat(60)}${'x'.repeat(200)}`);
  expect(lines).toHaveLength(3);
  expect(lines.every(line => line.length <= 66)).toBe(true);
  expect(lines.at(-1)).toMatch(/ …$/);
});
