import { describe, expect, test } from 'vitest';
import augment, { autodetect, type AugmentOptions } from '../../../plugins/augment/index.ts';
import { fakeContext, testProvider, type FakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const JAR = '~/augment.txt';
const options: AugmentOptions = { jar: JAR };

type Given = { readonly name?: string; readonly domain?: string; readonly minutes?: number };

/** A cookies.txt with cookies that expire in this many minutes. */
const jar = (...given: readonly Given[]) =>
  [
    '# Netscape HTTP Cookie File',
    ...given.map(({ name = 'session', domain = '#HttpOnly_app.augmentcode.com', minutes }) =>
      [
        domain,
        domain.startsWith('.') ? 'TRUE' : 'FALSE',
        '/',
        'TRUE',
        minutes === undefined ? 0 : NOW / 1_000 + minutes * 60,
        name,
        `CANARY-${name}-1`,
      ].join('\t'),
    ),
    '',
  ].join('\n');

const machine = (text: string, fetch?: FakeOverrides['fetch'], world: FakeOverrides = {}): FakeContext =>
  fakeContext({ now: () => NOW, files: { [JAR]: text }, fetch, ...world });

const refresh = (context: FakeContext, more: AugmentOptions = {}): Promise<unknown> =>
  augment({ ...options, ...more }, async () => {})
    .refresh(context)
    .catch((error: unknown) => error);

const json =
  (status: number, body: unknown = {}, headers: [string, string][] = []) =>
  () =>
    new Response(JSON.stringify(body), { status, headers });
const html =
  (status: number, headers = {}) =>
  () =>
    new Response('<!doctype html><title>Augment</title>', { status, headers });
const fails = (code: string) => () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
};
const user = json(200, { user: { email: 'x' } });
const inTurn = (...answers: (() => Response)[]) => {
  const left = [...answers];
  return () => (left.shift() ?? json(404))();
};

test('its three pages are requested in order, as by its own site, until one recognizes the session', async () => {
  const context = machine(jar({}), inTurn(json(404), json(200, {}), json(200, { email: 'x' })));
  expect(await refresh(context)).toMatchObject({ status: 'refreshed', method: 'ping' });
  expect(
    context.calls.fetch.map(({ method, url, headers }) => [
      method,
      url,
      headers.get('cookie'),
      headers.get('origin'),
      headers.get('referer'),
      headers.get('accept'),
    ]),
  ).toEqual(
    ['/api/auth/session', '/api/session', '/api/user'].map(path => [
      'GET',
      `https://app.augmentcode.com${path}`,
      'session=CANARY-session-1',
      'https://app.augmentcode.com',
      'https://app.augmentcode.com/',
      'application/json',
    ]),
  );
});

const REFRESHED = { status: 'refreshed' };
const OVER = {
  status: 'login-required',
  hint: 'Sign in at https://app.augmentcode.com and save its cookies to ~/augment.txt.',
  proof: 'The site answered 401.',
};
const OFFLINE = { code: 'KA_OFFLINE' };
const INTERCEPTED = { code: 'KA_INTERCEPTED' };
const UNEXPECTED = { code: 'KA_UNEXPECTED_ANSWER' };

describe('the meaning of the responses', () => {
  test.each<[string, FakeOverrides['fetch'], object]>([
    ['a user', user, REFRESHED],
    ['an e-mail address', json(200, { email: 'x' }), REFRESHED],
    ['a session', json(200, { session: { id: 1 } }), REFRESHED],
    ['null, which Auth.js sends without a session', json(200, null), UNEXPECTED],
    ['no user', json(200, { user: null, email: '', session: false }), UNEXPECTED],
    ['401 everywhere', json(401), OVER],
    ['401, then a user', inTurn(json(401), user), REFRESHED],
    ['an outage, then a user', inTurn(json(503), user), REFRESHED],
    ['401, then 404', inTurn(json(401), json(404), json(404)), OVER],
    ['401, then an outage', inTurn(json(401), json(503), json(503)), OVER],
    ['401 with a web page everywhere', html(401), INTERCEPTED],
    ['401, then the start page for unknown pages', inTurn(json(401), html(200), html(200)), OVER],
    ['a web page everywhere', html(200), INTERCEPTED],
    ['403', json(403), UNEXPECTED],
    ['403 with a web page, as of a bot check', html(403), INTERCEPTED],
    ['404', json(404), UNEXPECTED],
    ['429', json(429), { status: 'rate-limited' }],
    ['429, then 401', inTurn(json(429), json(401), json(401)), { status: 'rate-limited' }],
    ['500', json(500), OFFLINE],
    ['503 with a web page', html(503), OFFLINE],
    ['a redirect to another site', html(307, { location: 'https://portal.test/' }), INTERCEPTED],
    ['a redirect to its own login', html(307, { location: 'https://auth.augmentcode.com/login' }), UNEXPECTED],
    ['a redirect on its own host', html(302, { location: '/login' }), UNEXPECTED],
    ['a redirect to nowhere', html(302), INTERCEPTED],
    ['no network', fails('ENETUNREACH'), OFFLINE],
    [
      'a silent peer',
      () => {
        throw new DOMException('timed out', 'TimeoutError');
      },
      OFFLINE,
    ],
  ])('%s', async (_name, fetch, expected) => {
    const context = machine(jar({}), fetch);
    expect(await refresh(context)).toMatchObject(expected);
    expect(await context.files.read(JAR)).toBe(jar({}));
  });

  test.each<[string, FakeOverrides['fetch']]>([
    ['a 404 of the site', json(404)],
    ['a captive portal', html(302, { location: 'https://portal.test/' })],
  ])('expired cookies need a login, regardless of the response: %s', async (_name, fetch) => {
    expect(await refresh(machine(jar({ minutes: -4 }), fetch))).toMatchObject({
      status: 'login-required',
      proof: expect.stringContaining('The cookies ended on 2025-12-31'),
    });
    expect(await refresh(machine(jar({ minutes: -4 }), fails('ENOTFOUND')))).toMatchObject(OFFLINE);
  });
});

describe('only the cookies of the session drive the schedule', () => {
  test.each<[string, Given[], number | undefined]>([
    ['one that ends soon', [{ minutes: 7 }, { name: '_ga', domain: '.augmentcode.com', minutes: 1 }], 7],
    ['the first of two', [{ minutes: 9 }, { name: '__Secure-next-auth.session-token', minutes: 8 }], 8],
    ['one of the whole domain', [{ name: 'auth0', domain: '.augmentcode.com', minutes: 6 }], 6],
    ['none with an expiry', [{}, { name: '_ga', minutes: 1 }], undefined],
  ])('%s', async (_name, given, minutes) => {
    const seen = await augment(options).inspect?.(machine(jar(...given)));
    expect(seen).toMatchObject({ present: true, method: 'ping' });
    expect(seen?.expiresAt).toEqual(minutes === undefined ? undefined : new Date(NOW + minutes * 60_000));
  });

  test.each<[string, string]>([
    ['analytics only', jar({ name: '_ga', domain: '.augmentcode.com' })],
    ['another site', jar({ domain: '.example.com' })],
    ['a look-alike', jar({ domain: '.evilaugmentcode.com' })],
    ['another subdomain', jar({ domain: 'www.augmentcode.com' })],
  ])('where there is none, nothing is sent: %s', async (_name, text) => {
    const context = machine(text, user);
    expect(await refresh(context)).toEqual({ status: 'unavailable', hint: OVER.hint, method: 'ping' });
    expect(context.calls.fetch).toEqual([]);
  });

  test('nor if the file has no cookie, which the hint says', async () => {
    const context = machine(jar(), user);
    expect(await refresh(context)).toEqual({
      status: 'unavailable',
      hint: expect.stringMatching(/^There are no cookies in /),
      method: 'ping',
    });
    expect(context.calls.fetch).toEqual([]);
  });
});

test('method observe only inspects, without a network', async () => {
  for (const [minutes, status] of [
    [4, 'fresh'],
    [undefined, 'fresh'],
    [-4, 'login-required'],
  ] as const) {
    const context = machine(jar({ ...(minutes !== undefined && { minutes }) }), user);
    expect(await refresh(context, { method: 'observe' })).toMatchObject({ status, method: 'observe' });
    expect(context.calls.fetch).toEqual([]);
  }
});

test('the options of a configuration entry', () => {
  const kept = (given: AugmentOptions) => augment(given).policy?.schedule;
  expect(autodetect).toBe(true);
  expect(kept({ auggie: true })).toEqual({ mode: 'interval', every: '60m' });
  for (const web of [{}, options, { browser: 'firefox' } as const])
    expect(kept(web)).toEqual({ mode: 'before-expiry', buffer: '5m' });
  for (const wrong of [
    { jar: 'a', browser: 'firefox' },
    { browser: 'safari' },
    { auggie: false },
    { method: 'redeem' },
    { jars: 'a' },
  ]) {
    expect(() => augment(wrong as AugmentOptions)).toThrow(expect.objectContaining({ code: 'KA_CONFIG_INVALID' }));
  }
});

test('it passes the provider contract tests', async () => {
  const renewing = json(200, { user: 1 }, [
    ['set-cookie', 'session=CANARY-session-2; Max-Age=7200; Path=/; Secure; HttpOnly'],
  ]);
  const { checks } = await testProvider(
    augment(options, async () => {}),
    {
      scenarios: [
        { name: 'about to end', expect: 'refreshed', context: world => machine(jar({ minutes: 4 }), renewing, world) },
        { name: 'signed out', expect: 'login-required', context: world => machine(jar({}), json(401), world) },
        { name: 'behind a captive portal', expect: 'throws', context: world => machine(jar({}), html(200), world) },
        { name: 'no network', expect: 'throws', context: world => machine(jar({}), undefined, world) },
      ],
    },
  );
  expect(checks.filter(({ problem }) => problem)).toEqual([]);
});
