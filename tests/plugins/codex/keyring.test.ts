import { describe, expect, test } from 'vitest';
import type { ProviderPlugin } from '../../../sdk/plugin/provider.ts';
import { testProvider, type FakeOverrides } from '../../../sdk/testing/index.ts';
import { codexLogin } from '../../support/vendors/codex-login.ts';
import {
  AUTH,
  DAY,
  HALFWAY,
  login,
  machine,
  MINUTE,
  NOW,
  provider,
  RENEWED,
  renewing,
  YOUNG,
} from '../../support/vendors/codex-machine.ts';

const CONFIG = '~/.codex/config.toml';
const config = (store: string) => ({ [CONFIG]: `cli_auth_credentials_store = "${store}"\n` });
const online: FakeOverrides = { fetch: () => new Response(null, { status: 405 }) };
const account = { result: { account: { type: 'chatgpt' } } };
const noAccount = { result: { account: null } };
const NAMED = '{"error":{"code":"refresh_token_reused"}}';
const refused = (status: number) =>
  `ERROR codex_login::auth::manager: Failed to refresh token status=${status} Something`;

/** A machine with codex's login in the keyring, on which time passes. */
function passing(reply: () => object = () => account, files: Readonly<Record<string, string>> = config('keyring')) {
  const world = { now: NOW, force: false };
  const context = machine(files, reply, { ...online, now: () => world.now });
  const refreshAt = (ms: number, given: Partial<typeof context> = {}, session: ProviderPlugin = provider()) => {
    world.now = NOW + ms;
    return session.refresh({ ...context, ...given }).catch((error: unknown) => error);
  };
  return { context, refreshAt };
}

describe('the configuration', () => {
  test.each<[string, string]>([
    ['a keyring', 'cli_auth_credentials_store = "keyring"\n'],
    ['with a comment', 'model = "x"\ncli_auth_credentials_store="keyring" # mine\n[other]\n'],
    ['as a literal string', "cli_auth_credentials_store = 'keyring'"],
    ['with a quoted key', '"cli_auth_credentials_store" = "keyring"'],
    ['with a literal key', '\'cli_auth_credentials_store\' = "keyring"'],
    [
      'after a byte order mark, with lines as on Windows',
      '\uFEFFcli_auth_credentials_store = "keyring"\r\nmodel = "x"\r\n',
    ],
    ['of either', 'cli_auth_credentials_store = "auto"'],
  ])('%s makes a session of a login that cannot be inspected, and an inspection runs nothing', async (_name, text) => {
    const context = machine({ [CONFIG]: text }, () => account);
    expect(await provider().inspect?.(context)).toEqual({
      present: true,
      store: expect.stringContaining('keyring'),
      owner: 'codex',
      program: '/bin/codex',
      versionArgs: ['--version'],
      method: 'touch',
      fingerprint: expect.any(String),
      hint: expect.stringContaining('cannot be inspected'),
    });
    expect(context.calls.exec).toEqual([]);
    expect(await provider().refresh(context)).toEqual({ status: 'refreshed', method: 'touch' });
    expect(context.calls.exec).toMatchObject([
      {
        args: ['app-server'],
        options: { graceMs: 60_000, env: { CODEX_HOME: '/home/you/.codex', OPENAI_API_KEY: undefined } },
      },
    ]);
  });

  test.each<[string, string]>([
    ['says nothing', 'model = "x"\n'],
    ['names it in another table', '[profiles.x]\ncli_auth_credentials_store = "keyring"\n'],
    ['has it in a comment', '# cli_auth_credentials_store = "keyring"\n'],
    ['names the file', 'cli_auth_credentials_store = "file"\n'],
  ])('one that %s makes none without a sign-in, but says how to', async (_name, text) => {
    const context = machine({ [CONFIG]: text }, () => account);
    expect(await provider().inspect?.(context)).toMatchObject({
      present: false,
      hint: expect.stringMatching(/Run `codex login`\..*cli_auth_credentials_store = "keyring"/),
    });
    expect(await provider().refresh(context)).toMatchObject({
      status: 'unavailable',
      hint: expect.stringContaining('Run `codex login`.'),
    });
    expect(context.calls.exec).toEqual([]);
  });

  test('a login that ends with codex is unavailable', async () => {
    expect(await provider().refresh(machine({ ...login(YOUNG), ...config('ephemeral') }, () => account))).toMatchObject(
      { status: 'unavailable', hint: expect.stringContaining('ephemeral') },
    );
  });
});

test('it is renewed every three days or if forced, and nothing runs in between', async () => {
  const { context, refreshAt } = passing();
  const ran = async (ms: number, given = {}) => {
    const before = context.calls.exec.length;
    expect(await refreshAt(ms, given)).toMatchObject({
      status: context.calls.exec.length > before ? 'refreshed' : 'fresh',
      method: 'touch',
    });
    return context.calls.exec.length - before;
  };
  expect([
    await ran(0),
    await ran(DAY),
    await ran(3 * DAY - 1),
    await ran(3 * DAY),
    await ran(3 * DAY + MINUTE),
  ]).toEqual([1, 0, 0, 1, 0]);
  expect(await ran(4 * DAY, { force: true })).toBe(1);
  // The age of a note from the future is unknown.
  expect(await ran(-DAY)).toBe(1);
});

test.each<[string, object, FakeOverrides, object]>([
  [
    'signed out, or the keyring locked',
    noAccount,
    online,
    { status: 'deferred', reason: expect.stringMatching(/locked.*again each hour.*codex login/) },
  ],
  [
    'refused once',
    { ...noAccount, log: refused(401) },
    online,
    { status: 'deferred', reason: expect.stringContaining('401') },
  ],
  [
    'refused with a reason',
    { ...noAccount, log: `${refused(401)} body=${NAMED}` },
    online,
    { status: 'login-required', hint: 'Run `codex login`.', proof: expect.stringContaining('401') },
  ],
  [
    'refused by a proxy that refuses everything',
    { ...noAccount, log: refused(401) },
    { fetch: () => new Response('', { status: 407 }) },
    { code: 'KA_INTERCEPTED' },
  ],
  ['a server error', { error: {}, log: refused(503) }, online, { code: 'KA_OFFLINE' }],
  [
    'turned away',
    { error: {}, log: refused(403) },
    online,
    { code: 'KA_INTERCEPTED', details: { reason: expect.stringContaining('codex reported HTTP 403') } },
  ],
  ['rate-limited', { error: {}, log: refused(429) }, online, { status: 'rate-limited' }],
])('codex that says %s renewed nothing, and is asked again', async (_name, reply, world, expected) => {
  const context = machine(config('keyring'), () => reply, world);
  expect(
    await provider()
      .refresh(context)
      .catch((error: unknown) => error),
  ).toMatchObject(expected);
  await provider()
    .refresh(context)
    .catch(() => {});
  expect(context.calls.exec).toHaveLength(2);
});

test('a refusal without a reason is believed if it is repeated a minute later, unless the user signed in', async () => {
  let reply: object = { ...noAccount, log: refused(401) };
  const { context, refreshAt } = passing(() => reply);
  const expectAt = async (minutes: number, status: string) =>
    expect(await refreshAt(minutes * MINUTE)).toMatchObject({ status });
  for (const minute of [0, 0.5, 0.9]) await expectAt(minute, 'deferred');
  context.files.write('~/.codex/log/codex-login.log', 'signed in');
  for (const minute of [1, 1.9]) await expectAt(minute, 'deferred');
  await expectAt(2, 'login-required');
  reply = account;
  await expectAt(180, 'refreshed');
  reply = { ...noAccount, log: refused(401) };
  await expectAt(9 * 1_440, 'deferred');
});

test.each<[string, object]>([
  ['an error', { error: { code: -32603 } }],
  ['an account beside a failure', { ...account, log: 'ERROR Failed to refresh token: error sending request' }],
])(
  'codex that reports %s may have renewed, and is not asked again for six hours unless forced',
  async (_name, reply) => {
    const { context, refreshAt } = passing(() => reply);
    const HOUR = 60 * MINUTE;
    for (const ms of [0, HOUR, 5 * HOUR, 6 * HOUR])
      expect(await refreshAt(ms)).toMatchObject({ status: 'deferred', reason: expect.stringContaining('did not say') });
    expect(context.calls.exec).toHaveLength(2);
    await refreshAt(7 * HOUR, { force: true });
    expect(context.calls.exec).toHaveLength(3);
  },
);

test('a locked keyring is asked again each hour, also before the first renewal, until it is unlocked', async () => {
  for (const files of [config('keyring'), config('auto')]) {
    let reply: object = noAccount;
    const { context, refreshAt } = passing(() => reply, files);
    for (const hour of [0, 1, 2]) {
      const until = new Date(NOW + (hour + 1) * 60 * MINUTE);
      expect(await refreshAt(hour * 60 * MINUTE)).toMatchObject({ status: 'deferred', until, method: 'touch' });
    }
    reply = account;
    expect(await refreshAt(3 * 60 * MINUTE)).toMatchObject({ status: 'refreshed' });
    expect(context.calls.exec).toHaveLength(4);
  }
});

test('a locked keyring is waited for if codex has renewed the login in it before', async () => {
  let reply: object = account;
  const { context, refreshAt } = passing(() => reply);
  await refreshAt(0);
  reply = noAccount;
  const at = 3 * DAY;
  expect(await refreshAt(at)).toEqual({
    status: 'deferred',
    until: new Date(NOW + at + 60 * MINUTE),
    reason: expect.stringMatching(/locked.*codex login/),
    method: 'touch',
  });
  reply = account;
  expect(await refreshAt(at + 60 * MINUTE)).toMatchObject({ status: 'refreshed' });
  expect(context.calls.exec).toHaveLength(3);
});

test('a login that codex or another process may be renewing is left alone', async () => {
  const { context, refreshAt } = passing();
  const processes = async () => [{ pid: 7, name: 'codex' }];
  expect(await refreshAt(0, { processes })).toMatchObject({ status: 'deferred' });
  expect(await refreshAt(0)).toMatchObject({ status: 'refreshed' });
  expect(await refreshAt(4 * DAY, { processes })).toMatchObject({ status: 'refreshed' });
  expect(await refreshAt(20 * DAY, { processes })).toMatchObject({ status: 'deferred' });
  const release = await context.files.lock('~/.codex/auth.json.keepalive');
  expect(await refreshAt(20 * DAY)).toMatchObject({ status: 'deferred' });
  await release?.();
});

describe('a file beside "auto"', () => {
  const auto = { ...login(HALFWAY), ...config('auto') };

  test('is never spent by us', async () => {
    for (const [method, reply] of [
      ['auto', undefined],
      ['redeem', () => account],
    ] as const) {
      const context = machine(auto, reply, { fetch: () => Response.json({}) });
      expect(await provider({ method }).refresh(context)).toMatchObject({
        status: 'unavailable',
        hint: expect.stringContaining('Only codex'),
      });
      expect([context.calls.fetch, context.calls.exec]).toEqual([[], []]);
    }
  });

  test('shows the expiry and when it is due, if codex uses it', async () => {
    const context = machine({ ...login(YOUNG), ...config('auto') }, renewing);
    expect(await provider().refresh(context)).toEqual({
      status: 'fresh',
      expiresAt: new Date(NOW + 9 * DAY),
      method: 'touch',
    });
    context.files.write(AUTH, codexLogin({ refreshedAt: NOW - DAY, ...HALFWAY }));
    expect(await provider().refresh(context)).toEqual({
      status: 'refreshed',
      expiresAt: new Date(NOW + 10 * DAY),
      method: 'touch',
    });
  });

  test.each<[string, (text: string) => string | undefined]>([
    ['removes', () => undefined],
    ['leaves', text => text],
  ])('is no trouble where codex uses the keyring and %s it', async (_name, left) => {
    const { context, refreshAt } = passing(() => {
      if (left('x') === undefined) context.files.remove(AUTH);
      return account;
    }, auto);
    expect(await refreshAt(0)).toEqual({ status: 'refreshed', method: 'touch' });
    expect(await refreshAt(DAY)).toMatchObject({ status: 'fresh' });
    expect(context.calls.exec).toHaveLength(1);
  });

  test('is ignored with "keyring"', async () => {
    const seen = await provider().inspect?.(machine({ ...login(RENEWED), ...config('keyring') }, () => account));
    expect(seen).toMatchObject({ present: true, store: expect.stringContaining('keyring') });
    expect(seen).not.toHaveProperty('expiresAt');
  });
});

test('a sign-in is detected by the log that codex writes', async () => {
  const context = machine(config('keyring'), () => account);
  const fingerprint = async () => (await provider().inspect?.(context))?.fingerprint;
  const before = await fingerprint();
  let calls = 0;
  const stop = provider().watch?.(context, () => calls++);
  context.files.write('~/.codex/log/codex-login.log', 'signed in');
  expect(await fingerprint()).not.toBe(before);
  await stop?.();
  expect(calls).toBe(1);
});

test('observing runs no program', async () => {
  const context = machine(config('keyring'), () => account);
  expect(await provider({ method: 'observe' }).refresh(context)).toEqual({ status: 'fresh', method: 'observe' });
  expect(context.calls.exec).toEqual([]);
});

test('it passes the provider contract tests', async () => {
  const scenario = (name: string, expected: string, reply: object) => ({
    name,
    expect: expected,
    context: (world: FakeOverrides) =>
      machine({ ...login(HALFWAY), ...config('auto') }, () => reply, { ...online, ...world }),
  });
  const report = await testProvider(provider(), {
    scenarios: [
      scenario('a renewal', 'refreshed', account),
      scenario('a refusal', 'login-required', { ...noAccount, log: `CANARY ${refused(401)} body=${NAMED}` }),
      scenario('no account', 'deferred', noAccount),
    ],
  });
  expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
});
