import { describe, expect, test } from 'vitest';
import { browserStore } from '../../../sdk/recipes/web/browser-store.ts';
import type { BrowserName } from '../../../sdk/recipes/web/browser-profile.ts';
import { inspectCookies, ping, watchCookies, type CookieSession } from '../../../sdk/recipes/web/ping.ts';
import augment from '../../../plugins/augment/index.ts';
import cookies from '../../../plugins/cookies/index.ts';
import {
  fakeContext,
  fakeFiles,
  testProvider,
  type FakeContext,
  type FakeFiles,
  type FakeOverrides,
} from '../../../sdk/testing/index.ts';
import { chromeDb, firefoxDb, type Given, type Lock } from '../../support/vendors/browser-cookies.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const PAGE = 'https://app.acme.test/api/session';
const FIREFOX = '~/.mozilla/firefox/ab12.default-release/cookies.sqlite';
const CHROME = '~/.config/google-chrome/Default/Cookies';
const INI = {
  '~/.mozilla/firefox/profiles.ini':
    '[Profile0]\nName=default-release\nIsRelative=1\nPath=ab12.default-release\nDefault=1\n',
};
const wait = async () => {};

function session(
  browser: BrowserName,
  { profile, platform = 'linux' }: { readonly profile?: string; readonly platform?: NodeJS.Platform } = {},
): CookieSession {
  const pages = { pings: [PAGE], alive: { json: ['user'] }, sessionCookies: ['sid'] };
  return {
    ...pages,
    store: browserStore({ browser, profile }, { ...pages, platform, sqlJs: () => import('sql.js') }),
    signIn: 'Sign in.',
  };
}

const alive =
  (...setCookie: string[]) =>
  () =>
    new Response('{"user":1}', { headers: setCookie.map(value => ['set-cookie', value] as [string, string]) });
const machine = (files: Record<string, string | Uint8Array> | FakeFiles, world: FakeOverrides = {}): FakeContext =>
  fakeContext({ now: () => NOW, fetch: alive(), files, ...world });
const sent = ({ calls }: FakeContext) => calls.fetch.map(({ headers }) => headers.get('cookie'));

describe('cookies of Firefox', () => {
  test.each<[string, Given, string | null, number?]>([
    ['in milliseconds, as in current versions', {}, 'sid=CANARY-sid-1', 60],
    ['in seconds, as in older versions', { changes: { expiry: (NOW + 60 * MINUTE) / 1_000 } }, 'sid=CANARY-sid-1', 60],
    ['of the whole domain', { host: '.acme.test' }, 'sid=CANARY-sid-1', 60],
    ['of another subdomain', { host: 'www.acme.test' }, null],
    ['of a container', { changes: { originAttributes: '^userContextId=1' } }, null],
    ['of another path', { changes: { path: '/elsewhere' } }, null],
  ])('%s', async (_name, given, cookie, minutes) => {
    const context = machine({ ...INI, [FIREFOX]: await firefoxDb(given) }, { force: true });
    const firefox = session('firefox');
    expect(await inspectCookies(firefox, context)).toMatchObject(
      cookie === null
        ? { present: false, hint: 'Sign in.' }
        : { present: true, expiresAt: new Date(NOW + (minutes ?? 0) * MINUTE) },
    );
    expect(await ping(firefox, context, wait)).toMatchObject({ status: cookie === null ? 'unavailable' : 'fresh' });
    expect(sent(context)).toEqual(cookie === null ? [] : [cookie]);
    expect(context.calls.exec).toEqual([]);
  });
});

describe('cookies of Chromium-based browsers', () => {
  const keychain = (program: string) => ({
    programs: { [program]: `/bin/${program}` },
    exec: () => ({ stdout: 'CANARY-keychain-password\n' }),
  });
  const MAC = '~/Library/Application Support/Google/Chrome/Default/Cookies';

  test.each<[string, Lock, Given, string | null]>([
    ['encrypted without a keyring', {}, {}, 'sid=CANARY-sid-1'],
    ['encrypted as in older versions', { hashed: false }, {}, 'sid=CANARY-sid-1'],
    ['of the whole domain', {}, { host: '.acme.test' }, 'sid=CANARY-sid-1'],
    [
      'not encrypted',
      {},
      { changes: { value: 'CANARY-plain', encrypted_value: new Uint8Array() } },
      'sid=CANARY-plain',
    ],
    ['of an embedded page', {}, { changes: { top_frame_site_key: 'https://other.test' } }, null],
  ])('%s', async (_name, lock, given, cookie) => {
    const context = machine({ [CHROME]: await chromeDb(lock, given) });
    expect(await ping(session('chrome'), context, wait)).toMatchObject({
      status: cookie === null ? 'unavailable' : 'refreshed',
    });
    expect(sent(context)).toEqual(cookie === null ? [] : [cookie]);
    expect(context.calls.concealed).toEqual(cookie === null ? [] : [cookie.slice(4)]);
  });

  test('their expiries are counted from the year 1601', async () => {
    const seen = await inspectCookies(session('chrome'), machine({ [CHROME]: await chromeDb({}, { minutes: 60 }) }));
    expect(seen).toMatchObject({
      present: true,
      store: '/home/you/.config/google-chrome/Default/Cookies',
      expiresAt: new Date(NOW + 60 * MINUTE),
    });
  });

  test('with a keyring, its password is requested, and never shown', async () => {
    const context = machine(
      { [CHROME]: await chromeDb({ lock: 'v11', password: 'CANARY-keychain-password' }, {}) },
      keychain('secret-tool'),
    );
    expect(await ping(session('chrome'), context, wait)).toMatchObject({ status: 'refreshed' });
    expect(sent(context)).toEqual(['sid=CANARY-sid-1']);
    expect(context.calls.exec.map(({ program, args }) => [program, ...args].join(' '))).toEqual([
      'secret-tool lookup xdg:schema chrome_libsecret_os_crypt_password_v2 application chrome',
    ]);
    expect(context.calls.concealed).toContain('CANARY-keychain-password');
  });

  test('on macOS the keychain is asked, but not for an inspection', async () => {
    const context = machine(
      { [MAC]: await chromeDb({ password: 'CANARY-keychain-password', rounds: 1_003 }, {}) },
      keychain('security'),
    );
    const chrome = session('chrome', { platform: 'darwin' });
    expect(await inspectCookies(chrome, context)).toMatchObject({ present: true });
    expect(context.calls.exec).toEqual([]);
    expect(await ping(chrome, context, wait)).toMatchObject({ status: 'refreshed' });
    expect(context.calls.exec.map(({ program, args }) => [program, ...args])).toEqual([
      ['security', 'find-generic-password', '-w', '-s', 'Chrome Safe Storage', '-a', 'Chrome'],
    ]);
    expect(sent(context)).toEqual(['sid=CANARY-sid-1']);
  });

  test.each<[string, NodeJS.Platform, string, Lock, FakeOverrides, RegExp]>([
    ['no secret-tool', 'linux', CHROME, { lock: 'v11' }, {}, /^Install secret-tool/],
    [
      'a locked keyring',
      'linux',
      CHROME,
      { lock: 'v11' },
      { programs: { 'secret-tool': 'x' }, exec: () => ({ exitCode: 1 }) },
      /unlock the keyring/,
    ],
    [
      'a user who refuses',
      'darwin',
      MAC,
      {},
      { programs: { security: 'x' }, exec: () => ({ exitCode: 128 }) },
      /^Let `security` read "Chrome Safe Storage"/,
    ],
    ['another password', 'linux', CHROME, { password: 'other' }, {}, /do not open with its key/],
    [
      'Windows',
      'win32',
      '~/AppData/Local/Google/Chrome/User Data/Default/Network/Cookies',
      { lock: 'v20' },
      {},
      /^On Windows .* Choose Firefox/,
    ],
    ['something new', 'linux', CHROME, { lock: 'v99' }, {}, /"v99"/],
  ])(
    'if they cannot be decrypted, nothing is sent and the hint says why: %s',
    async (...[_name, platform, path, lock, world, hint]) => {
      const context = machine({ [path]: await chromeDb(lock, {}) }, world);
      expect(await ping(session('chrome', { platform }), context, wait)).toMatchObject({
        status: 'unavailable',
        hint: expect.stringMatching(hint),
      });
      expect(sent(context)).toEqual([]);
    },
  );
});

describe('half of a lifetime, counted from when the browser stored the cookie', () => {
  const firefox = (at: number) => (NOW + at * MINUTE) * 1_000;
  const chrome = (at: number) => (NOW + at * MINUTE + 11_644_473_600_000) * 1_000;
  test.each<[string, BrowserName, object, number]>([
    ['Firefox, over', 'firefox', { creationTime: firefox(-90) }, 1],
    ['Firefox, not over', 'firefox', { creationTime: firefox(-30) }, 0],
    [
      'Firefox, which keeps the creation time',
      'firefox',
      { creationTime: firefox(-9_000), updateTime: firefox(-30) },
      0,
    ],
    ['Chrome, over', 'chrome', { creation_utc: chrome(-90) }, 1],
    [
      'Chrome, which keeps the creation time',
      'chrome',
      { creation_utc: chrome(-9_000), last_update_utc: chrome(-30) },
      0,
    ],
  ])('%s', async (_name, browser, changes, pings) => {
    const database =
      browser === 'firefox' ? await firefoxDb({ changes }) : await chromeDb({}, { minutes: 60, changes });
    const context = machine({ ...INI, [browser === 'firefox' ? FIREFOX : CHROME]: database });
    expect(await ping(session(browser), context, wait)).toMatchObject({ status: 'fresh' });
    expect(sent(context)).toHaveLength(pings);
  });
});

describe('which profile', () => {
  const ini =
    '[Install4F96D1932A9F858E]\nDefault=cd34.work\nLocked=1\n\n' +
    '[Profile1]\nName=home\nIsRelative=1\nPath=ab12.home\nDefault=1\n\n' +
    '[Profile0]\nName=work\nIsRelative=0\nPath=/data/cd34.work\n';
  const root = '~/.mozilla/firefox';
  test.each<[string, BrowserName, string | undefined, Record<string, string>, string]>([
    [
      'the one that Firefox starts with',
      'firefox',
      undefined,
      { [`${root}/profiles.ini`]: ini },
      `${root}/cd34.work/cookies.sqlite`,
    ],
    ['by its name', 'firefox', 'home', { [`${root}/profiles.ini`]: ini }, `${root}/ab12.home/cookies.sqlite`],
    [
      'by its folder, wherever that is',
      'firefox',
      'cd34.work',
      { [`${root}/profiles.ini`]: ini },
      '/data/cd34.work/cookies.sqlite',
    ],
    ['by a path', 'firefox', '~/x/y', {}, '~/x/y/cookies.sqlite'],
    [
      'the default, by its mark',
      'firefox',
      undefined,
      { [`${root}/profiles.ini`]: ini.slice(ini.indexOf('[Profile1]')) },
      `${root}/ab12.home/cookies.sqlite`,
    ],
    [
      'the only one, without a mark',
      'firefox',
      undefined,
      { [`${root}/profiles.ini`]: '[Profile0]\nName=x\nPath=ef56.x\n' },
      `${root}/ef56.x/cookies.sqlite`,
    ],
    [
      'of a snap',
      'firefox',
      undefined,
      { '~/snap/firefox/common/.mozilla/firefox/profiles.ini': INI['~/.mozilla/firefox/profiles.ini'] },
      '~/snap/firefox/common/.mozilla/firefox/ab12.default-release/cookies.sqlite',
    ],
    ['of Brave', 'brave', 'Profile 2', {}, '~/.config/BraveSoftware/Brave-Browser/Profile 2/Cookies'],
    ['in another folder', 'edge', undefined, {}, '~/.config/microsoft-edge/Default/Network/Cookies'],
  ])('%s', async (...[_name, browser, profile, files, path]) => {
    const database = browser === 'firefox' ? await firefoxDb({}) : await chromeDb({}, {});
    const context = machine({ ...files, [path]: database });
    expect(await inspectCookies(session(browser, profile === undefined ? {} : { profile }), context)).toMatchObject({
      present: true,
      store: context.files.resolve(path),
    });
  });

  test('a missing profile is reported', async () => {
    expect(await ping(session('edge', { profile: 'Work' }), machine({}), wait)).toMatchObject({
      status: 'unavailable',
      hint:
        'No cookies of Microsoft Edge in the profile Work were found. ' +
        'Check that it is installed, and the name of the profile.',
    });
  });
});

describe('a browser is only read', () => {
  const start = async (...given: readonly Given[]) => fakeFiles({ ...INI, [FIREFOX]: await firefoxDb(...given) });
  const renewing = alive('sid=CANARY-sid-2; Max-Age=7200; Path=/; Secure; HttpOnly');

  test('cookies that the site sets are kept in the journal, and survive a restart', async () => {
    const files = await start({ minutes: 4 });
    const before = await files.readBytes(FIREFOX);
    const first = machine(files, { fetch: renewing });
    expect(await ping(session('firefox'), first, wait)).toEqual({
      status: 'refreshed',
      method: 'ping',
      expiresAt: new Date(NOW + 120 * MINUTE),
    });
    const next = machine(files, { force: true });
    expect(await ping(session('firefox'), next, wait)).toMatchObject({
      status: 'fresh',
      expiresAt: new Date(NOW + 120 * MINUTE),
    });
    expect(sent(next)).toEqual(['sid=CANARY-sid-2']);
    expect(await files.readBytes(FIREFOX)).toBe(before);
    expect(files.changes.filter(change => !change.startsWith('journal '))).toEqual([]);
    for (const { calls } of [first, next]) expect(calls.concealed).toContain('CANARY-sid-2');
  });

  test('until the browser has newer ones', async () => {
    const files = await start({ minutes: 4 });
    await ping(session('firefox'), machine(files, { fetch: renewing }), wait);
    files.write(
      FIREFOX,
      await firefoxDb({ value: 'CANARY-sid-3', minutes: 30 }, { name: '_ga', value: '1', minutes: 1 }),
    );
    const next = machine(files, { force: true });
    expect(await ping(session('firefox'), next, wait)).toMatchObject({
      status: 'fresh',
      expiresAt: new Date(NOW + 30 * MINUTE),
    });
    expect(sent(next)).toEqual(['sid=CANARY-sid-3; _ga=1']);
  });

  test("a 401 for our cookie counts only after the browser's cookie was tried", async () => {
    const files = await start({ minutes: 60 });
    await ping(session('firefox'), machine(files, { force: true, fetch: renewing }), wait);
    const picky = machine(files, {
      force: true,
      fetch: ({ headers }) =>
        new Response('{"user":1}', { status: headers.get('cookie') === 'sid=CANARY-sid-1' ? 200 : 401 }),
    });
    expect(await ping(session('firefox'), picky, wait)).toMatchObject({
      status: 'fresh',
      expiresAt: new Date(NOW + 60 * MINUTE),
    });
    expect(sent(picky)).toEqual(['sid=CANARY-sid-2', 'sid=CANARY-sid-1']);
    // From then on, the cookie of the browser is used.
    const after = machine(files, { force: true });
    await ping(session('firefox'), after, wait);
    expect(sent(after)).toEqual(['sid=CANARY-sid-1']);
  });

  test('a 401 for both is proof, and a new sign-in in the browser is detected', async () => {
    const files = await start({ minutes: 4 });
    const firefox = session('firefox');
    const out = machine(files, { fetch: () => new Response('{}', { status: 401 }) });
    expect(await ping(firefox, out, wait)).toEqual({
      status: 'login-required',
      hint: 'Sign in.',
      proof: 'The site answered 401.',
      method: 'ping',
    });
    const before = (await inspectCookies(firefox, out))?.fingerprint;
    files.write(FIREFOX, await firefoxDb({ value: 'CANARY-sid-9', minutes: 60 }));
    expect((await inspectCookies(firefox, out))?.fingerprint).not.toBe(before);
  });

  test('only another session is reported, not every write of the browser', async () => {
    const files = await start({});
    const context = machine(files);
    const news: string[] = [];
    let notify = () => {};
    const heard = new Promise<void>(resolve => void (notify = resolve));
    const stop = watchCookies(session('firefox'), context, () => {
      news.push('changed');
      notify();
    });
    await inspectCookies(session('firefox'), context);
    files.write(FIREFOX, await firefoxDb({}, { name: '_ga' }));
    files.write(FIREFOX, await firefoxDb({}, { name: '_ga', value: 'other' }));
    files.write(FIREFOX, await firefoxDb({ value: 'CANARY-sid-2' }));
    await heard;
    files.write(FIREFOX, await firefoxDb({ value: 'CANARY-sid-2' }, { name: '_ga' }));
    await stop();
    expect(news).toEqual(['changed']);
  });
});

test('a provider over a browser passes the provider contract tests', async () => {
  const [mine, augments] = await Promise.all([
    firefoxDb({ minutes: 4 }),
    firefoxDb({ name: 'session', host: 'app.augmentcode.com', minutes: 4 }),
  ]);
  const renewing = (name: string) => alive(`${name}=CANARY-sid-2; Max-Age=7200; Path=/; Secure; HttpOnly`);
  const jar = { browser: 'firefox' } as const;
  for (const [provider, database, fetch] of [
    [cookies({ id: 'acme-web', jar, ping: PAGE, alive: { json: 'user' } }), mine, renewing('sid')],
    [augment(jar), augments, renewing('session')],
  ] as const) {
    const { checks } = await testProvider(provider, {
      scenarios: [
        {
          name: 'about to end',
          expect: 'refreshed',
          context: world => machine({ ...INI, [FIREFOX]: database }, { fetch, ...world }),
        },
        {
          name: 'no network',
          expect: 'throws',
          context: world => machine({ ...INI, [FIREFOX]: database }, { fetch: undefined, ...world }),
        },
      ],
    });
    expect(checks.filter(({ problem }) => problem)).toEqual([]);
  }
});
