import { describe, expect, test } from 'vitest';
import { CookieJar } from 'tough-cookie';
import cookies, { type CookiesOptions } from '../../../plugins/cookies/index.ts';
import { fakeContext, testProvider, type FakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const JAR = '~/.acme/cookies.json';
const PAGE = 'https://acme.test/api/session';

const provider = (options: Partial<CookiesOptions> = {}) =>
  cookies({ id: 'acme-web', jar: JAR, ping: PAGE, alive: { json: 'user.id' }, ...options });

type Given = { readonly name?: string; readonly value?: string; readonly minutes?: number; readonly changes?: object };

/** tough-cookie's JSON with cookies that expire in this many minutes. */
const jar = (...given: readonly Given[]) =>
  JSON.stringify(
    {
      version: 'tough-cookie@6',
      own: 1,
      cookies: given.map(({ name = 'sid', value = 'CANARY-session-1', minutes, changes }) => ({
        key: name,
        value,
        domain: 'acme.test',
        hostOnly: true,
        path: '/',
        secure: true,
        httpOnly: true,
        creation: new Date(NOW).toISOString(),
        ...(minutes !== undefined && { expires: new Date(NOW + minutes * MINUTE).toISOString() }),
        ...changes,
      })),
    },
    null,
    2,
  );

const alive =
  (...setCookie: readonly string[]) =>
  () =>
    new Response('{"user":{"id":7}}', { headers: setCookie.map(value => ['set-cookie', value] as [string, string]) });

const renewing = alive('sid=CANARY-session-2; Max-Age=7200; Path=/; Secure; HttpOnly');

const ago = (minutes: number) => new Date(NOW - minutes * MINUTE).toISOString();

const site = (text: string, fetch?: FakeOverrides['fetch'], world: FakeOverrides = {}): FakeContext =>
  fakeContext({ now: () => NOW, files: { [JAR]: text }, fetch, ...world });

const refresh = (context: FakeContext, options?: Partial<CookiesOptions>): Promise<unknown> =>
  provider(options)
    .refresh(context)
    .catch((error: unknown) => error);

const sent = ({ calls }: FakeContext) => calls.fetch.map(({ url, headers }) => [url, headers.get('cookie')]);
const stored = async ({ files }: FakeContext) => JSON.parse((await files.read(JAR)) ?? '{}');

describe('what is due', () => {
  test.each<[string, Given[], FakeOverrides, number]>([
    ['with an hour left', [{ minutes: 60 }], {}, 0],
    ['with an hour left, if forced', [{ minutes: 60 }], { force: true }, 1],
    ['with four minutes left', [{ minutes: 4 }], {}, 1],
    ['by the first of its cookies to expire', [{ minutes: 60 }, { name: 'b', minutes: 4 }], {}, 1],
    [
      'but not by a cookie that scripts can read, such as one for analytics',
      [{ minutes: 60 }, { name: 'b', minutes: 4, changes: { httpOnly: false } }],
      {},
      0,
    ],
    ['nor by a leftover expired one', [{ minutes: 60 }, { name: 'b', minutes: -4 }], {}, 0],
    [
      'nor by one of another site',
      [{ minutes: 60 }, { name: 'b', minutes: 4, changes: { domain: 'other.test' } }],
      {},
      0,
    ],
    ['at every tick, if no expiry is known', [{}], {}, 1],
    ['but not after our own write', [{}], { reason: 'changed', last: { status: 'refreshed', at: NOW } }, 0],
    [
      'but after the user replaced an expired one',
      [{}],
      { reason: 'changed', last: { status: 'login-required', at: NOW } },
      1,
    ],
    [
      'of a day, from half of its life on, counted from when it was stored',
      [{ minutes: 660, changes: { creation: ago(780) } }],
      {},
      1,
    ],
    ['of a day, but not before that', [{ minutes: 780, changes: { creation: ago(660) } }], {}, 0],
    [
      'of a day that was stored again since its creation',
      [{ minutes: 780, changes: { creation: ago(9_000), lastAccessed: ago(660) } }],
      {},
      0,
    ],
    ['of a day, by its Max-Age', [{ changes: { maxAge: 86_400, creation: ago(780) } }], {}, 1],
    [
      'from half of its life on, as the kernel saw it, if the file has no creation time',
      [{ minutes: 660, changes: { creation: undefined } }],
      { renewFrom: NOW },
      1,
    ],
    ['but not before that either', [{ minutes: 660, changes: { creation: undefined } }], { renewFrom: NOW + 1 }, 0],
    [
      'by its Max-Age, counted from when it was stored',
      [{ changes: { maxAge: 240, lastAccessed: new Date(NOW).toISOString() } }],
      {},
      1,
    ],
  ])('a session %s', async (_name, given, world, pings) => {
    const context = site(jar(...given), renewing, world);
    await refresh(context);
    expect(sent(context)).toHaveLength(pings);
  });

  test('the session cookies can be configured', async () => {
    const context = site(jar({ minutes: 60 }, { name: 'b', minutes: 4 }), alive());
    expect(await refresh(context, { sessionCookies: ['sid'] })).toMatchObject({
      status: 'fresh',
      expiresAt: new Date(NOW + 60 * MINUTE),
    });
  });
});

test('the life of a cookie does not begin later if the machine slept before the answer came', async () => {
  let now = NOW;
  const sleeping = () => {
    now = NOW + 60 * MINUTE;
    return renewing();
  };
  const context = site(jar({ minutes: 4 }), sleeping, { now: () => now });
  expect(await refresh(context)).toMatchObject({ status: 'refreshed', expiresAt: new Date(NOW + 120 * MINUTE) });
});

test('a cookie counts from its answer if the clock was set forward past its end meanwhile', async () => {
  let now = NOW;
  const late = () => {
    now += 180 * MINUTE;
    return renewing();
  };
  const context = site(jar({ minutes: 4 }), late, { now: () => now });
  expect(await refresh(context)).toMatchObject({ status: 'refreshed', expiresAt: new Date(NOW + 300 * MINUTE) });
  expect(await refresh(context)).toMatchObject({ status: 'fresh' });
});

test('cookies that the site sets are stored, with Max-Age as a date, and everything else is kept', async () => {
  const context = site(jar({ minutes: 4 }, { name: 'other', minutes: 9, changes: { domain: 'other.test' } }), renewing);
  expect(await refresh(context)).toEqual({
    status: 'refreshed',
    expiresAt: new Date(NOW + 120 * MINUTE),
    method: 'ping',
  });
  expect(sent(context)).toEqual([[PAGE, 'sid=CANARY-session-1']]);
  const { own, cookies } = await stored(context);
  expect(own).toBe(1);
  expect(cookies).toMatchObject([
    { key: 'sid', value: 'CANARY-session-2', domain: 'acme.test', expires: new Date(NOW + 120 * MINUTE).toISOString() },
    {
      key: 'other',
      value: 'CANARY-session-1',
      domain: 'other.test',
      expires: new Date(NOW + 9 * MINUTE).toISOString(),
    },
  ]);
  expect(cookies[0].maxAge ?? null).toBeNull();
  expect(await context.files.read(JAR)).toMatch(/^\{\n {2}"version"/);
  expect(
    (await CookieJar.deserialize(await stored(context))).getCookiesSync(PAGE, { expire: false }).map(String),
  ).toHaveLength(1);
});

const row = (...fields: unknown[]) => fields.join('\t');

test('a cookies.txt keeps its format', async () => {
  const before = [
    '# Netscape HTTP Cookie File',
    '# mine',
    row('#HttpOnly_acme.test', 'FALSE', '/', 'TRUE', (NOW + 4 * MINUTE) / 1_000, 'sid', 'CANARY-session-1'),
    row('.acme.test', 'TRUE', '/', 'FALSE', 0, 'theme', 'dark'),
    '',
  ];
  const context = site(before.join('\n'), renewing);
  expect(await refresh(context)).toMatchObject({ status: 'refreshed', expiresAt: new Date(NOW + 120 * MINUTE) });
  expect(sent(context)).toEqual([[PAGE, 'sid=CANARY-session-1; theme=dark']]);
  const after = (await context.files.read(JAR))?.split('\n');
  expect(after).toEqual([
    before[0],
    before[1],
    row('#HttpOnly_acme.test', 'FALSE', '/', 'TRUE', NOW / 1_000 + 7_200, 'sid', 'CANARY-session-2'),
    before[3],
    '',
  ]);
});

test('changes that another program writes meanwhile are kept', async () => {
  const context: FakeContext = site(jar({ minutes: 4 }), () => {
    context.files.write(JAR, jar({ minutes: 4 }, { name: 'new', value: 'CANARY-new-cookie', minutes: 9 }));
    return renewing();
  });
  await refresh(context);
  expect((await stored(context)).cookies).toMatchObject([
    { value: 'CANARY-session-2' },
    { value: 'CANARY-new-cookie' },
  ]);
});

test('a session without an expiry that the site confirms is renewed, and its file is not written', async () => {
  const context = site(jar({}), alive());
  expect(await refresh(context)).toEqual({ status: 'refreshed', expiresAt: undefined, method: 'ping' });
  expect(context.files.changes).toEqual([`lock ${context.files.resolve(JAR)}.lock`]);
});

test('alive but not extended is ineffective if it was due, and fresh if it was early', async () => {
  expect(await refresh(site(jar({ minutes: 4 }), alive()))).toMatchObject({ code: 'KA_INEFFECTIVE' });
  expect(await refresh(site(jar({ minutes: 60 }), alive(), { force: true }))).toMatchObject({ status: 'fresh' });
  expect(await refresh(site(jar({ minutes: 60, changes: { creation: ago(90) } }), alive()))).toMatchObject({
    status: 'fresh',
  });
});

test('a renewed cookie starts a new lifetime, even with the same value', async () => {
  const context = site(
    jar({ minutes: 60, changes: { creation: ago(90) } }),
    alive('sid=CANARY-session-1; Max-Age=7200; Path=/; Secure; HttpOnly'),
  );
  expect(await refresh(context)).toMatchObject({ status: 'refreshed' });
  expect(await refresh(context)).toMatchObject({ status: 'fresh' });
  expect(sent(context)).toHaveLength(1);
});

const status =
  (code: number, headers = {}) =>
  () =>
    new Response('{"user":{"id":7}}', { status: code, headers });
test.each<[string, FakeOverrides['fetch'], object]>([
  [
    '401',
    status(401),
    { status: 'login-required', proof: 'The site answered 401.', hint: expect.stringContaining('Sign in again') },
  ],
  ['429', status(429, { 'retry-after': '60' }), { status: 'rate-limited', retryAt: new Date(NOW + MINUTE) }],
  ['503', status(503), { code: 'KA_OFFLINE' }],
  ['nothing', undefined, { code: 'KA_OFFLINE' }],
  [
    'a redirect to a login',
    status(302, { location: '/login?back=%2F' }),
    { code: 'KA_UNEXPECTED_ANSWER', details: { status: 302, leadsTo: expect.stringMatching(/[a-z0-9]\/login$/) } },
  ],
  ['403', status(403), { code: 'KA_UNEXPECTED_ANSWER' }],
  ['200 without a user', () => new Response('{"user":null}'), { code: 'KA_UNEXPECTED_ANSWER' }],
  ['200 with the page of a captive portal', () => new Response('<html>'), { code: 'KA_INTERCEPTED' }],
])('an answer of %s', async (_name, fetch, expected) => {
  const context = site(jar({}), fetch);
  const before = await context.files.read(JAR);
  expect(await refresh(context)).toMatchObject(expected);
  expect(await context.files.read(JAR)).toBe(before);
});

test.each<[string, number[], object]>([
  ['one page that finds it alive is enough', [401, 200, 401], { status: 'refreshed' }],
  ['a 401 outweighs an outage', [503, 401, 404], { status: 'login-required' }],
  ['and a rate limit outweighs everything', [401, 429, 503], { status: 'rate-limited' }],
])('of several pages, %s', async (_name, codes, expected) => {
  const left = [...codes];
  const ping = ['a', 'b', 'c'].map(name => `https://acme.test/${name}`);
  expect(
    await refresh(
      site(jar({}), () => status(left.shift() ?? 0)()),
      { ping },
    ),
  ).toMatchObject(expected);
});

test('without a cookie for the site nothing is sent', async () => {
  for (const text of [jar(), jar({ changes: { domain: 'other.test' } })]) {
    const context = site(text, alive());
    expect(await refresh(context)).toMatchObject({ status: 'unavailable' });
    expect(context.calls.fetch).toEqual([]);
  }
  expect(await refresh(site('{"cookies":7}', alive()))).toMatchObject({ code: 'KA_STORE_UNREADABLE' });
});

test("someone else's lock is respected", async () => {
  const context = site(jar({}), alive());
  await context.files.lock(`${context.files.resolve(JAR)}.lock`);
  expect(await refresh(context)).toMatchObject({ status: 'deferred' });
});

test('it can be inspected', async () => {
  const context = site(jar({ minutes: 60 }));
  expect(await provider().inspect?.(context)).toEqual({
    present: true,
    store: context.files.resolve(JAR),
    method: 'ping',
    expiresAt: new Date(NOW + 60 * MINUTE),
    fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    renew: expect.stringContaining('Sign in again'),
  });
});

test.each<[string, object]>([
  ['ping', { ping: 'http://acme.test/' }],
  ['ping', { ping: [] }],
  ['alive.json', { alive: { json: 'a..b' } }],
  ['', { jars: 1 }],
])('a wrong option is refused: %s', (path, options) => {
  expect(() => provider(options)).toThrow(
    expect.objectContaining({
      code: 'KA_CONFIG_INVALID',
      details: { problems: [expect.objectContaining({ path: expect.stringMatching(`^${path}`) })] },
    }),
  );
  expect(provider({ ping: 'http://127.0.0.1:9/' }).id).toBe('acme-web');
});

test('it passes the provider contract tests', async () => {
  const { checks } = await testProvider(provider(), {
    scenarios: [
      {
        name: 'a session about to end',
        expect: 'refreshed',
        context: world => site(jar({ minutes: 4 }), renewing, world),
      },
      {
        name: 'a session that has ended',
        expect: 'login-required',
        context: world => site(jar({ minutes: -4 }), status(401), world),
      },
    ],
  });
  expect(checks.filter(({ problem }) => problem)).toEqual([]);
});

describe('a file without cookies is reported', () => {
  test.each([
    ['a cookies.txt with spaces between the fields', '# Netscape HTTP Cookie File\n.acme.test TRUE / TRUE 0 sid x\n'],
    ['only the header of a cookies.txt', '# Netscape HTTP Cookie File\n'],
    ['an empty jar', '{"cookies":[]}'],
  ])('%s', async (_what, text) => {
    const context = site(text);
    const hint =
      'There are no cookies in ~/.acme/cookies.json. ' +
      "It must be a Netscape cookies.txt (seven fields, separated by tabs) or tough-cookie's JSON.";
    expect(await provider().inspect?.(context)).toMatchObject({ present: false, hint });
    expect(await refresh(context)).toMatchObject({ status: 'unavailable', hint });
    expect(sent(context)).toEqual([]);
  });

  test('only cookies of other sites: a login is needed', async () => {
    expect(await provider().inspect?.(site(jar({ changes: { domain: 'other.test' } })))).toMatchObject({
      present: false,
      hint: expect.stringMatching(/^Sign in again/),
    });
  });
});
