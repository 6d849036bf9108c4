import { describe, expect, test } from 'vitest';
import augment, { type AugmentOptions } from '../../../plugins/augment/index.ts';
import { fakeContext, testProvider, type FakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const FILE = '~/.augment/session.json';
const TENANT = 'https://d1.api.augmentcode.com/';

const session = (changes: object = {}) =>
  JSON.stringify({ accessToken: 'CANARY-access-token', tenantURL: TENANT, scopes: ['email'], ...changes });

const json =
  (status: number, headers = {}, body: unknown = {}) =>
  () =>
    new Response(JSON.stringify(body), { status, headers });
const html =
  (status: number, headers = {}) =>
  () =>
    new Response('<!DOCTYPE html><title>Free Wi-Fi</title>', { status, headers });
const fails = (code: string) => () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
};

const machine = (fetch?: FakeOverrides['fetch'], world: FakeOverrides = {}): FakeContext =>
  fakeContext({ now: () => NOW, files: { [FILE]: session() }, fetch, ...world });

const refresh = (context: FakeContext): Promise<unknown> =>
  augment({}, async () => {})
    .refresh(context)
    .catch((error: unknown) => error);

const KEPT = { status: 'fresh', method: 'observe' };
const ONCE = { status: 'deferred', until: new Date(NOW + 60_000) };
const OFFLINE = { code: 'KA_OFFLINE' };
const INTERCEPTED = { code: 'KA_INTERCEPTED' };
const UNEXPECTED = { code: 'KA_UNEXPECTED_ANSWER' };

describe('the meaning of one response', () => {
  test.each<[string, FakeOverrides['fetch'], object]>([
    ['200', json(200, {}, { models: [] }), KEPT],
    ['200 with the page of a captive portal', html(200), INTERCEPTED],
    ['200 with an empty body', () => new Response(''), UNEXPECTED],
    ['401', json(401), ONCE],
    ['401 with the page of a captive portal', html(401), INTERCEPTED],
    [
      '401 with a page that begins with a comment',
      () => new Response('<!-- proxy --><html>', { status: 401 }),
      INTERCEPTED,
    ],
    ['401 with a plain text', () => new Response('no', { status: 401 }), UNEXPECTED],
    ['403', json(403), UNEXPECTED],
    ['403 with a page', html(403), INTERCEPTED],
    ['404', json(404), UNEXPECTED],
    ['407 of a proxy, with its page', html(407), INTERCEPTED],
    ['400', json(400), UNEXPECTED],
    [
      '403 for the country, in JSON',
      json(403, {}, { error: { code: 'unsupported_country_region_territory' } }),
      INTERCEPTED,
    ],
    ['451', json(451), INTERCEPTED],
    ['511', json(511), INTERCEPTED],
    ['429', json(429, { 'retry-after': '120' }), { status: 'rate-limited', retryAt: new Date(NOW + 120_000) }],
    [
      '429 with a date',
      json(429, { 'retry-after': new Date(NOW + 5_000).toUTCString() }),
      { status: 'rate-limited', retryAt: new Date(NOW + 5_000) },
    ],
    ['429 with a page', html(429), { status: 'rate-limited', retryAt: undefined }],
    ['500', json(500), OFFLINE],
    ['502 with a page', html(502), OFFLINE],
    ['503', json(503), OFFLINE],
    ['a redirect to another site', html(302, { location: 'http://portal.test/login' }), INTERCEPTED],
    ['a redirect within the site', json(302, { location: 'https://login.augmentcode.com/' }), UNEXPECTED],
    ['no network', fails('ENETUNREACH'), OFFLINE],
    ['a name that is not found', fails('ENOTFOUND'), OFFLINE],
    ['a connection that is reset', fails('ECONNRESET'), OFFLINE],
    ['a certificate for another host', fails('ERR_TLS_CERT_ALTNAME_INVALID'), OFFLINE],
    [
      'a response that breaks off',
      () => new Response(new ReadableStream({ start: controller => controller.error(new Error('terminated')) })),
      OFFLINE,
    ],
  ])('%s', async (_name, fetch, expected) => {
    const context = machine(fetch);
    expect(await refresh(context)).toMatchObject(expected);
    expect(context.calls.exec).toEqual([]);
    expect(await context.files.read(FILE)).toBe(session());
  });
});

test('it requests the models of its tenant with its own token', async () => {
  const context = machine(json(200));
  await refresh(context);
  expect(context.calls.fetch).toMatchObject([{ method: 'POST', url: `${TENANT}get-models`, body: '{}' }]);
  expect(context.calls.fetch[0]?.headers.get('authorization')).toBe('Bearer CANARY-access-token');
  expect(context.calls.fetch[0]?.headers.get('user-agent')).toBeNull();
  expect(context.calls.concealed).toContain('CANARY-access-token');
});

describe('a login ends after two refusals at least a minute apart', () => {
  const minutes = (at: number) => NOW + at * 60_000;

  /** The outcomes of these responses, at the given minutes. */
  async function over(
    steps: readonly (readonly [minute: number, fetch: FakeOverrides['fetch'], token?: string])[],
  ): Promise<string[]> {
    const { files } = machine();
    const seen: string[] = [];
    for (const [at, fetch, token = 'CANARY-access-token'] of steps) {
      files.write(FILE, session({ accessToken: token }));
      // A new provider each time, because a restart must not forget the first refusal.
      const result = await refresh(machine(fetch, { files, now: () => minutes(at) }));
      const { status, code } = result as { status?: string; code?: string };
      seen.push(status ?? code ?? 'nothing');
    }
    return seen;
  }

  test.each<[string, Parameters<typeof over>[0], string[]]>([
    [
      'at once',
      [
        [0, json(401)],
        [0.9, json(401)],
        [1, json(401)],
      ],
      ['deferred', 'deferred', 'login-required'],
    ],
    [
      'an hour later',
      [
        [0, json(401)],
        [60, json(401)],
      ],
      ['deferred', 'login-required'],
    ],
    [
      'with an outage in between',
      [
        [0, json(401)],
        [1, json(503)],
        [2, json(401)],
      ],
      ['deferred', 'KA_OFFLINE', 'login-required'],
    ],
    [
      'but not if it was accepted in between',
      [
        [0, json(401)],
        [1, json(200)],
        [2, json(401)],
      ],
      ['deferred', 'fresh', 'deferred'],
    ],
    [
      'nor if the token has changed',
      [
        [0, json(401)],
        [2, json(401), 'CANARY-other-token'],
      ],
      ['deferred', 'deferred'],
    ],
    [
      'nor after captive portals',
      [
        [0, html(401)],
        [2, html(401)],
        [4, html(401)],
      ],
      ['KA_INTERCEPTED', 'KA_INTERCEPTED', 'KA_INTERCEPTED'],
    ],
    [
      'nor after one refusal and a captive portal',
      [
        [0, json(401)],
        [2, html(401)],
      ],
      ['deferred', 'KA_INTERCEPTED'],
    ],
    [
      'and it stays ended',
      [
        [0, json(401)],
        [2, json(401)],
        [9, json(401)],
      ],
      ['deferred', 'login-required', 'login-required'],
    ],
  ])('%s', async (_name, steps, expected) => {
    expect(await over(steps)).toEqual(expected);
  });

  test('the outcome has a hint and a proof', async () => {
    const { files } = machine();
    await refresh(machine(json(401), { files }));
    expect(await refresh(machine(json(401), { files, now: () => minutes(2) }))).toEqual({
      status: 'login-required',
      hint: 'Run `auggie login`.',
      proof: 'Augment answered 401 twice, 120 s apart.',
      method: 'observe',
    });
  });
});

describe('the token is sent only to Augment', () => {
  test.each([
    'http://d1.api.augmentcode.com/',
    'https://augmentcode.com.evil.test/',
    'https://evil-augmentcode.com/',
    'https://augmentcode.com@evil.test/',
    'https://evil.test/?.augmentcode.com',
    'https://evil.test/#.augmentcode.com',
    'https://localhost.evil.test/',
    'http://127.0.0.1.evil.test/',
    'ftp://d1.api.augmentcode.com/',
    'd1.api.augmentcode.com',
  ])('not to %s', async tenantURL => {
    const context = machine(json(200), { files: { [FILE]: session({ tenantURL }) } });
    expect(await refresh(context)).toMatchObject({
      status: 'unavailable',
      hint: expect.stringContaining('is not an https:// address of augmentcode.com'),
    });
    expect(context.calls.fetch).toEqual([]);
  });

  test.each([
    ['https://d1.api.augmentcode.com', 'https://d1.api.augmentcode.com/get-models'],
    ['https://e5.api.augmentcode.com/x/', 'https://e5.api.augmentcode.com/x/get-models'],
    ['http://127.0.0.1:9/', 'http://127.0.0.1:9/get-models'],
  ])('but to %s', async (tenantURL, asked) => {
    const context = machine(json(200), { files: { [FILE]: session({ tenantURL }) } });
    expect(await refresh(context)).toMatchObject(KEPT);
    expect(context.calls.fetch[0]?.url).toBe(asked);
  });
});

describe('without a login', () => {
  test.each<[string, string | undefined, AugmentOptions, RegExp]>([
    ['no file', undefined, {}, /^Run `auggie login`\. .*\{ jar: /],
    ['no token', session({ accessToken: '' }), {}, /^Run `auggie login`\. .*\{ browser: /],
    ['no tenant', session({ tenantURL: undefined }), { auggie: true }, /^Run `auggie login`\.$/],
    [
      'another account',
      session(),
      { auggie: { home: '~/work' } },
      /^Run `auggie --augment-cache-dir ~\/work login`\.$/,
    ],
  ])('%s', async (_name, text, options, hint) => {
    const context = fakeContext(text === undefined ? {} : { files: { [FILE]: text } });
    const provider = augment(options, async () => {});
    expect(await provider.refresh(context)).toEqual({
      status: 'unavailable',
      hint: expect.stringMatching(hint),
      method: 'observe',
    });
    expect(await provider.inspect?.(context)).toMatchObject({ present: false, hint: expect.stringMatching(hint) });
    expect(context.calls.fetch).toEqual([]);
  });

  test('a half-written file is read again, then reported', async () => {
    expect(await refresh(machine(json(200), { files: { [FILE]: session().slice(0, 30) } }))).toMatchObject({
      code: 'KA_STORE_UNREADABLE',
    });
  });
});

test('it can be inspected, and another account has another home', async () => {
  const provider = augment({ id: 'augment-work', auggie: { home: '~/work' } });
  const context = fakeContext({ files: { '~/work/session.json': session() }, programs: { auggie: '/bin/auggie' } });
  expect(await provider.inspect?.(context)).toEqual({
    present: true,
    store: '/home/you/work/session.json',
    owner: 'auggie',
    program: '/bin/auggie',
    method: 'observe',
    fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(provider).toMatchObject({
    id: 'augment-work',
    displayName: 'Augment (augment-work)',
    policy: { schedule: { mode: 'interval', every: '60m' } },
  });
  let changes = 0;
  provider.watch?.(context, () => void changes++);
  context.files.write('~/work/session.json', session({ accessToken: 'CANARY-other-token' }));
  expect(changes).toBe(1);
});

test('it passes the provider contract tests', async () => {
  const { checks } = await testProvider(augment, {
    scenarios: [
      { name: 'signed in', expect: 'fresh', context: world => machine(json(200), world) },
      { name: 'refused once', expect: 'deferred', context: world => machine(json(401), world) },
      { name: 'behind a captive portal', expect: 'throws', context: world => machine(html(401), world) },
      { name: 'no network', expect: 'throws', context: world => machine(undefined, world) },
    ],
  });
  expect(checks.filter(({ problem }) => problem)).toEqual([]);
});
