import { homedir } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AttachListener } from '../../../plugins/ui-vscode/attach.ts';
import type { SessionCommand } from '../../../plugins/ui-vscode/choices.ts';
import { startFrontend } from '../../../plugins/ui-vscode/frontend.ts';
import type { FrontendDeps } from '../../../plugins/ui-vscode/presence.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { Notice, Session, SessionState } from '../../../sdk/contract/session.ts';
import {
  ALIVE,
  attempt,
  FakeKernel,
  GAVE_UP,
  LOGIN,
  MINUTE,
  NOW,
  PAUSED,
  session,
  type Answers,
} from '../ui-cli/fake-kernel.ts';
import { fakeVsCode } from './fake-vscode.ts';

const SESSIONS: readonly Session[] = [
  session('claude', ALIVE, { displayName: 'Claude Code', lastAttempt: attempt('claude') }),
  session('codex', LOGIN, { displayName: 'Codex' }),
  session('web', PAUSED, { displayName: 'Web' }),
  session('acme', GAVE_UP, { displayName: 'Acme' }),
];

const needing = (hint: string): SessionState => ({ name: 'halted', why: 'login-required', hint, failures: 0 });

const NEEDED: Notice = {
  id: 'codex:login-required',
  session: 'codex',
  level: 'error',
  code: 'login-required',
  title: 'Codex needs a login',
  body: 'Only you can sign in again.',
  action: 'Run `codex login`.',
  raisedAt: NOW,
};

type Options = Parameters<typeof fakeVsCode>[0] &
  Partial<Omit<FrontendDeps, 'vscode' | 'attach'>> & {
    readonly sessions?: readonly Session[];
    readonly answers?: Answers;
    /** There is no daemon. */
    readonly absent?: true;
  };

/** A window that is attached to a kernel in memory. */
async function opened({ sessions = SESSIONS, answers, absent, pick, press, type, remote, ...given }: Options = {}) {
  const kernel = new FakeKernel(sessions, answers);
  const { editor, memory, vscode } = fakeVsCode({
    ...(pick && { pick }),
    ...(press && { press }),
    ...(type && { type }),
    ...(remote && { remote }),
  });
  let listener: AttachListener | undefined;
  let retries = 0;
  const connect = () => listener?.onConnected(kernel.client());
  const deps: FrontendDeps = {
    vscode,
    memory,
    home: undefined,
    showsMessages: true,
    browse: async file => editor.browsed.push(file) > 0,
    now: () => NOW,
    attach(heard) {
      listener = heard;
      if (absent) heard.onAbsent();
      else connect();
      return { retry: () => void (retries += 1), close: () => undefined };
    },
    ...given,
  };
  const frontend = startFrontend(deps, 'keepalive.menu');
  onTestFinished(() => void frontend.dispose());
  await expect.poll(() => editor.isItemShown).toBe(true);
  const lose = (error?: unknown) => listener?.onAbsent(error);
  return { editor, kernel, frontend, connect, lose, deps, retries: () => retries };
}

const asked = ({ asked: all }: FakeKernel) => all.filter(([method]) => !method.endsWith('/list'));

/** Chooses these, one after the other. */
const choosing = (...labels: readonly string[]) => {
  const rest = [...labels];
  return () => rest.shift();
};

describe('a click on the item', () => {
  test('lists the sessions, those that need the user first', async () => {
    const { editor, frontend } = await opened();
    await frontend.openMenu();
    expect(editor.lists).toEqual([
      ['Codex', 'Acme', 'Claude Code', 'Web', 'Refresh all sessions', 'Open settings page', 'Show status', 'Show log'],
    ]);
  });

  test.each<[string, readonly string[]]>([
    ['Claude Code', ['Refresh now', 'Pause', 'Explain the next attempt']],
    ['Codex', ['Refresh now', 'Sign in', 'Pause', 'Explain the next attempt']],
    ['Web', ['Refresh now', 'Resume', 'Explain the next attempt']],
    ['Acme', ['Refresh now', 'Try again', 'Pause', 'Explain the next attempt']],
  ])('then on %s offers %j', async (name, expected) => {
    const { editor, frontend } = await opened({ pick: choosing(name) });
    await frontend.openMenu();
    expect(editor.lists[1]).toEqual(expected);
  });

  test.each<[readonly string[], readonly unknown[]]>([
    [['Claude Code', 'Refresh now'], [['session/refresh', { id: 'claude' }]]],
    [['Claude Code', 'Pause'], [['session/pause', { id: 'claude' }]]],
    [['Web', 'Resume'], [['session/resume', { id: 'web' }]]],
    [['Acme', 'Try again'], [['session/resume', { id: 'acme' }]]],
    [
      ['Refresh all'],
      [
        ['session/refresh', { id: 'claude' }],
        ['session/refresh', { id: 'codex' }],
        ['session/refresh', { id: 'acme' }],
      ],
    ],
    [[], []],
  ])('and the choices %j asks the kernel %j', async (labels, expected) => {
    const { kernel, frontend } = await opened({ pick: choosing(...labels) });
    await frontend.openMenu();
    expect(asked(kernel)).toEqual(expected);
  });
});

describe('a command', () => {
  test.each<[SessionCommand, readonly string[]]>([
    ['refresh', ['Refresh all sessions', 'Codex', 'Acme', 'Claude Code', 'Web']],
    ['pause', ['Codex', 'Acme', 'Claude Code']],
    ['resume', ['Acme', 'Web']],
    ['sign-in', ['Codex']],
    ['explain', ['Codex', 'Acme', 'Claude Code', 'Web']],
  ])('"%s" offers %j', async (command, expected) => {
    const { editor, frontend } = await opened();
    await frontend.run(command);
    expect(editor.lists).toEqual([expected]);
  });

  test.each<[SessionCommand, string]>([
    ['resume', 'No session is paused.'],
    ['sign-in', 'No session needs a sign-in.'],
  ])('"%s" says that there is nothing to do', async (command, expected) => {
    const { editor, frontend } = await opened({ sessions: [session('claude', ALIVE)] });
    await frontend.run(command);
    expect([editor.lists, editor.messages]).toEqual([[], [expected]]);
  });

  test('shows the result of an attempt', async () => {
    const { editor, frontend } = await opened();
    await frontend.act({ do: 'refresh', ids: ['claude'] });
    expect(editor.results).toEqual(['Claude Code: renewed (touch)']);
  });

  test('shows what the kernel explains', async () => {
    const answers: Answers = { 'session/explain': ({ id }) => ({ id, text: 'In an hour.', facts: {} }) };
    const { editor, frontend } = await opened({ answers });
    await frontend.act({ do: 'explain', id: 'claude' });
    expect([editor.messages, editor.details]).toEqual([['Claude Code'], ['In an hour.']]);
  });

  test('that the kernel refuses shows why', async () => {
    const { editor, frontend } = await opened({
      answers: {
        'session/refresh': () => {
          throw new KeepaliveError('KA_RATE_LIMITED', { retryAt: NOW + MINUTE });
        },
      },
    });
    await frontend.act({ do: 'refresh', ids: ['claude'] });
    expect(editor.errors).toEqual(['It is too early for another attempt. The next is possible in 1 min (12:01).']);
  });

  test('about a session that is gone says so', async () => {
    const { editor, frontend } = await opened();
    await frontend.act({ do: 'explain', id: 'gone' });
    expect(editor.errors).toEqual(['There is no session "gone" any more.']);
  });
});

describe('a terminal', () => {
  test('gets the sign-in typed, and the user presses Enter', async () => {
    const hint = 'Run `codex login` with CODEX_HOME=/home/me/.codex-work.';
    const { editor, kernel, frontend } = await opened({ sessions: [session('codex', needing(hint))] });
    await frontend.act({ do: 'sign-in', id: 'codex' });
    expect(editor.terminals).toEqual([
      {
        options: {
          name: 'Sign in: A tool',
          cwd: homedir(),
          message: hint,
          env: { CODEX_HOME: '/home/me/.codex-work' },
        },
        typed: [['codex login', false]],
      },
    ]);
    expect(asked(kernel)).toEqual([]);
  });

  test('is not opened for a sign-in that the daemon can run', async () => {
    const sessions = [session('codex', LOGIN, { signIn: 'again' })];
    const { editor, kernel, frontend } = await opened({
      sessions,
      answers: {
        'login/start': () => {
          throw new KeepaliveError('KA_LOGIN_RUNNING', { id: 'codex' });
        },
      },
    });
    await frontend.act({ do: 'sign-in', id: 'codex' });
    expect(asked(kernel)).toEqual([['login/start', { id: 'codex', device: true }]]);
    expect(editor.terminals).toEqual([]);
    expect(editor.errors).toEqual(['A sign-in is running for this session. Finish or cancel it first.']);
  });

  test('is not opened for a sign-in elsewhere, which a message describes', async () => {
    const hint = 'Sign in at https://acme.example with Firefox.';
    const { editor, frontend } = await opened({ sessions: [session('web', needing(hint))] });
    await frontend.act({ do: 'sign-in', id: 'web' });
    expect([editor.terminals, editor.messages]).toEqual([[], [hint]]);
  });

  test('runs our own commands, for the home in the settings and outside the workspace', async () => {
    const { editor, frontend } = await opened({ absent: true, home: '/keepalive' });
    for (const action of ['start', 'show-log', 'show-status'] as const) await frontend.act({ do: action });
    const options = { name: 'Keepalive', cwd: homedir(), env: { KEEPALIVE_HOME: '/keepalive' } };
    expect(editor.terminals).toEqual([
      { options, typed: [['keepalive start', true]] },
      { options, typed: [['keepalive logs --follow', true]] },
      { options, typed: [['keepalive status --watch', true]] },
    ]);
  });
});

describe('without a daemon', () => {
  test('there is a hint and no message', async () => {
    const { editor } = await opened({ absent: true });
    expect([editor.item.text, editor.item.backgroundColor, editor.messages]).toEqual([
      '$(circle-slash) Keepalive is not running',
      undefined,
      [],
    ]);
  });

  test('a click offers to start it', async () => {
    const { editor, frontend, retries } = await opened({ absent: true, pick: choosing('Start') });
    await frontend.openMenu();
    expect(editor.lists).toEqual([['Start Keepalive', 'Show log']]);
    expect(editor.terminals.map(({ typed }) => typed)).toEqual([[['keepalive start', true]]]);
    expect(retries()).toBe(1);
  });

  test.each([undefined, 'Start'])('a command says so, and starts it if the user answers %j', async answer => {
    const { editor, frontend } = await opened({ absent: true, press: () => answer });
    await frontend.run('refresh');
    expect(editor.messages).toEqual(['Keepalive is not running']);
    expect(editor.terminals).toHaveLength(answer ? 1 : 0);
  });

  test.each([
    [new KeepaliveError('KA_RPC_OUTDATED', { pid: 1, version: '0.0.1' }), /keepalive restart/],
    [new KeepaliveError('KA_RPC_NO_DAEMON', { reason: 'other users may read it' }), /other users may read it/],
    [new KeepaliveError('KA_RPC_NO_DAEMON', { reason: 'its process 1 has ended', ended: true }), /Click to start/],
  ])('the tooltip of %s says what to do', async (error, words) => {
    const { editor, lose } = await opened();
    lose(error);
    expect(editor.item.tooltip).toMatchObject({ value: expect.stringMatching(words) });
  });

  test('the item is back with the daemon', async () => {
    const { editor, connect, lose } = await opened();
    lose();
    expect(editor.item.text).toBe('$(circle-slash) Keepalive is not running');
    connect();
    await expect.poll(() => editor.item.text).toBe('$(key) 2 of 4 sessions need you');
  });
});

describe('the item', () => {
  test('is not trusted, so that no link in it runs a command', async () => {
    const { editor } = await opened();
    expect(editor.item.tooltip).toMatchObject({ isTrusted: undefined, supportThemeIcons: true });
    expect(editor.item.backgroundColor).toMatchObject({ id: 'statusBarItem.errorBackground' });
  });

  test('is redrawn only if it differs', async () => {
    const { editor, kernel } = await opened();
    kernel.notify('session/didChange', SESSIONS[0]);
    await expect.poll(() => kernel.asked.filter(([method]) => method === 'session/list')).toHaveLength(2);
    expect(editor.redrawn).toBe(1);
  });

  test('says that a daemon of a later version cannot be shown', async () => {
    const state = JSON.parse('{ "name": "dreaming" }');
    const { editor } = await opened({ sessions: [session('claude', state)] });
    expect(editor.item.text).toBe('$(question) Keepalive');
  });
});

test('another machine that needs the user is in the item and in its list, which opens the settings page', async () => {
  const machine = { version: '1.0.0', seenAt: NOW, accepts: [], notices: [] };
  const box = { ...machine, machine: 'box', sessions: [session('codex', LOGIN)] };
  const here = { ...machine, machine: 'laptop', isHere: true as const, sessions: [] };
  const { editor, frontend } = await opened({
    sessions: [session('claude', ALIVE)],
    answers: { 'fleet/list': () => [box, here] },
    pick: choosing('Show status'),
  });
  await expect.poll(() => editor.item.text).toBe('$(warning) box: 1 of 1 needs a login');
  await frontend.openMenu();
  expect(editor.lists[0]?.slice(0, 2)).toEqual(['A tool', 'box: 1 of 1 needs a login']);
});

describe('a message about a login', () => {
  const answers = (notices: readonly Notice[]): Answers => ({ 'notice/list': () => notices });
  const shown = (messages: readonly string[]) => messages.filter(text => text.startsWith('Codex needs a login'));

  test('appears once, also in a window that is opened later', async () => {
    const first = await opened({ answers: answers([NEEDED]) });
    first.kernel.notify('notice/didRaise', NEEDED);
    await expect.poll(() => first.kernel.asked.filter(([method]) => method === 'notice/list')).toHaveLength(2);
    expect(shown(first.editor.messages)).toHaveLength(1);
    const second = await opened({ answers: answers([NEEDED]), memory: first.deps.memory });
    expect(shown(second.editor.messages)).toEqual([]);
  });

  test('appears again if the notice is raised again', async () => {
    const notices = [NEEDED];
    const { editor, kernel } = await opened({ answers: { 'notice/list': () => notices } });
    notices[0] = { ...NEEDED, raisedAt: NOW + MINUTE };
    kernel.notify('notice/didRaise', notices[0]);
    await expect.poll(() => shown(editor.messages)).toHaveLength(2);
  });

  test('waits until the user looks at the window, and is dropped if the notice is cleared before', async () => {
    const notices = [
      NEEDED,
      { ...NEEDED, id: 'claude:login-required', session: 'claude', title: 'Claude needs a login' },
    ];
    const { editor, kernel, deps } = await opened({ sessions: [], answers: { 'notice/list': () => notices } });
    expect(editor.messages).toHaveLength(2);
    editor.focus(false);
    notices.splice(0, 2, { ...NEEDED, raisedAt: NOW + 1 }, { ...NEEDED, id: 'x', raisedAt: NOW + 2, title: 'X' });
    kernel.notify('notice/didRaise', NEEDED);
    await expect.poll(() => kernel.asked.filter(([method]) => method === 'notice/list')).toHaveLength(2);
    notices.splice(0, 1);
    kernel.notify('notice/didClear', NEEDED);
    await expect.poll(() => kernel.asked.filter(([method]) => method === 'notice/list')).toHaveLength(3);
    await expect.poll(() => deps.memory.keys()).toHaveLength(1);
    expect(editor.messages).toHaveLength(2);
    editor.focus(true);
    await expect.poll(() => editor.messages).toHaveLength(3);
    expect(editor.messages[2]).toMatch(/^X\./);
  });

  test('signs in, and says if that is no longer needed', async () => {
    const sessions = [session('codex', LOGIN, { displayName: 'Codex' })];
    const { editor, frontend } = await opened({ sessions, answers: answers([NEEDED]), press: () => 'Sign in' });
    await expect.poll(() => editor.terminals.map(({ typed }) => typed)).toEqual([[['codex login', false]]]);
    const late = await opened({ sessions: [session('codex', ALIVE, { displayName: 'Codex' })] });
    await late.frontend.act({ do: 'sign-in', id: 'codex' });
    expect(late.editor.messages).toEqual(['Codex needs no sign-in now.']);
    await frontend.dispose();
  });

  test('does not appear if the user has switched messages off', async () => {
    const { editor } = await opened({ answers: answers([NEEDED]), showsMessages: false });
    expect(editor.messages).toEqual([]);
  });
});

describe('the settings page', () => {
  const url = 'http://127.0.0.1:4711/open/once';

  test('opens through the editor if the daemon is on another machine', async () => {
    const { editor, frontend } = await opened({ remote: true, answers: { 'page/open': () => ({ url }) } });
    await frontend.act({ do: 'open-settings' });
    expect(editor.browsed).toEqual([url]);
  });

  test('is not opened at an address that is not the daemon’s', async () => {
    const answers: Answers = { 'page/open': () => ({ url: 'http://evil.example/open/once', file: '/etc/passwd' }) };
    for (const where of [{ remote: true } as const, {}]) {
      const { editor, frontend } = await opened({ ...where, answers });
      await frontend.act({ do: 'open-settings' });
      expect([editor.browsed, editor.errors]).toEqual([[], [expect.stringContaining('Nothing was opened.')]]);
    }
  });
});
