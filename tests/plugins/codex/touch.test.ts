import { expect, test } from 'vitest';
import type { FakeOverrides } from '../../../sdk/testing/index.ts';
import { codexLogin } from '../../support/vendors/codex-login.ts';
import {
  AUTH,
  DAY,
  HALFWAY,
  MINUTE,
  NOW,
  RENEWED,
  YOUNG,
  login,
  machine,
  provider,
  renewing,
} from '../../support/vendors/codex-machine.ts';

const ENDPOINT = 'https://auth.openai.com/oauth/token';

test("a touch asks codex's own server, in this home and without the credentials of the environment", async () => {
  const home = '/elsewhere';
  const context = machine(
    { [`${home}/auth.json`]: codexLogin(HALFWAY) },
    ({ files }) => {
      files.write(`${home}/auth.json`, codexLogin(RENEWED));
      return { result: { account: {} } };
    },
    { env: { CODEX_HOME: home } },
  );
  expect(await provider().refresh(context)).toEqual({
    status: 'refreshed',
    expiresAt: new Date(NOW + 10 * DAY),
    method: 'touch',
  });
  expect(context.calls.exec).toMatchObject([{ program: '/bin/codex', args: ['app-server'] }]);
  expect(context.calls.exec[0]?.options.env).toEqual({
    CODEX_HOME: home,
    OPENAI_API_KEY: undefined,
    CODEX_API_KEY: undefined,
    CODEX_ACCESS_TOKEN: undefined,
  });
});

test('two sessions use two homes', async () => {
  const home = provider({ id: 'codex-work', home: '~/.codex-work' });
  const context = machine({ ...login(YOUNG), '~/.codex-work/auth.json': codexLogin(YOUNG) }, undefined, {
    env: { CODEX_HOME: '/not/this' },
  });
  expect(home.displayName).toBe('Codex (codex-work)');
  expect(await home.inspect?.(context)).toMatchObject({
    present: true,
    store: context.files.resolve('~/.codex-work/auth.json'),
  });
  expect(await home.refresh(machine({}))).toMatchObject({ hint: expect.stringContaining('with CODEX_HOME=') });
});

test.each(['~/.codex-work', '$HOME/.codex-work'])(
  'a CODEX_HOME of %s is expanded like in a shell, passed to codex as a full path, and noted',
  async value => {
    const file = '/home/you/.codex-work/auth.json';
    const context = machine(
      { [file]: codexLogin(HALFWAY) },
      ({ files }) => {
        files.write(file, codexLogin(RENEWED));
        return { result: { account: {} } };
      },
      { env: { CODEX_HOME: value } },
    );
    expect((await provider().refresh(context)).status).toBe('refreshed');
    expect(context.calls.exec[0]?.options.env).toMatchObject({ CODEX_HOME: '/home/you/.codex-work' });
    expect(await provider().inspect?.(context)).toMatchObject({
      hint: expect.stringContaining(`CODEX_HOME is "${value}"`),
    });
  },
);

test('near the end, codex is asked to renew only if it did not do so as it started', async () => {
  const toldToRenew = async (startsWith: string) => {
    const context = machine(login({ issuedAt: NOW - 10 * DAY, expiresAt: NOW + 4 * MINUTE }), renewing);
    const run = context.exec;
    const exec: typeof run = (...call) => {
      context.files.write(AUTH, startsWith);
      return run(...call);
    };
    expect(await provider().refresh({ ...context, exec })).toMatchObject({ status: 'refreshed', method: 'touch' });
    return context.calls.log
      .filter(({ message }) => message === 'asked for the account')
      .map(({ fields }) => fields?.['refreshToken']);
  };
  expect(await toldToRenew(codexLogin(RENEWED))).toEqual([false]);
  expect(
    await toldToRenew(codexLogin({ refreshedAt: NOW - DAY, issuedAt: NOW - 10 * DAY, expiresAt: NOW + 4 * MINUTE })),
  ).toEqual([false, true]);
});

test('an account in the reply is no success if the file did not change', async () => {
  const context = machine(login(HALFWAY), () => ({ result: { account: {} } }), {
    fetch: () => new Response(null, { status: 405 }),
  });
  await expect(provider().refresh(context)).rejects.toMatchObject({
    code: 'KA_OFFLINE',
    details: { reason: expect.stringContaining('does not say why') },
  });
  expect(context.calls.fetch).toMatchObject([{ method: 'HEAD', url: ENDPOINT }]);
});

const log = (status: number) =>
  `ERROR codex_login::auth::manager: Failed to refresh token \x1b[3mstatus\x1b[0m\x1b[2m=\x1b[0m${status} Something`;
const noAccount = { result: { account: null, requiresOpenaiAuth: true } };
const refusing = (status: number): FakeOverrides => ({ fetch: () => new Response('<html>', { status }) });
const online: FakeOverrides = { fetch: () => new Response(null, { status: 405 }) };
test.each<[string, object, FakeOverrides, object]>([
  ['refused once with 401', { ...noAccount, log: log(401) }, online, { status: 'deferred', until: expect.any(Date) }],
  ['refused once with 400', { ...noAccount, log: log(400) }, online, { status: 'deferred' }],
  ['rate-limited', { error: {}, log: log(429) }, online, { status: 'rate-limited' }],
  ['answered with a server error', { error: {}, log: log(503) }, online, { code: 'KA_OFFLINE' }],
  ['without an account and without a reason', noAccount, online, { code: 'KA_OFFLINE' }],
  [
    'with an account, and a refusal in the log',
    { result: { account: {} }, log: log(401) },
    online,
    { code: 'KA_OFFLINE' },
  ],
  [
    'refused with 401 by a page',
    { ...noAccount, log: `${log(401)} body=<html>Zscaler: sign in</html>` },
    online,
    { code: 'KA_INTERCEPTED' },
  ],
  [
    'refused once with 401 in JSON that names no reason',
    { ...noAccount, log: `${log(401)} body={"error":{"type":"server_error","code":null}}` },
    online,
    { status: 'deferred' },
  ],
  [
    'refused with 401 in JSON',
    { ...noAccount, log: `${log(401)} body={"error":{"code":"refresh_token_reused","message":"Your session` },
    online,
    { status: 'login-required', hint: 'Run `codex login`.', proof: expect.stringContaining('401') },
  ],
  [
    'of 2025 refused with 401 in JSON',
    { ...noAccount, log: 'ERROR auth: Failed to refresh token: 401 Unauthorized: {"error":"invalid_grant"}' },
    online,
    { status: 'login-required' },
  ],
  [
    'of 2025 refused with 401 by a page',
    { ...noAccount, log: 'ERROR auth: Failed to refresh token: 401 Unauthorized: <!DOCTYPE html>' },
    online,
    { code: 'KA_INTERCEPTED' },
  ],
  [
    'rejected with 403',
    { error: {}, log: log(403) },
    online,
    { code: 'KA_INTERCEPTED', details: { reason: expect.stringContaining('codex reported HTTP 403 from the vendor') } },
  ],
  ['rejected with 407', { error: {}, log: log(407) }, online, { code: 'KA_INTERCEPTED' }],
  [
    'refused with 401 by a proxy that refuses everything',
    { ...noAccount, log: log(401) },
    refusing(401),
    { code: 'KA_INTERCEPTED' },
  ],
  [
    'refused with 401 by a network that requires a login',
    { ...noAccount, log: log(401) },
    refusing(511),
    { code: 'KA_INTERCEPTED' },
  ],
  ['refused with 401, before the network went away', { ...noAccount, log: log(401) }, {}, { code: 'KA_OFFLINE' }],
  ['without a network', { error: {} }, {}, { code: 'KA_OFFLINE' }],
])('a codex %s', async (_name, reply, world, expected) => {
  const outcome = provider()
    .refresh(machine(login(HALFWAY), () => reply, world))
    .catch((error: unknown) => error);
  expect(await outcome).toMatchObject(expected);
});

test('a refusal of which codex shows only the status is believed if it is repeated a minute later', async () => {
  const refused = { ...noAccount, log: log(401) };
  const context = machine(login(HALFWAY), () => refused, online);
  const refreshAt = (now: number) => provider().refresh({ ...context, now: () => now });
  expect(await refreshAt(NOW)).toMatchObject({ status: 'deferred', until: new Date(NOW + MINUTE) });
  expect(await refreshAt(NOW + MINUTE - 1)).toMatchObject({ status: 'deferred', until: new Date(NOW + MINUTE) });
  expect(await refreshAt(NOW + MINUTE)).toMatchObject({
    status: 'login-required',
    hint: 'Run `codex login`.',
    proof: expect.stringContaining('401'),
  });
});

test('with the method touch and no program it is unavailable, and nothing is spent', async () => {
  const context = machine(login(HALFWAY));
  expect(await provider({ method: 'touch', program: 'codex-nightly' }).refresh(context)).toMatchObject({
    status: 'unavailable',
    hint: expect.stringContaining('There is no codex-nightly.'),
  });
  expect(context.calls.fetch).toEqual([]);
});

test('a program may be given by its path', async () => {
  const context = machine(login(HALFWAY), renewing, { programs: { '/home/you/bin/codex': '/home/you/bin/codex' } });
  expect((await provider({ program: '~/bin/codex' }).refresh(context)).status).toBe('refreshed');
});
