import { describe, expect, test } from 'vitest';
import type { OpenStep } from '../../../sdk/plugin/sign-in.ts';
import { converse, fakeContext } from '../../../sdk/testing/index.ts';
import { AUTH, login, provider, YOUNG } from '../../support/vendors/codex-machine.ts';

type Reply = { readonly result?: object; readonly error?: { readonly message: string } };
const CODE: Reply = {
  result: { loginId: 'l-1', verificationUrl: 'https://auth.openai.com/codex/device', userCode: 'ABCD-EFGHI' },
};
const refusal = (message: string): Reply => ({ error: { message } });

type Codex = { readonly [type: string]: Reply };

/** A codex that answers each kind of sign-in, and ends it as given. */
async function scene(replies: Codex, ending: object = { success: true }, device = true) {
  const shown: OpenStep[] = [];
  const started: string[] = [];
  const envs: unknown[] = [];
  const { signal } = new AbortController();
  const context = fakeContext({
    files: { ...login(YOUNG), '~/.codex': '' },
    programs: { codex: '/bin/codex' },
    exec: async call => {
      envs.push(call.options?.env);
      await converse(call, line => {
        const { id, method, params } = JSON.parse(line);
        if (method !== 'account/login/start') return id === undefined ? [] : [JSON.stringify({ id, result: {} })];
        started.push(params.type);
        const reply = replies[params.type] ?? refusal('none');
        const end = { method: 'account/login/completed', params: { loginId: 'l-1', ...ending } };
        return [JSON.stringify({ id, ...reply }), JSON.stringify(end)];
      });
      return {};
    },
  });
  const talk = { device, signal, show: async (step: OpenStep) => void shown.push(step), ask: async () => '' };
  const run = async () => provider().signIn?.run({ ...context, ...talk });
  return { shown, started, envs, context, run };
}

describe('a sign-in to codex', () => {
  test('shows the code, which ends after 15 minutes', async () => {
    const { run, shown, envs, context } = await scene({ chatgptDeviceCode: CODE });
    await run();
    expect(shown).toEqual([
      {
        url: 'https://auth.openai.com/codex/device',
        userCode: 'ABCD-EFGHI',
        expiresAt: new Date(context.now() + 900_000),
      },
    ]);
    expect(envs).toEqual([
      {
        OPENAI_API_KEY: undefined,
        CODEX_API_KEY: undefined,
        CODEX_ACCESS_TOKEN: undefined,
        CODEX_APP_SERVER_LOGIN_ISSUER: undefined,
        CODEX_APP_SERVER_LOGIN_CLIENT_ID: undefined,
        CODEX_HOME: context.files.resolve('~/.codex'),
      },
    ]);
  });

  test('is in the browser without a device, and with a code if that cannot be', async () => {
    const inBrowser = { chatgpt: { result: { loginId: 'l-1', authUrl: 'https://auth.openai.com/oauth/authorize' } } };
    const here = await scene(inBrowser, { success: true }, false);
    await here.run();
    expect(here.shown).toEqual([{ url: 'https://auth.openai.com/oauth/authorize' }]);
    const busy = await scene(
      { chatgpt: refusal('the port is in use'), chatgptDeviceCode: CODE },
      { success: true },
      false,
    );
    await busy.run();
    expect(busy.started).toEqual(['chatgpt', 'chatgptDeviceCode']);
    expect(busy.shown).toMatchObject([{ userCode: 'ABCD-EFGHI' }]);
  });

  test.each([
    [
      'device code login is not enabled for this Codex server.',
      'OpenAI does not let this account or workspace sign in',
    ],
    [
      'Invalid request: unknown variant `chatgptDeviceCode`',
      'This codex is too old to sign in with a code. Update it.',
    ],
    ['ChatGPT login is disabled. Use API key login instead.', 'The setting forced_login_method'],
    ['failed to request device code: status 503 Service Unavailable', 'OpenAI could not be reached, or is down'],
    [
      'failed to request device code: error sending request for url (https://a/?b=SECRET)',
      'OpenAI could not be reached',
    ],
    ['odd \u001b[31mnews from https://a/?b=SECRET', 'Codex reports: odd news from …'],
    ['', 'Codex ended before the sign-in did'],
  ])('that codex refuses with "%s" fails with a reason', async (message, reason) => {
    const { run, shown } = await scene({ chatgptDeviceCode: refusal(message) });
    const error: unknown = await run().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'KA_LOGIN_FAILED', details: { reason: expect.stringContaining(reason) } });
    expect(JSON.stringify(error)).not.toContain('SECRET');
    expect(shown).toEqual([]);
  });

  test.each([
    ['device auth timed out after 15 minutes', 'The code has expired. Start the sign-in again'],
    [
      'device auth failed with status 400 Bad Request',
      'It was denied, or the code has expired. Start the sign-in again',
    ],
    ['device auth failed with status 429 Too Many Requests', 'OpenAI wants fewer requests. Try again later'],
    ['Login is restricted to workspace id(s) X.', 'Its config.toml allows another workspace than that of the account'],
    [
      'failed to write OAuth tokens to keyring: no secret service',
      'Codex could not write to the system keyring. Unlock it',
    ],
  ])('that ends with "%s" fails with a reason', async (error, reason) => {
    const { run } = await scene({ chatgptDeviceCode: CODE }, { success: false, error });
    await expect(run()).rejects.toMatchObject({ code: 'KA_LOGIN_FAILED', details: { reason } });
  });

  test('into the keyring is noted, because nothing else shows it', async () => {
    const { run, context } = await scene({ chatgptDeviceCode: CODE });
    context.files.write('~/.codex/config.toml', 'cli_auth_credentials_store = "keyring"');
    const inspect = async () => (await provider().inspect?.(context))?.fingerprint;
    const before = await inspect();
    await run();
    expect(await inspect()).not.toBe(before);
  });

  test('needs a program, and a folder for the login', async () => {
    const { run, context } = await scene({});
    context.files.remove('~/.codex');
    await expect(run()).rejects.toMatchObject({ details: { reason: expect.stringContaining('There is no folder') } });
    const nothing = fakeContext({ files: { [AUTH]: '' } });
    const talk = { device: true, show: async () => {}, ask: async () => '' };
    await expect(provider().signIn?.run({ ...nothing, ...talk })).rejects.toMatchObject({
      details: { reason: 'There is no codex on this machine', hint: 'Install codex. Run `codex login`.' },
    });
  });
});
