import { expect, test } from 'vitest';
import claude from '../../../plugins/claude/index.ts';
import type { FakeContext, FakeOverrides } from '../../../sdk/testing/index.ts';
import { claudeLogin, EMPTIED } from '../../support/vendors/claude-login.ts';
import {
  DAY,
  ENDING,
  EXPIRED,
  HOUR,
  login,
  LOGIN_ENDS,
  machine,
  MINUTE,
  NOW,
  provider,
  RENEWED,
  STORE,
  YOUNG,
} from '../../support/vendors/claude-machine.ts';

const ENDPOINT = 'https://platform.claude.com/v1/oauth/token';

const reply = (changes: object = {}) =>
  Response.json({
    token_type: 'Bearer',
    access_token: 'CANARY-access-of-CANARY-refresh-2',
    refresh_token: 'CANARY-refresh-2',
    expires_in: 28_800,
    ...changes,
  });
const answering = (answer: (request: Request) => Response, world: FakeOverrides = {}): FakeOverrides => ({
  fetch: answer,
  ...world,
});
const stored = async ({ files }: FakeContext) => JSON.parse((await files.read(STORE)) ?? '{}').claudeAiOauth;

test('without claude, `auto` sends and stores like claude, and keeps other members', async () => {
  const strange = { unknown: { kept: true } };
  const context = machine(
    { [STORE]: claudeLogin(ENDING, strange, { mcpOAuth: { a: { b: 1 } } }) },
    undefined,
    answering(() => reply()),
  );
  expect(await provider().refresh(context)).toEqual({
    status: 'refreshed',
    method: 'redeem',
    expiresAt: new Date(NOW + 8 * HOUR),
    loginExpiresAt: new Date(LOGIN_ENDS),
  });
  expect(context.calls.fetch).toMatchObject([{ method: 'POST', url: ENDPOINT }]);
  expect(context.calls.fetch[0]?.headers.get('content-type')).toBe('application/json');
  expect(JSON.parse(context.calls.fetch[0]?.body ?? '')).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'CANARY-refresh-1',
    client_id: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
    scope: 'user:inference user:profile',
  });
  expect(await context.files.read(STORE)).toBe(claudeLogin(RENEWED, strange, { mcpOAuth: { a: { b: 1 } } }));
});

test("the locks are claude's, in claude's order, and the file is written inside them all", async () => {
  const context = machine(
    login(ENDING),
    undefined,
    answering(() => reply()),
  );
  await provider().refresh(context);
  const home = '/home/you/.claude';
  expect(context.files.changes.filter(change => !change.startsWith('journal'))).toEqual([
    `lock ${home}/.oauth_refresh.lock`,
    `lock ${home}.lock`,
    `lock ${home}/.storage-write.lock`,
    `replace ${home}/.credentials.json`,
  ]);
});

test('the members of the reply are stored, and missing ones keep their value', async () => {
  const dated = machine(
    login(ENDING),
    undefined,
    answering(() => reply({ refresh_token_expires_in: 86_400, scope: 'user:inference user:plugins' })),
  );
  expect(await provider().refresh(dated)).toMatchObject({ loginExpiresAt: new Date(NOW + DAY) });
  expect(await stored(dated)).toMatchObject({
    refreshTokenExpiresAt: NOW + DAY,
    scopes: ['user:inference', 'user:plugins'],
  });
  const untold = machine(
    login(ENDING),
    undefined,
    answering(() => reply({ refresh_token: undefined })),
  );
  await provider().refresh(untold);
  expect(await stored(untold)).toMatchObject({
    refreshToken: 'CANARY-refresh-1',
    refreshTokenExpiresAt: LOGIN_ENDS,
    scopes: ['user:inference', 'user:profile'],
  });
});

test('a token of another client is redeemed with the id of that client', async () => {
  const context = machine(
    { [STORE]: claudeLogin(ENDING, { clientId: 'other', scopes: undefined }) },
    undefined,
    answering(() => reply()),
  );
  await provider().refresh(context);
  expect(JSON.parse(context.calls.fetch[0]?.body ?? '')).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'CANARY-refresh-1',
    client_id: 'other',
  });
});

test.each<[string, () => Response, object]>([
  [
    'an invalid grant',
    () => Response.json({ error: 'invalid_grant' }, { status: 400 }),
    { status: 'login-required', proof: expect.stringContaining('invalid_grant') },
  ],
  [
    'an invalid grant in another form',
    () => Response.json({ error: { type: 'invalid_grant' } }, { status: 401 }),
    { status: 'login-required' },
  ],
  [
    '401 for another reason',
    () => Response.json({ error: { type: 'authentication_error' } }, { status: 401 }),
    { code: 'KA_UNEXPECTED_ANSWER' },
  ],
  [
    'an invalid client',
    () => Response.json({ error: 'invalid_client' }, { status: 400 }),
    { code: 'KA_UNEXPECTED_ANSWER' },
  ],
  ['403 with a page', () => new Response('<html>', { status: 403 }), { code: 'KA_INTERCEPTED' }],
  [
    '429',
    () => new Response('', { status: 429, headers: { 'retry-after': '600' } }),
    { status: 'rate-limited', retryAt: new Date(NOW + 10 * MINUTE) },
  ],
  ['500', () => new Response('oops', { status: 500 }), { code: 'KA_OFFLINE' }],
  [
    'no network',
    () => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) });
    },
    { code: 'KA_OFFLINE' },
  ],
])('an answer of %s', async (_name, answer, expected) => {
  const context = machine(login(EXPIRED), undefined, answering(answer));
  const before = await context.files.read(STORE);
  expect(
    await provider()
      .refresh(context)
      .catch((error: unknown) => error),
  ).toMatchObject(expected);
  expect(await context.files.read(STORE)).toBe(before);
  expect(context.calls.fetch).toHaveLength(1);
});

test.each<[string, string | undefined, object]>([
  ['another token', claudeLogin(RENEWED), { status: 'fresh', expiresAt: new Date(NOW + 8 * HOUR) }],
  ['an emptied credential', EMPTIED, { status: 'login-required', proof: expect.stringContaining('emptied') }],
  ['no file', undefined, { status: 'unavailable' }],
])('a refusal, after which the file holds %s', async (_name, text, expected) => {
  let refused = false;
  const context = machine(
    login(EXPIRED),
    undefined,
    answering(() => {
      refused = true;
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    }),
  );
  const slow = claude(
    {},
    {
      platform: 'linux',
      async wait() {
        if (!refused) return;
        if (text === undefined) context.files.remove(STORE);
        else context.files.write(STORE, text);
      },
    },
  );
  expect(await slow.refresh(context)).toMatchObject(expected);
});

test('a token that was renewed while the locks were taken is fresh, and nothing is spent', async () => {
  const context = machine(
    login(EXPIRED),
    undefined,
    answering(() => reply()),
  );
  const lock: typeof context.files.lock = path => {
    context.files.write(STORE, claudeLogin(RENEWED));
    return context.files.lock(path);
  };
  expect(await provider().refresh({ ...context, files: { ...context.files, lock } })).toMatchObject({
    status: 'fresh',
    expiresAt: new Date(NOW + 8 * HOUR),
  });
  expect(context.calls.fetch).toEqual([]);
});

test.each(['.claude/.oauth_refresh.lock', '.claude.lock'])(
  'if ~/%s is locked, nothing is spent and no lock is kept',
  async held => {
    const context = machine(
      login(EXPIRED),
      undefined,
      answering(() => reply()),
    );
    const release = await context.files.lock(`~/${held}`);
    expect(await provider().refresh(context)).toMatchObject({ status: 'deferred', method: 'redeem' });
    expect(context.calls.fetch).toEqual([]);
    await release?.();
    expect((await provider().refresh(context)).status).toBe('refreshed');
  },
);

test('a file that disappears during the exchange is not created again', async () => {
  const context: FakeContext = machine(
    login(EXPIRED),
    undefined,
    answering(() => {
      context.files.remove(STORE);
      return reply();
    }),
  );
  expect((await provider().refresh(context)).status).toBe('unavailable');
  expect(await context.files.read(STORE)).toBeUndefined();
});

test('while another claude writes, the successor waits in the journal for the next attempt, even a touch', async () => {
  const context = machine(
    login(EXPIRED),
    undefined,
    answering(() => reply()),
  );
  const release = await context.files.lock('~/.claude/.storage-write.lock');
  await expect(provider().refresh(context)).rejects.toMatchObject({ code: 'KA_STORE_LOCKED' });
  await release?.();
  expect((await provider({ method: 'touch' }).refresh(context)).status).toBe('refreshed');
  expect(await stored(context)).toMatchObject({ refreshToken: 'CANARY-refresh-2' });
  expect(context.calls.fetch).toHaveLength(1);
});

test('the vendor is asked at most once in 5 minutes, even after a restart', async () => {
  let now = NOW;
  const asking = (force: boolean, answer = reply()) =>
    machine(
      login(YOUNG),
      undefined,
      answering(() => answer, { force, now: () => now }),
    );
  const first = asking(true);
  expect((await provider().refresh(first)).status).toBe('refreshed');
  const again = { ...asking(true), files: first.files };
  now += 4 * MINUTE;
  expect(await provider().refresh(again)).toMatchObject({ status: 'fresh', expiresAt: new Date(NOW + 8 * HOUR) });
  first.files.write(STORE, claudeLogin(EXPIRED));
  expect(await provider().refresh(again)).toMatchObject({ status: 'deferred', until: new Date(NOW + 5 * MINUTE) });
  expect(again.calls.fetch).toEqual([]);
  now += 2 * MINUTE;
  expect((await provider().refresh(again)).status).toBe('refreshed');
});

test('a login that is not due is left alone, unless forced', async () => {
  const context = machine(
    login(YOUNG),
    undefined,
    answering(() => reply()),
  );
  expect(await provider({ method: 'redeem' }).refresh(context)).toMatchObject({ status: 'fresh', method: 'redeem' });
  expect((await provider({ method: 'redeem' }).refresh({ ...context, force: true })).status).toBe('refreshed');
});
