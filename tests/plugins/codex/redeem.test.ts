import { expect, test } from 'vitest';
import codex from '../../../plugins/codex/index.ts';
import type { FakeContext, FakeOverrides } from '../../../sdk/testing/index.ts';
import { codexLogin, idToken } from '../../support/vendors/codex-login.ts';
import {
  AUTH,
  DAY,
  HALFWAY,
  MINUTE,
  NOW,
  RENEWED,
  file,
  login,
  machine,
  provider,
} from '../../support/vendors/codex-machine.ts';

const ENDPOINT = 'https://auth.openai.com/oauth/token';

const reply = (changes: object = {}) =>
  Response.json({
    access_token: JSON.parse(codexLogin(RENEWED)).tokens.access_token,
    refresh_token: 'CANARY-refresh-2',
    id_token: idToken('account-2'),
    ...changes,
  });
const answering = (answer: () => Response): FakeOverrides => ({ fetch: answer });
const tokens = async ({ files }: FakeContext) => JSON.parse((await files.read(AUTH)) ?? '{}');

test('without codex, `auto` redeems, writes like codex, and keeps other members', async () => {
  const context = machine(
    file(codexLogin(HALFWAY, { unknown: { kept: true } })),
    undefined,
    answering(() => reply()),
  );
  expect(await provider().refresh(context)).toMatchObject({
    status: 'refreshed',
    expiresAt: new Date(NOW + 10 * DAY),
    method: 'redeem',
  });
  expect(context.calls.fetch).toMatchObject([{ method: 'POST', url: ENDPOINT }]);
  expect(JSON.parse(context.calls.fetch[0]?.body ?? '')).toEqual({
    client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
    grant_type: 'refresh_token',
    refresh_token: 'CANARY-refresh-1',
  });
  expect(await context.files.read(AUTH)).toBe(
    codexLogin(RENEWED, {
      tokens: { ...JSON.parse(codexLogin(RENEWED)).tokens, id_token: idToken('account-2') },
      unknown: { kept: true },
    }),
  );
});

test('missing members of the reply keep their value', async () => {
  const context = machine(
    login(HALFWAY),
    undefined,
    answering(() => reply({ refresh_token: undefined, id_token: undefined })),
  );
  await provider().refresh(context);
  expect(await tokens(context)).toMatchObject({
    tokens: { refresh_token: 'CANARY-refresh-1', id_token: idToken('account-1') },
  });
});

test.each<[string, () => Response, object]>([
  [
    '401 with any error',
    () => Response.json({ error: { message: 'no' } }, { status: 401 }),
    { status: 'login-required', proof: 'The vendor answered 401.' },
  ],
  [
    "401 that is no error in the vendor's shape",
    () => new Response('{}', { status: 401 }),
    { code: 'KA_UNEXPECTED_ANSWER' },
  ],
  [
    '401 with the page of a proxy',
    () => new Response('<html>Zscaler: sign in</html>', { status: 401 }),
    { code: 'KA_INTERCEPTED' },
  ],
  [
    '403 for the country',
    () => Response.json({ error: { code: 'unsupported_country_region_territory' } }, { status: 403 }),
    { code: 'KA_INTERCEPTED', details: { reason: expect.stringContaining('country') } },
  ],
  [
    'a reused token',
    () => Response.json({ error: { code: 'refresh_token_reused' } }, { status: 400 }),
    { status: 'login-required' },
  ],
  [
    'an expired token',
    () => Response.json({ error: 'refresh_token_expired' }, { status: 403 }),
    { status: 'login-required' },
  ],
  [
    'an invalidated token',
    () => Response.json({ code: 'refresh_token_invalidated' }, { status: 400 }),
    { status: 'login-required' },
  ],
  ['an invalid grant', () => Response.json({ error: 'invalid_grant' }, { status: 400 }), { status: 'login-required' }],
  [
    '429',
    () => new Response('', { status: 429, headers: { 'retry-after': '60' } }),
    { status: 'rate-limited', retryAt: new Date(NOW + MINUTE) },
  ],
  ['403', () => new Response('{}', { status: 403 }), { code: 'KA_UNEXPECTED_ANSWER' }],
  ['500', () => new Response('oops', { status: 500 }), { code: 'KA_OFFLINE' }],
])('an answer of %s', async (_name, answer, expected) => {
  const context = machine(login(HALFWAY), undefined, answering(answer));
  const before = await context.files.read(AUTH);
  expect(
    await provider()
      .refresh(context)
      .catch((error: unknown) => error),
  ).toMatchObject(expected);
  expect(await context.files.read(AUTH)).toBe(before);
  expect(context.calls.fetch).toHaveLength(1);
});

test('a refusal counts only if no successor is written within 6 seconds', async () => {
  const context = machine(
    login(HALFWAY),
    undefined,
    answering(() => Response.json({ error: { code: 'token_expired' } }, { status: 401 })),
  );
  let waited = 0;
  const outcome = await codex({}, async ms => {
    waited += ms;
    if (waited >= 5_000) context.files.write(AUTH, codexLogin(RENEWED));
  }).refresh(context);
  expect(outcome).toMatchObject({ status: 'fresh', expiresAt: new Date(NOW + 10 * DAY) });
});

test('a login of another account during the exchange is left alone', async () => {
  const other = codexLogin({ ...RENEWED, refresh: 'CANARY-refresh-of-another' });
  const context: FakeContext = machine(
    login(HALFWAY),
    undefined,
    answering(() => {
      context.files.write(AUTH, other);
      return reply();
    }),
  );
  expect((await provider().refresh(context)).status).toBe('fresh');
  expect(await context.files.read(AUTH)).toBe(other);
});

test("codex's locks are held only during the write", async () => {
  const order: string[] = [];
  const context: FakeContext = machine(login(HALFWAY), undefined, {
    programs: { flock: '/usr/bin/flock' },
    fetch: () => {
      order.push('fetch');
      return reply();
    },
    exec: async call => {
      order.push('lock');
      await call.options.talk?.({
        lines: (async function* () {
          yield 'held';
        })(),
        send: () => {},
      });
      order.push(`unlock after ${(await tokens(context)).tokens.refresh_token}`);
      return {};
    },
  });
  expect((await provider({ method: 'redeem' }).refresh(context)).status).toBe('refreshed');
  expect(order).toEqual(['fetch', 'lock', 'unlock after CANARY-refresh-2']);
  const home = context.files.resolve('~/.codex');
  expect(context.calls.exec).toMatchObject([
    {
      program: '/usr/bin/flock',
      args: [
        '-w',
        '1',
        `${home}/auth.lock`,
        '/usr/bin/flock',
        '-w',
        '1',
        `${home}/auth.json.lock`,
        'sh',
        '-c',
        'echo held; exec timeout 1 cat',
      ],
    },
  ]);
});

test('without the locks the journal keeps the successor, and the next attempt stores it', async () => {
  let busy = true;
  const context = machine(login(HALFWAY), undefined, {
    programs: { flock: '/usr/bin/flock' },
    fetch: () => reply(),
    exec: async call => {
      await call.options.talk?.({
        lines: (async function* () {
          if (!busy) yield 'held';
        })(),
        send: () => {},
      });
      return {};
    },
  });
  await expect(provider().refresh(context)).rejects.toMatchObject({ code: 'KA_STORE_LOCKED' });
  busy = false;
  expect((await provider({ method: 'touch' }).refresh(context)).status).toBe('refreshed');
  expect((await tokens(context)).tokens.refresh_token).toBe('CANARY-refresh-2');
  expect(context.calls.fetch).toHaveLength(1);
});

test.each([
  ['http://127.0.0.1:9/token', 'refreshed'],
  ['https://elsewhere.test/token', 'refreshed'],
  ['http://elsewhere.test/token', 'unavailable'],
  ['nonsense', 'unavailable'],
])('an endpoint of %s in the environment: %s', async (url, status) => {
  const context = machine(login(HALFWAY), undefined, {
    fetch: () => reply(),
    env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: url },
  });
  expect(await provider().refresh(context)).toMatchObject({ status });
  expect(context.calls.fetch.map(call => call.url)).toEqual(status === 'refreshed' ? [url] : []);
});
