import { describe, expect, test } from 'vitest';
import type { GrokOptions } from '../../../plugins/grok/index.ts';
import { fakeContext, testProvider, type FakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';
import { GROK_SCOPE, grokLogin } from '../../support/vendors/grok-login.ts';
import {
  type Act,
  AUTH,
  HOUR,
  login,
  machine,
  MINUTE,
  NOW,
  provider,
  refused,
  RENEWED,
  renewing,
  text,
} from '../../support/vendors/grok-machine.ts';

const online: FakeOverrides = { fetch: () => new Response(null, { status: 404 }) };
const writing =
  (written: string) =>
  ({ files }: FakeContext) => {
    files.write(AUTH, written);
    return {};
  };
const removing = ({ files }: FakeContext) => {
  files.remove(AUTH);
  return {};
};
const KEY_ONLY = JSON.stringify({ 'xai::api_key': { key: 'CANARY-key', auth_mode: 'api_key' } });

describe('what grok does, and the outcome', () => {
  test.each<[string, number, Act, FakeOverrides, object]>([
    ['it renews', -60, renewing, {}, { status: 'refreshed', expiresAt: new Date(NOW + 6 * HOUR), method: 'touch' }],
    ['it renews in the last five minutes', 4, renewing, {}, { status: 'refreshed' }],
    ['it renews long before, if forced', 300, renewing, { force: true }, { status: 'refreshed' }],
    ['it removes the file', -60, removing, {}, { status: 'login-required', proof: expect.stringContaining('emptied') }],
    ['it removes only its own entry', -60, writing(KEY_ONLY), {}, { status: 'login-required' }],
    ['it writes an earlier expiry', -60, writing(text(-90, '2')), {}, { code: 'KA_INEFFECTIVE' }],
    ['xAI is out of order', -60, () => refused(503), {}, { code: 'KA_OFFLINE' }],
    ['xAI wants fewer requests', -60, () => refused(429), {}, { status: 'rate-limited' }],
    ['something blocks the way', -60, () => refused(403), {}, { code: 'KA_INTERCEPTED' }],
    [
      'a page comes with an error',
      -60,
      () => refused(502, 'x', '<!doctype html><title>Bad gateway</title>'),
      {},
      { code: 'KA_INTERCEPTED' },
    ],
    [
      'a page comes in place of tokens',
      -60,
      () => ({ stderr: 'WARN OIDC: token refresh failed error=error decoding response body http_status=None' }),
      {},
      { code: 'KA_INTERCEPTED' },
    ],
    [
      'xAI no longer knows this grok',
      -60,
      () => refused(401, 'invalid_client'),
      {},
      { code: 'KA_OFFLINE', details: { reason: expect.stringContaining('Update it') } },
    ],
    ['it says nothing without a network', -60, () => ({}), {}, { code: 'KA_OFFLINE' }],
    [
      'it says nothing while xAI answers',
      -60,
      () => ({}),
      online,
      { code: 'KA_OFFLINE', details: { reason: expect.stringContaining('does not say why') } },
    ],
    ['it never ends', -60, () => ({ exitCode: undefined, timedOut: true }), online, { code: 'KA_OFFLINE' }],
  ])('%s', async (...[_name, minutes, act, world, expected]) => {
    const context = machine(login(minutes), act, world);
    const outcome = await provider()
      .refresh(context)
      .catch((error: unknown) => error);
    expect(outcome).toMatchObject(expected);
    expect(context.calls.exec).toMatchObject([{ program: '/bin/grok', args: ['sessions', 'list'] }]);
    expect(context.calls.fetch.filter(({ url, method }) => `${method} ${url}` !== 'HEAD https://auth.x.ai/')).toEqual(
      [],
    );
  });
});

test.each<[number, boolean, string]>([
  [-60, false, '300'],
  [4, false, '300'],
  [300, true, String(300 * 60 + 60)],
])('with %i minutes left (forced: %s), grok is made to renew within %s seconds', async (minutes, force, seconds) => {
  const context = machine(login(minutes), renewing, { force });
  await provider().refresh(context);
  expect(context.calls.exec[0]?.options.env).toMatchObject({ GROK_AUTH_EARLY_INVALIDATION_SECS: seconds });
});

test('it is not ended while it may wait for its lock and its vendor, and uses no other credential', async () => {
  const context = machine(login(-60), renewing, { env: { GROK_AUTH: 'CANARY', XAI_API_KEY: 'CANARY' } });
  await provider().refresh(context);
  const [call] = context.calls.exec;
  expect(call?.options.timeoutMs).toBeGreaterThanOrEqual(100_000);
  expect(call?.options.env).toMatchObject({ GROK_HOME: context.files.resolve('~/.grok'), RUST_LOG: 'warn' });
  const removed = ['GROK_AUTH', 'XAI_API_KEY', 'GROK_CODE_XAI_API_KEY', 'GROK_AUTH_PATH'];
  expect(removed.filter(name => !(name in (call?.options.env ?? {})) || call?.options.env?.[name])).toEqual([]);
});

test('a token in the first half of its life is left alone, and nothing runs', async () => {
  const context = machine(login(200), renewing);
  expect(await provider().refresh(context)).toMatchObject({ status: 'fresh', expiresAt: new Date(NOW + 200 * MINUTE) });
  expect(context.calls.exec).toEqual([]);
});

test('a token without an expiry is taken to live for 30 days, as grok does', async () => {
  const stored = JSON.parse(text(0));
  delete stored[GROK_SCOPE].expires_at;
  stored[GROK_SCOPE].create_time = new Date(NOW).toISOString();
  expect(await provider().inspect?.(machine({ [AUTH]: JSON.stringify(stored) }))).toMatchObject({
    expiresAt: new Date(NOW + 720 * HOUR),
  });
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['nothing', {}, 'grok login --device-auth'],
  ['an empty file', { [AUTH]: '{}' }, 'grok login --device-auth'],
  ['an API key only', { [AUTH]: KEY_ONLY }, 'API key'],
  [
    'a command of the user',
    { [AUTH]: JSON.stringify({ [GROK_SCOPE]: { key: 'CANARY-k', auth_mode: 'external', refresh_token: 'CANARY-r' } }) },
    'auth_provider_command',
  ],
  [
    'a login of an old grok',
    { [AUTH]: JSON.stringify({ 'https://accounts.x.ai/sign-in': { key: 'CANARY-k', auth_mode: 'web_login' } }) },
    'grok login --device-auth',
  ],
])('%s is unavailable, with a hint, and nothing runs', async (_name, files, hint) => {
  const context = machine(files, renewing);
  const expected = { hint: expect.stringContaining(hint) };
  expect(await provider().refresh(context)).toMatchObject({ status: 'unavailable', ...expected });
  expect(await provider().inspect?.(context)).toMatchObject({ present: false, ...expected });
  expect(context.calls.exec).toEqual([]);
});

const OWN = 'https://sso.example.test::mine';
const ofCompany = {
  [OWN]: { key: 'CANARY-k', auth_mode: 'oidc', refresh_token: 'CANARY-own', user_id: 'x', email: 'x@example.test' },
};

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['xAI', {}, 'y…@example.test'],
  [
    'the server in its environment',
    { GROK_OIDC_ISSUER: 'https://sso.example.test/', GROK_OIDC_CLIENT_ID: 'mine' },
    'x…@example.test',
  ],
])('of several logins, that of %s is kept alive', async (_name, env, accountLabel) => {
  const stored = grokLogin({ issuedAt: NOW, expiresAt: NOW + 6 * HOUR }, ofCompany);
  const context = machine({ [AUTH]: stored }, renewing, { env });
  expect(await provider().inspect?.(context)).toMatchObject({ present: true, accountLabel });
  expect(context.calls.concealed).toEqual(expect.arrayContaining(['CANARY-own', 'CANARY-k', 'CANARY-refresh']));
});

test.each<[string, FakeOverrides, GrokOptions, string]>([
  ['its own folder', {}, {}, '/home/you/.grok/auth.json'],
  ['GROK_HOME', { env: { GROK_HOME: '/g' } }, {}, '/g/auth.json'],
  ['GROK_AUTH_PATH', { env: { GROK_HOME: '/g', GROK_AUTH_PATH: '/a/login.json' } }, {}, '/a/login.json'],
  [
    'the option',
    { env: { GROK_HOME: '/g', GROK_AUTH_PATH: '/a' } },
    { home: '~/.grok-work' },
    '/home/you/.grok-work/auth.json',
  ],
])('it looks in %s', async (_name, world, options, store) => {
  const context = fakeContext({ now: () => NOW, files: { [store]: text(60) }, ...world });
  expect(await provider(options).inspect?.(context)).toMatchObject({
    present: true,
    store,
    method: 'observe',
    owner: 'grok',
  });
});

test('a GROK_AUTH_PATH that grok would not expand is passed to it as a full path, with a note', async () => {
  const store = '/home/you/work/login.json';
  const context = machine({ [store]: text(-60) }, undefined, { env: { GROK_AUTH_PATH: '~/work/login.json' } });
  expect(await provider().inspect?.(context)).toMatchObject({
    store,
    hint: expect.stringContaining('GROK_AUTH_PATH is "~/work/login.json"'),
  });
  await provider()
    .refresh(context)
    .catch(() => {});
  expect(context.calls.exec.at(-1)?.options.env).toMatchObject({ GROK_AUTH_PATH: store });
});

test('a grok that is not on the PATH is found where its installers put it', async () => {
  const context = machine(login(-60), renewing, {
    programs: { '/home/you/.grok/bin/grok': '/home/you/.grok/bin/grok' },
  });
  expect(await provider().refresh(context)).toMatchObject({ status: 'refreshed' });
});

test('without the program it is observed, with a reason once the token has expired', async () => {
  const context = fakeContext({ now: () => NOW, files: login(-60) });
  expect(await provider().refresh(context)).toMatchObject({
    method: 'observe',
    reason: expect.stringContaining('next used'),
  });
  expect(await provider({ method: 'touch' }).refresh(context)).toMatchObject({
    status: 'unavailable',
    hint: expect.stringContaining('There is no grok.'),
  });
});

test('it reports a change of the file, and rejects an unknown option', () => {
  const context = machine(login(60));
  let calls = 0;
  void provider().watch?.(context, () => calls++);
  context.files.write(AUTH, RENEWED);
  expect(calls).toBe(1);
  expect(() => provider({ hom: '/x' } as GrokOptions)).toThrow(expect.objectContaining({ code: 'KA_CONFIG_INVALID' }));
});

test('it passes the provider contract tests', async () => {
  const report = await testProvider(provider(), {
    scenarios: [
      { name: 'a touch', expect: 'refreshed', context: world => machine(login(-60), renewing, world) },
      { name: 'an ended login', expect: 'login-required', context: world => machine(login(-60), removing, world) },
      {
        name: 'an outage',
        expect: 'throws',
        context: world => machine(login(-60), () => ({ ...refused(503), stdout: 'CANARY' }), { ...online, ...world }),
      },
    ],
  });
  expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
});
