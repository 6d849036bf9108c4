import { describe, expect, test } from 'vitest';
import { statusItemOf } from '../../../plugins/ui-vscode/status-item.ts';
import type { PluginInfo } from '../../../sdk/contract/rpc.ts';
import type { Notice, Session } from '../../../sdk/contract/session.ts';
import { ALIVE, FAILING, LOGIN, NOW, OFFLINE, PAUSED, session, SESSIONS } from '../ui-cli/fake-kernel.ts';

type Others = { readonly plugins?: readonly PluginInfo[]; readonly notices?: readonly Notice[] };

const itemOf = (sessions: readonly Session[], { plugins = [], notices = [] }: Others = {}) =>
  statusItemOf({ is: 'there', overview: { sessions, plugins, notices } }, NOW);

const ENDING: Notice = {
  id: 'a:login-ends-soon:3d',
  session: 'a',
  level: 'warning',
  code: 'login-ends-soon',
  title: 'Alpha: the login ends within 3 days',
  body: 'It ends on Friday, and no renewal extends it.',
  action: 'Sign in to Alpha again before then.',
  raisedAt: NOW,
};

const alive = session('a', ALIVE, { displayName: 'Alpha' });
const busy = session('b', { name: 'refreshing', since: NOW, failures: 0, tries: 1 });
const offline = session('codex', OFFLINE, { displayName: 'Codex' });
const paused = session('web', PAUSED, { displayName: 'Web' });
const login = session('codex', LOGIN, { displayName: 'Codex' });
const failing = session('acme', FAILING, { displayName: 'Acme' });

describe('the item in the status bar', () => {
  test.each<[string, readonly Session[], 'error' | 'warning' | undefined]>([
    ['$(pass) 1 alive', [alive], undefined],
    // It does not flicker during an attempt.
    ['$(pass) 2 alive', [alive, busy], undefined],
    ['$(pass) 1 alive', [alive, paused], undefined],
    ['$(cloud) Codex: offline', [alive, offline], undefined],
    ['$(cloud) 2 offline', [alive, offline, session('x', OFFLINE)], undefined],
    ['$(debug-pause) Web: paused', [paused], undefined],
    ['$(warning) Acme: failing', [alive, failing], 'warning'],
    ['$(key) Codex: login required', [alive, login], 'error'],
    ['$(key) 2 of 3 sessions need you', [alive, failing, login], 'error'],
  ])('is "%s"', (text, sessions, urgency) => {
    expect(itemOf(sessions)).toMatchObject({ text, label: text.replace(/^\S+ /, ''), urgency });
  });

  test('warns of a login that ends soon', () => {
    const { text, urgency } = itemOf([alive], { notices: [ENDING] });
    expect([text, urgency]).toEqual(['$(warning) Alpha: the login ends within 3 days', 'warning']);
  });

  test('names a plugin that did not load, shortened', () => {
    const module = './plugins/of/some/one/acme-provider.ts';
    const plugins: readonly PluginInfo[] = [{ id: '', kind: 'provider', module, status: 'failed', loadMs: 1 }];
    expect(itemOf([alive], { plugins }).text).toBe('$(warning) The plugin ./plugins/of/some/one/acme-provi…');
  });

  test('says that no session is kept alive yet', () => {
    expect(itemOf([])).toMatchObject({ text: '$(circle-large-outline) Keepalive', urgency: undefined });
  });

  test.each([
    [undefined, 'No session is kept alive\\. Click to start Keepalive\\.'],
    ['The running daemon is an older version.', 'The running daemon is an older version\\.'],
  ])('is a quiet hint without a daemon, whose reason is %j', (reason, words) => {
    expect(statusItemOf({ is: 'absent', reason }, NOW)).toEqual({
      text: '$(circle-slash) Keepalive is not running',
      label: 'Keepalive is not running',
      tooltip: `**Keepalive is not running**\n\n${words}`,
    });
  });
});

describe('other machines that need the user', () => {
  const [box, ci] = ['box: 1 of 2 needs a login', 'ci: 1 of 1 needs you'].map(
    title => ({ machine: 'box', level: 'error', title }) as const,
  );
  const item = (sessions: readonly Session[], machines: readonly (typeof box)[]) => {
    const elsewhere = { headline: '2 of 3 machines need you', machines: machines.filter(one => one !== undefined) };
    return statusItemOf({ is: 'there', overview: { sessions, plugins: [], notices: [] }, elsewhere }, NOW);
  };

  test('are in the item while no session of this one needs the user, and in the tooltip', () => {
    expect(item([alive], [box])).toMatchObject({ text: '$(warning) box: 1 of 2 needs a login', urgency: 'warning' });
    expect(item([alive], [box, ci]).text).toBe('$(warning) 2 of 3 machines need you');
    const { text, urgency, tooltip } = item([login], [box, ci]);
    expect([text, urgency]).toEqual(['$(key) Codex: login required', 'error']);
    expect(tooltip).toContain('$(warning) box\\: 1 of 2 needs a login\\.\n\n$(warning) ci\\: 1 of 1 needs you\\.');
    expect(
      item(
        [alive],
        Array.from({ length: 7 }, () => box),
      ).tooltip,
    ).toContain('and 2 more machines');
  });
});

describe('the tooltip', () => {
  test('lists all sessions, those that need the user first, without the account', () => {
    const { tooltip } = itemOf(SESSIONS);
    expect(tooltip.split('\n')).toEqual([
      '**Keepalive** · 2 of 4 sessions need you',
      '',
      '$(warning) Codex CLI\\: login required\\. Sign in again\\: run `codex login`',
      '',
      '$(warning) A tool\\: failing\\. The program did not do what was asked of it\\.',
      '',
      '| | session | state | credential | next attempt |',
      '|---|---|---|---|---|',
      '| $(key) | Codex CLI | login required |  |  |',
      '| $(warning) | A tool (acme\\-work) | failing | no expiry known | at 12\\:04\\, second retry |',
      '| $(pass) | Claude Code | alive | expires at 17\\:00\\, login ends 22 Mar | at 12\\:28\\, every 30 minutes |',
      '| $(debug-pause) | A tool (web) | paused |  |  |',
    ]);
  });

  test('ends after twenty sessions', () => {
    const many = Array.from({ length: 100 }, (_, index) => session(`s${index}`, ALIVE));
    expect(itemOf(many).tooltip.split('\n').slice(-3)).toEqual([expect.stringContaining('s19'), '', 'and 80 more']);
  });

  test('names five things that need the user, and all in the table', () => {
    const many = Array.from({ length: 9 }, (_, index) => session(`s${index}`, LOGIN));
    expect(itemOf(many).tooltip.match(/Sign in again/g)).toHaveLength(5);
  });
});

test.each([
  ['a [link](command:workbench.action.quit)', 'a \\[link\\](command\\:workbench\\.action\\.quit)'],
  ['| a | table |', '\\| a \\| table \\|'],
  ['$(key) an icon', '\\$(key) an icon'],
  ['<b>tag</b>', '\\<b\\>tag\\<\\/b\\>'],
  [
    'https://acme.example www.acme.example me@acme.example',
    'https\\:\\/\\/acme\\.example www\\.acme\\.example me\\@acme\\.example',
  ],
  ['two\n\nlines \u202ereversed', 'two lines reversed'],
])('the name %j is shown as it is', (displayName, words) => {
  const { text, tooltip } = itemOf([session('codex', LOGIN, { displayName })]);
  expect(tooltip).toContain(`| $(key) | ${words} |`);
  expect(text.slice('$(key) '.length)).not.toContain('$(');
});
