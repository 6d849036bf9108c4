import { describe, expect, test } from 'vitest';
import { messagesOf } from '../../../plugins/ui-vscode/messages.ts';
import { parseHint, signInOf } from '../../../plugins/ui-vscode/sign-in.ts';
import type { Notice, SessionState } from '../../../sdk/contract/session.ts';
import { ALIVE, GAVE_UP, LOGIN, NOW, PAUSED, session, UNAVAILABLE } from '../ui-cli/fake-kernel.ts';

const notice = (code: Notice['code'], more: Partial<Notice> = {}): Notice => ({
  id: `codex:${code}`,
  session: 'codex',
  level: 'error',
  code,
  title: 'Codex needs a login',
  body: 'Only you can sign in again.',
  action: 'Run `codex login`.',
  raisedAt: NOW,
  ...more,
});

describe('what to type', () => {
  test.each<[string, string | undefined, Readonly<Record<string, string>> | undefined]>([
    ['Run `codex login`.', 'codex login', undefined],
    ['Run `claude`, then type `/login`.', 'claude', undefined],
    [
      'refused. Run `codex login` with CODEX_HOME=/home/me/.codex-work.',
      'codex login',
      { CODEX_HOME: '/home/me/.codex-work' },
    ],
    [
      'Run `claude` with CLAUDE_CONFIG_DIR=/home/me/my files/.claude, then type `/login`.',
      'claude',
      { CLAUDE_CONFIG_DIR: '/home/me/my files/.claude' },
    ],
    ['Sign in again: run `codex login` with CODEX_HOME=/work', 'codex login', { CODEX_HOME: '/work' }],
    ['Sign in at https://app.augmentcode.com with Firefox.', undefined, undefined],
    // What is typed must not press Enter.
    ['Run `one\ntwo\u001b[A`.', 'one two', undefined],
  ])('for %j is %j with %j', (hint, command, env) => {
    expect(parseHint(hint)).toMatchObject({ command, ...(env && { env }) });
    expect('env' in parseHint(hint)).toBe(env !== undefined);
  });

  test.each<[SessionState, readonly Notice[], string | undefined]>([
    [LOGIN, [], 'Sign in again: run `codex login`'],
    [UNAVAILABLE, [], 'Not installed.'],
    [ALIVE, [], undefined],
    [PAUSED, [], undefined],
    [GAVE_UP, [], undefined],
    [ALIVE, [notice('login-ends-soon')], 'Run `codex login`.'],
    [ALIVE, [notice('login-ends-soon', { session: 'other' })], undefined],
    [ALIVE, [notice('recovered')], undefined],
  ])('of a session in %j with the notices %j is in %j', (state, notices, hint) => {
    expect(signInOf(session('codex', state), notices)?.hint).toBe(hint);
  });
});

describe('a message', () => {
  test('says what is needed, and offers to sign in', () => {
    expect(messagesOf([notice('login-required')])).toEqual([
      {
        key: `codex:login-required@${NOW}`,
        text: 'Codex needs a login. Only you can sign in again. Run `codex login`.',
        buttons: [
          { label: 'Sign in', action: { do: 'sign-in', id: 'codex' } },
          { label: 'Explain', action: { do: 'explain', id: 'codex' } },
        ],
      },
    ]);
  });

  test('appears only for a login', () => {
    const codes = ['login-required', 'login-ends-soon', 'failing', 'recovered', 'plugin-failed', 'port-taken'] as const;
    expect(messagesOf(codes.map(code => notice(code)))).toHaveLength(2);
  });

  test('contains no link, because one can run a command of the editor', () => {
    const [message] = messagesOf([notice('login-required', { action: 'Run [this](command:workbench.action.quit).' })]);
    expect(message?.text).toContain('[this] (command:workbench.action.quit)');
  });
});
