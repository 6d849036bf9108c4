import { describe, expect, test } from 'vitest';
import augment, { type AugmentOptions } from '../../../plugins/augment/index.ts';
import {
  fakeContext,
  fakeFiles,
  testProvider,
  type FakeContext,
  type FakeFiles,
  type FakeOverrides,
} from '../../../sdk/testing/index.ts';
import { chromeDb, firefoxDb, type Given } from '../../support/vendors/browser-cookies.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const INI = '[Profile1]\nName=work\nPath=cd34.work\n\n[Profile0]\nName=home\nPath=ab12.home\nDefault=1\n';
const FIREFOX = { '~/.mozilla/firefox/profiles.ini': INI };
const FIREFOX_DB = '~/.mozilla/firefox/ab12.home/cookies.sqlite';
const WORK_DB = '~/.mozilla/firefox/cd34.work/cookies.sqlite';
const CHROME = { '~/.config/google-chrome/Local State': '{}' };
const CHROME_DB = '~/.config/google-chrome/Default/Cookies';
const AUGGIE = {
  '~/.augment/session.json': JSON.stringify({
    accessToken: 'CANARY-access-token',
    tenantURL: 'https://d1.api.augmentcode.com/',
  }),
};

const cookie = (changes: Given = {}): Given => ({
  name: 'session',
  host: 'app.augmentcode.com',
  value: 'CANARY-web-1',
  minutes: 60,
  ...changes,
});
const other = cookie({ host: 'acme.test' });
const user = () => new Response('{"user":{"email":"x"}}');
const renewing = () =>
  new Response('{"user":1}', {
    headers: { 'set-cookie': 'session=CANARY-web-2; Max-Age=86400; Path=/; Secure; HttpOnly' },
  });

const machine = (files: Record<string, string | Uint8Array> | FakeFiles, world: FakeOverrides = {}): FakeContext =>
  fakeContext({ now: () => NOW, fetch: user, files, ...world });

const provider = (options: AugmentOptions = {}, platform: NodeJS.Platform = 'linux') =>
  augment(options, async () => {}, platform);
const sent = ({ calls }: FakeContext) =>
  calls.fetch.map(({ url, headers }) => [new URL(url).host, headers.get('cookie')]);

/** Counts what is opened, and of which files. */
function counted(given: Record<string, string | Uint8Array>) {
  const files = fakeFiles(given);
  const opened: string[] = [];
  const note =
    <T>(read: (path: string) => Promise<T>) =>
    (path: string) => {
      opened.push(path.replace('/home/you/', '~/'));
      return read(path);
    };
  return { opened, files: { ...files, read: note(files.read), readBytes: note(files.readBytes) } };
}

describe('without an option, the web session of a browser is kept alive', async () => {
  test.each<[string, Record<string, string | Uint8Array>]>([
    ['Firefox', { ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie({ minutes: 4 })) }],
    [
      'another profile of Firefox',
      { ...FIREFOX, [FIREFOX_DB]: await firefoxDb(other), [WORK_DB]: await firefoxDb(cookie({ minutes: 4 })) },
    ],
    ['Chrome without a keyring', { ...CHROME, [CHROME_DB]: await chromeDb({}, cookie({ minutes: 4 })) }],
    ['Chrome, beside auggie', { ...AUGGIE, ...CHROME, [CHROME_DB]: await chromeDb({}, cookie({ minutes: 4 })) }],
    [
      'another profile of Brave',
      {
        '~/.config/BraveSoftware/Brave-Browser/Local State': '{}',
        '~/.config/BraveSoftware/Brave-Browser/Profile 2/Network/Cookies': await chromeDb({}, cookie({ minutes: 4 })),
      },
    ],
    [
      'Firefox, where Chrome is signed in too and locked',
      {
        ...FIREFOX,
        [FIREFOX_DB]: await firefoxDb(cookie({ minutes: 4 })),
        ...CHROME,
        [CHROME_DB]: await chromeDb({ lock: 'v11' }, cookie({ minutes: 90 })),
      },
    ],
  ])('of %s', async (_name, files) => {
    const context = machine(files, { fetch: renewing });
    expect(await provider().inspect?.(context)).toMatchObject({
      present: true,
      method: 'ping',
      expiresAt: new Date(NOW + 4 * MINUTE),
    });
    expect(await provider().refresh(context)).toEqual({
      status: 'refreshed',
      method: 'ping',
      expiresAt: new Date(NOW + 24 * 60 * MINUTE),
    });
    expect(sent(context)).toEqual([['app.augmentcode.com', 'session=CANARY-web-1']]);
    expect(context.calls.exec).toEqual([]);
  });

  test('before it expires, as the session of a site', () => {
    expect(provider().policy).toEqual({
      schedule: { mode: 'before-expiry', buffer: '5m' },
      renewEarly: true,
      timeout: '120s',
    });
    expect(provider({ auggie: true }).policy).toEqual({ schedule: { mode: 'interval', every: '60m' } });
  });

  test('and auggie, signed in too, is pointed out', async () => {
    const context = machine({ ...AUGGIE, ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie()) });
    expect((await provider().inspect?.(context))?.hint).toContain("['augment', { id: 'auggie', auggie: true }]");
    expect((await provider({ auggie: true }).inspect?.(context))?.hint).toBeUndefined();
  });

  test('or only looked at, where that is asked for', async () => {
    const context = machine({ ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie({ minutes: 4 })) });
    expect(await provider({ method: 'observe' }).refresh(context)).toMatchObject({
      status: 'fresh',
      method: 'observe',
    });
    expect(sent(context)).toEqual([]);
  });
});

describe('where only the keychain opens the cookies, it is not asked', async () => {
  const keychain = {
    programs: { 'secret-tool': 'x', security: 'x' },
    exec: () => ({ stdout: 'CANARY-keychain-password' }),
  };
  const mac = '~/Library/Application Support/Google/Chrome';
  const windows = '~/AppData/Local/Google/Chrome/User Data';
  const line = "['augment', { browser: 'chrome' }]";
  test.each<[string, NodeJS.Platform, string, string, Parameters<typeof chromeDb>[0], string]>([
    ['a keyring of Linux', 'linux', '~/.config/google-chrome', 'Default/Cookies', { lock: 'v11' }, line],
    [
      'another profile',
      'linux',
      '~/.config/google-chrome',
      'Profile 1/Cookies',
      { lock: 'v11' },
      "{ browser: { browser: 'chrome', profile: 'Profile 1' } }",
    ],
    ['macOS', 'darwin', mac, 'Default/Cookies', {}, line],
    ['Windows', 'win32', windows, 'Default/Network/Cookies', { lock: 'v20' }, 'Choose Firefox'],
  ])('%s: its end is shown, and how it is kept alive', async (...[_name, platform, root, place, lock, hint]) => {
    const context = machine(
      { [`${root}/Local State`]: '{}', [`${root}/${place}`]: await chromeDb(lock, cookie({ minutes: 4 })) },
      keychain,
    );
    const augmented = provider({}, platform);
    expect(await augmented.inspect?.(context)).toMatchObject({
      present: true,
      method: 'observe',
      expiresAt: new Date(NOW + 4 * MINUTE),
      hint: expect.stringContaining(hint),
    });
    expect(await augmented.refresh(context)).toMatchObject({
      status: 'fresh',
      method: 'observe',
      expiresAt: new Date(NOW + 4 * MINUTE),
    });
    const later = machine(context.files, { ...keychain, now: () => NOW + 5 * MINUTE });
    expect(await augmented.refresh(later)).toMatchObject({
      status: 'login-required',
      hint: expect.stringContaining('with Chrome'),
    });
    expect([...context.calls.exec, ...later.calls.exec, ...sent(context), ...sent(later)]).toEqual([]);
  });

  test('and auggie, where it is signed in, is what is watched', async () => {
    const context = machine({ ...AUGGIE, ...CHROME, [CHROME_DB]: await chromeDb({ lock: 'v11' }, cookie()) });
    expect(await provider().inspect?.(context)).toMatchObject({
      present: true,
      owner: 'auggie',
      method: 'observe',
      hint: expect.stringContaining(line),
    });
    expect(await provider().refresh(context)).toMatchObject({ status: 'fresh', method: 'observe' });
    expect(sent(context)).toEqual([['d1.api.augmentcode.com', null]]);
  });

  test('not even where the browser begins to lock them in between', async () => {
    const files = fakeFiles({ ...CHROME, [CHROME_DB]: await chromeDb({}, cookie({ minutes: 4 })) });
    const locked = await chromeDb({ lock: 'v11' }, cookie({ minutes: 4 }));
    let looks = 0;
    const context = machine(
      {
        ...files,
        stat: async path => {
          if (path.endsWith('/Default/Cookies') && ++looks === 6) files.write(CHROME_DB, locked);
          return files.stat(path);
        },
      },
      keychain,
    );
    await provider().refresh(context);
    expect(looks).toBeGreaterThan(6);
    expect(context.calls.exec).toEqual([]);
  });
});

describe('what is no session to keep', async () => {
  const AUGGIES = { owner: 'auggie', method: 'observe' };
  test.each<[string, Record<string, string | Uint8Array>]>([
    ['nothing at all', {}],
    ['a browser that was never there', { ...FIREFOX }],
    ['another site', { ...FIREFOX, [FIREFOX_DB]: await firefoxDb(other) }],
    [
      'a cookie of an analyst',
      { ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie({ name: '_ga', host: '.augmentcode.com' })) },
    ],
    [
      'one that had ended before it was ever looked at',
      { ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie({ minutes: -1 })) },
    ],
    ['a damaged database', { ...FIREFOX, [FIREFOX_DB]: new TextEncoder().encode('app.augmentcode.com'.repeat(500)) }],
  ])('%s', async (_name, files) => {
    const context = machine(files);
    expect(await provider().inspect?.(context)).toMatchObject({
      present: false,
      ...AUGGIES,
      hint: expect.stringContaining('Run `auggie login`.'),
    });
    expect(await provider().refresh(context)).toMatchObject({ status: 'unavailable' });
    expect(await provider().inspect?.(machine({ ...files, ...AUGGIE }))).toMatchObject({
      present: true,
      ...AUGGIES,
      hint: undefined,
    });
    expect(sent(context)).toEqual([]);
  });
});

test('a session that was kept and then ended needs a login, also where auggie is signed in', async () => {
  const files = fakeFiles({ ...AUGGIE, ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie()) });
  expect(await provider().refresh(machine(files))).toMatchObject({ status: 'fresh', method: 'ping' });
  const later = { now: () => NOW + 61 * MINUTE, fetch: () => new Response('{}', { status: 401 }) };
  expect(await provider().refresh(machine(files, later))).toMatchObject({
    status: 'login-required',
    hint: 'Sign in at https://app.augmentcode.com with Firefox.',
  });
  files.write(FIREFOX_DB, await firefoxDb(other));
  expect(await provider().refresh(machine(files))).toMatchObject({ status: 'fresh', method: 'observe' });
});

test('another session in the browser in use is news', async () => {
  const files = fakeFiles({ ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie()) });
  const context = machine(files);
  const news: string[] = [];
  let told = () => {};
  const heard = new Promise<void>(resolve => void (told = resolve));
  const stop = provider().watch?.(context, () => {
    news.push('changed');
    told();
  });
  await provider().inspect?.(context);
  files.write(FIREFOX_DB, await firefoxDb(cookie(), other));
  files.write(FIREFOX_DB, await firefoxDb(cookie({ value: 'CANARY-web-3' })));
  await heard;
  await stop?.();
  expect(news).toEqual(['changed']);
});

describe('a look is cheap, and opens nothing but the cookies of browsers', () => {
  test('without a browser, nothing', async () => {
    const { files, opened } = counted({});
    await provider().inspect?.(machine(files));
    expect([...new Set(opened)].filter(path => !path.endsWith('/profiles.ini'))).toEqual(['~/.augment/session.json']);
  });

  test('a database that did not change is read once, whatever is in it', async () => {
    for (const given of [other, cookie()]) {
      const { files, opened } = counted({
        ...FIREFOX,
        [FIREFOX_DB]: await firefoxDb(given),
        '~/.mozilla/firefox/ab12.home/logins.json': '{}',
        '~/.bashrc': '',
      });
      const augmented = provider();
      const context = machine(files);
      for (let ticks = 0; ticks < 3; ticks++) {
        await augmented.inspect?.(context);
        await augmented.refresh(context);
      }
      expect(opened.filter(path => path === FIREFOX_DB)).toHaveLength(1);
      const databases = ['', '-wal', '-journal'].map(part => `${FIREFOX_DB}${part}`);
      const inis = ['~/.mozilla/firefox', '~/.config/mozilla/firefox', '~/snap/firefox/common/.mozilla/firefox'].map(
        root => `${root}/profiles.ini`,
      );
      expect(
        [...new Set(opened)].filter(path => ![...databases, ...inis, '~/.augment/session.json'].includes(path)),
      ).toEqual([]);
    }
  });
});

test('it keeps the contract of every provider', async () => {
  const database = await firefoxDb(cookie({ minutes: 4 }));
  const { checks } = await testProvider(provider(), {
    scenarios: [
      {
        name: 'about to end',
        expect: 'refreshed',
        context: world => machine({ ...FIREFOX, [FIREFOX_DB]: database }, { fetch: renewing, ...world }),
      },
      {
        name: 'no network',
        expect: 'throws',
        context: world => machine({ ...FIREFOX, [FIREFOX_DB]: database }, { fetch: undefined, ...world }),
      },
    ],
  });
  expect(checks.filter(({ problem }) => problem)).toEqual([]);
});
