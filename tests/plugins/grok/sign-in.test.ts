import { describe, expect, test } from 'vitest';
import type { OpenStep } from '../../../sdk/plugin/sign-in.ts';
import type { FakeOverrides } from '../../../sdk/testing/index.ts';
import { AUTH, login, machine, NOW, provider, RENEWED } from '../../support/vendors/grok-machine.ts';
import { grokLogin } from '../../support/vendors/grok-login.ts';

const SHOWN = [
  'To sign in, open this URL in your browser:',
  '',
  '  https://accounts.x.ai/device?user_code=ABCD-EFGH',
  'Confirm this code in your browser:',
  '  \u001b[1mABCD-EFGH\u001b[0m',
  'Waiting for authorization...',
];
const WITHOUT_CODES = [
  'Open this URL to sign in:',
  '  https://auth.x.ai/oauth2/authorize?redirect_uri=http%3A%2F%2F127.0.0.1',
];

/** A sign-in in which grok prints these lines, leaves this text in its store, and ends like this. */
function scene(lines: readonly string[], stored: string | undefined, ending: object = {}, world: FakeOverrides = {}) {
  const shown: OpenStep[] = [];
  const context = machine(
    login(60),
    async ({ files }, { options }) => {
      const printed = lines[Symbol.iterator]();
      await options.talk?.({
        lines: { [Symbol.asyncIterator]: () => ({ next: async () => printed.next() }) },
        send: () => {},
      });
      options.signal?.throwIfAborted();
      if (stored !== undefined) files.write(AUTH, stored);
      return { stdout: lines.join('\n'), ...ending };
    },
    world,
  );
  const talk = { device: true, show: async (step: OpenStep) => void shown.push(step), ask: async () => '' };
  return { shown, context, run: async () => provider().signIn?.run({ ...context, ...talk }) };
}

test('it shows the address and the code, in a terminal, without a browser or keys of the environment', async () => {
  const { run, shown, context } = scene(SHOWN, RENEWED, {}, { env: { XAI_API_KEY: 'CANARY' } });
  await run();
  expect(shown).toEqual([{ url: 'https://accounts.x.ai/device?user_code=ABCD-EFGH', userCode: 'ABCD-EFGH' }]);
  const [call] = context.calls.exec;
  expect(call).toMatchObject({ terminal: true, program: '/bin/grok', args: ['login', '--device-auth'] });
  expect(call?.options.env).toMatchObject({ BROWSER: 'none', GROK_HOME: '/home/you/.grok' });
  expect(call?.options.env?.['XAI_API_KEY']).toBeUndefined();
});

describe('a sign-in fails, and says why', () => {
  test.each<[string, readonly string[], string | undefined, object, string]>([
    ['denied', SHOWN, undefined, { exitCode: 1, stderr: 'Error: Authorization denied. No.' }, 'It was denied'],
    [
      'expired',
      SHOWN,
      undefined,
      { exitCode: 1, stderr: 'Error: Device code expired. Run it.' },
      'The code has expired',
    ],
    [
      'an outage',
      [],
      undefined,
      { exitCode: 1, stderr: 'Error: Device code request failed (HTTP 503 x): y' },
      'xAI could not',
    ],
    [
      'too many',
      [],
      undefined,
      { exitCode: 1, stderr: 'Error: Device code request failed (HTTP 429 x)' },
      'fewer requests',
    ],
    ['an old grok', [], undefined, { exitCode: 2, stderr: "error: unexpected argument '--device-auth'" }, 'too old'],
    [
      'odd news',
      [],
      undefined,
      { exitCode: 1, stderr: 'Error: odd \u001b[31mnews from https://a/?b=SECRET' },
      'odd news from …',
    ],
    ['nothing', [], undefined, { exitCode: undefined }, 'ended before'],
    ['no login stored', SHOWN, undefined, {}, 'has stored no login'],
    ['a renewal meanwhile', SHOWN, RENEWED, { exitCode: 1, stderr: 'Error: Authorization denied.' }, 'It was denied'],
    ['no codes', WITHOUT_CODES, undefined, {}, 'does not offer'],
  ])('%s', async (...[_name, lines, stored, ending, reason]) => {
    const { run } = scene(lines, stored, ending);
    const error: unknown = await run().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'KA_LOGIN_FAILED', details: { reason: expect.stringContaining(reason) } });
    expect(JSON.stringify(error)).not.toContain('SECRET');
  });

  test.each<[string, FakeOverrides]>([
    [
      'its login',
      { files: { [AUTH]: grokLogin({ issuedAt: NOW, expiresAt: NOW, issuer: 'https://sso.example.test' }) } },
    ],
    ['its environment', { files: {}, env: { GROK_OIDC_ISSUER: 'https://sso.example.test' } }],
    [
      'its environment, beside a login of xAI',
      {
        files: { [AUTH]: grokLogin({ issuedAt: NOW, expiresAt: NOW }) },
        env: { GROK_OIDC_ISSUER: 'https://sso.example.test' },
      },
    ],
    [
      'its configuration',
      { files: { '~/.grok/config.toml': '[grok_com_config.oidc]\nissuer = "https://sso.example.test"' } },
    ],
  ])('grok uses another server by %s, and would end the old login first', async (_name, world) => {
    const { run, context } = scene(SHOWN, RENEWED, {}, world);
    await expect(run()).rejects.toMatchObject({ details: { reason: expect.stringContaining('your company') } });
    expect(context.calls.exec).toEqual([]);
  });

  test('there is no grok', async () => {
    const { run } = scene(SHOWN, RENEWED, {}, { programs: {} });
    await expect(run()).rejects.toMatchObject({ details: { reason: 'There is no grok on this machine' } });
  });
});
