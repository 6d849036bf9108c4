import { describe, expect, test } from 'vitest';
import type { SignInContext } from '../../../sdk/plugin/sign-in.ts';
import type { FakeContext } from '../../../sdk/testing/index.ts';
import { claudeLogin } from '../../support/vendors/claude-login.ts';
import { login, machine, NOW, provider, RENEWED, STORE, YOUNG } from '../../support/vendors/claude-machine.ts';

const ADDRESS = 'https://claude.ai/oauth/authorize?z-CANARY-challenge';
const CODE = 'CANARY-code#CANARY-state';

const line = async (value = ''): Promise<IteratorResult<string>> => ({ done: false, value });

/** A machine whose claude shows its address, takes a code, and then leaves this text in its store. */
function asking(stores: string, printed: string, env: Readonly<Record<string, string>> = {}): FakeContext {
  const context: FakeContext = machine(login(YOUNG), undefined, {
    env,
    programs: { claude: '/bin/claude' },
    async exec({ options }) {
      let end: (result: IteratorResult<string>) => void = () => {};
      const ended = new Promise<IteratorResult<string>>(resolve => (end = resolve));
      const shown = [`\u001b]8;;${ADDRESS}\u0007${ADDRESS}\u001b]8;;\u0007`];
      await options.talk?.({
        lines: { [Symbol.asyncIterator]: () => ({ next: () => (shown.length > 0 ? line(shown.pop()) : ended) }) },
        send() {
          context.files.write(STORE, stores);
          end({ done: true, value: undefined });
        },
      });
      return { stdout: printed };
    },
  });
  return context;
}

const signIn = (context: FakeContext, answers = [CODE]): Promise<unknown> => {
  const left = [...answers];
  const talk: Pick<SignInContext, 'device' | 'show' | 'ask'> = {
    device: true,
    show: async () => {},
    ask: async () => left.shift() ?? new Promise<string>(() => {}),
  };
  return provider().signIn?.run({ ...context, ...talk }) ?? Promise.reject(new Error('It has no sign-in.'));
};

test('claude is started in a terminal, without a browser and without tokens of the environment', async () => {
  const context = asking(claudeLogin(RENEWED), 'Login successful.', {
    DISPLAY: ':0',
    CLAUDE_CODE_OAUTH_REFRESH_TOKEN: 'r',
  });
  await signIn(context);
  const [call] = context.calls.exec;
  expect(call).toMatchObject({ terminal: true, program: '/bin/claude', args: ['auth', 'login', '--claudeai'] });
  expect(call?.options.env).toMatchObject({ BROWSER: 'none', DISABLE_AUTOUPDATER: '1' });
  const removed = ['DISPLAY', 'WAYLAND_DISPLAY', 'ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_REFRESH_TOKEN'];
  expect(removed.filter(name => call?.options.env?.[name] !== undefined)).toEqual([]);
  expect(context.calls.concealed).toContain(CODE);
});

test.each([
  ['a token of setup-token', asking('', '', { CLAUDE_CODE_OAUTH_TOKEN: 'CANARY' }), 'CLAUDE_CODE_OAUTH_TOKEN'],
  ['another cloud', asking('', '', { CLAUDE_CODE_USE_BEDROCK: '1' }), 'CLAUDE_CODE_USE_BEDROCK'],
  ['no claude', machine(login(YOUNG)), 'There is no claude'],
  ['a login that claude does not store', asking(claudeLogin(YOUNG), 'Login successful.'), 'has stored no login'],
])('with %s the sign-in fails, and says why', async (_name, context, words) => {
  await expect(signIn(context)).rejects.toMatchObject({
    code: 'KA_LOGIN_FAILED',
    details: { reason: expect.stringContaining(words) },
  });
});

describe('a login that claude lost in a sign-in', () => {
  test('is put back as it was, if claude has ended', async () => {
    const context = asking('{}', "Couldn't log in: Request failed with status code 401");
    await expect(signIn(context)).rejects.toMatchObject({ details: { reason: expect.stringContaining('HTTP 401') } });
    expect(await context.files.read(STORE)).toBe(claudeLogin(YOUNG));
  });

  // The journal of a daemon that was killed.
  const crashed = async (at: number) => {
    const context = machine({ [STORE]: '{}' });
    const file = context.files.resolve(STORE);
    await context.files.journal.write(`before a sign-in: ${file}`, JSON.stringify({ at, text: claudeLogin(YOUNG) }));
    return context;
  };

  test('counts until the next attempt puts it back, if the daemon was killed', async () => {
    const context = await crashed(NOW);
    expect(await provider().inspect?.(context)).toMatchObject({ present: true });
    expect(await context.files.read(STORE)).toBe('{}');
    await provider().refresh(context);
    expect(await context.files.read(STORE)).toBe(claudeLogin(YOUNG));
  });

  test('is not put back if the store was changed much later, as by a sign-out', async () => {
    const found = await crashed(NOW);
    const stat = async (path: string) => ({ path, modifiedAt: NOW + 3_600_000, mode: 0o600, writable: true });
    const context = { ...found, files: { ...found.files, stat } };
    expect(await provider().inspect?.(context)).toMatchObject({ present: false });
    await provider().refresh(context);
    expect(await context.files.read(STORE)).toBe('{}');
  });
});
