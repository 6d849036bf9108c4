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

/** Records which files are opened, and how often. */
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
      'Firefox, if Chrome is signed in too and encrypted',
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

  test('before it expires, like any session of a site', () => {
    expect(provider().policy).toEqual({
      schedule: { mode: 'before-expiry', buffer: '5m' },
      renewEarly: true,
      timeout: '120s',
    });
    expect(provider({ auggie: true }).policy).toEqual({ schedule: { mode: 'interval', every: '60m' } });
  });

  test('and a hint mentions that auggie is signed in too', async () => {
    const context = machine({ ...AUGGIE, ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie()) });
    expect((await provider().inspect?.(context))?.hint).toContain("['augment', { id: 'auggie', auggie: true }]");
    expect((await provider({ auggie: true }).inspect?.(context))?.hint).toBeUndefined();
  });

  test('or only observed, if configured so', async () => {
    const context = machine({ ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie({ minutes: 4 })) });
    expect(await provider({ method: 'observe' }).refresh(context)).toMatchObject({
      status: 'fresh',
      method: 'observe',
    });
    expect(sent(context)).toEqual([]);
  });
});

describe('the keychain is not asked for the key of the cookies', async () => {
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

  test('and the login of auggie is watched instead, if there is one', async () => {
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

  test('not even if the browser starts to encrypt them later', async () => {
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

describe('no session is kept if there is', async () => {
  const AUGGIES = { owner: 'auggie', method: 'observe' };
  test.each<[string, Record<string, string | Uint8Array>]>([
    ['nothing at all', {}],
    ['a browser without a database', { ...FIREFOX }],
    ['another site', { ...FIREFOX, [FIREFOX_DB]: await firefoxDb(other) }],
    [
      'only an analytics cookie',
      { ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie({ name: '_ga', host: '.augmentcode.com' })) },
    ],
    [
      'a session that had ended before it was first seen',
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

test('a session that was kept and then ended needs a login, even if auggie is signed in', async () => {
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

test('another session in the browser is reported as a change', async () => {
  const files = fakeFiles({ ...FIREFOX, [FIREFOX_DB]: await firefoxDb(cookie()) });
  const context = machine(files);
  const news: string[] = [];
  let notify = () => {};
  const heard = new Promise<void>(resolve => void (notify = resolve));
  const stop = provider().watch?.(context, () => {
    news.push('changed');
    notify();
  });
  await provider().inspect?.(context);
  files.write(FIREFOX_DB, await firefoxDb(cookie(), other));
  files.write(FIREFOX_DB, await firefoxDb(cookie({ value: 'CANARY-web-3' })));
  await heard;
  await stop?.();
  expect(news).toEqual(['changed']);
});

describe('an inspection is cheap, and opens only cookie databases', () => {
  test('without a browser it opens nothing', async () => {
    const { files, opened } = counted({});
    await provider().inspect?.(machine(files));
    expect([...new Set(opened)].filter(path => !path.endsWith('/profiles.ini'))).toEqual(['~/.augment/session.json']);
  });

  test('an unchanged database is read once, regardless of its content', async () => {
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

test('it passes the provider contract tests', async () => {
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
