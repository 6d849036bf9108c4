import { describe, expect, test } from 'vitest';
import droid, { type DroidOptions } from '../../plugins/droid/index.ts';
import { fakeContext, testProvider, type FakeContext, type FakeOverrides } from '../../sdk/testing/index.ts';
import { DROID_KEY, droidLogin, encryptDroid } from '../support/vendors/droid-login.ts';
import { releaseRow } from '../support/vendors/release-row.ts';
import { trusted } from '../support/vendors/trusted.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const FOLDER = '~/.factory';
const FILE = `${FOLDER}/auth.v2.file`;
const KEY = `${FOLDER}/auth.v2.key`;

const at = (minutes: number, mark?: string) => droidLogin(NOW + minutes * MINUTE, mark);
const login = (minutes: number) => ({ [FILE]: at(minutes), [KEY]: DROID_KEY });
const TABLE = trusted('droid', 'plugin list');
const provider = (options: DroidOptions = {}) => droid(options, async () => {}, TABLE);

function machine(
  files: Readonly<Record<string, string>>,
  act: (context: FakeContext) => object = () => ({}),
  world: FakeOverrides = {},
): FakeContext {
  const context: FakeContext = fakeContext({
    files,
    programs: { droid: '/bin/droid' },
    exec: () => act(context),
    ...world,
  });
  return context;
}

const rewriting =
  (text: string) =>
  ({ files }: FakeContext) => {
    files.write(FILE, text);
    return { exitCode: 0 };
  };
const renewing = rewriting(at(1_440, '2'));
const online: FakeOverrides = { fetch: () => new Response(null, { status: 404 }) };
const running = (name: string, command?: string): FakeOverrides => ({ processes: [{ pid: 7, name, command }] });

describe('what droid does, and the outcome', () => {
  test.each<[string, number, (context: FakeContext) => object, FakeOverrides, object]>([
    ['it renews', -1, renewing, {}, { status: 'refreshed', method: 'touch' }],
    ['it renews in the last minute', 0.5, renewing, {}, { status: 'refreshed' }],
    ['it has nothing to do, although forced', 60, () => ({}), { force: true }, { status: 'fresh' }],
    ['it only encrypts the same tokens again', -1, rewriting(at(-1)), online, { code: 'KA_OFFLINE' }],
    ['it does nothing, without a network', -1, () => ({}), {}, { code: 'KA_OFFLINE' }],
    [
      'it empties its credential',
      -1,
      rewriting(encryptDroid({ access_token: '', refresh_token: '' })),
      {},
      { status: 'login-required', hint: 'Start `droid` and sign in.' },
    ],
  ])('%s', async (...[_name, minutes, act, world, expected]) => {
    const context = machine(login(minutes), act, world);
    expect(
      await provider()
        .refresh(context)
        .catch((error: unknown) => error),
    ).toMatchObject(expected);
    expect(context.calls.exec).toMatchObject([
      {
        program: '/bin/droid',
        args: ['plugin', 'list'],
        options: { env: { FACTORY_API_KEY: undefined }, timeoutMs: 110_000 },
      },
    ]);
  });

  test('a release that is held back is asked for its version alone, as droid is run, and why is shown', async () => {
    const releases = [releaseRow('1.0.0', 'held-back', { program: 'droid', kind: 'plugin list' })];
    const context = machine(login(-1), () => ({ stdout: '1.0.0' }));
    expect(await droid({}, async () => {}, releases).refresh(context)).toMatchObject({
      status: 'deferred',
      reason: expect.stringContaining('droid 1.0.0 did not pass'),
    });
    expect(context.calls.exec).toMatchObject([
      { program: '/bin/droid', args: ['--version'], options: { env: { FACTORY_API_KEY: undefined } } },
    ]);
  });

  test('a token that droid would not renew yet is left alone', async () => {
    const context = machine(login(2), renewing);
    expect(await provider().refresh(context)).toMatchObject({ status: 'fresh', method: 'touch' });
    expect(context.calls.exec).toEqual([]);
  });
});

test.each<[string, FakeOverrides, string]>([
  ['by its name', running('droid'), 'deferred'],
  ['by its path', running('bun', '"C:\\Program Files\\droid.exe" daemon'.replaceAll('\\', '/')), 'deferred'],
  ['but not a file of that name', running('vi', 'vi droid'), 'refreshed'],
])('it stands aside while a droid runs: %s', async (_name, world, status) => {
  expect(await provider().refresh(machine(login(-1), renewing, world))).toMatchObject({ status });
});

test.each<[string, Readonly<Record<string, string>>, object]>([
  ['that is missing', {}, { present: false, hint: 'Start `droid` and sign in.' }],
  [
    'whose key is in a keyring',
    { ...login(60), [`${FOLDER}/auth.v2.keyring`]: 'x:y:z' },
    { present: false, unusable: true, hint: expect.stringContaining('FACTORY_DISABLE_KEYRING=1') },
  ],
  ['in its own folder', login(60), { present: true, accountLabel: 'y…@example.test', renew: expect.any(String) }],
])('a login %s', async (_name, files, expected) => {
  expect(await provider().inspect?.(machine(files))).toMatchObject(expected);
});

test.each<[string, Readonly<Record<string, string>>]>([
  ['without its key', { [FILE]: at(60) }],
  ['with another key', { [FILE]: at(60), [KEY]: Buffer.alloc(32).toString('base64') }],
  ['with a short key', { [FILE]: at(60), [KEY]: 'AAAA' }],
  ['of another form', { [FILE]: '{}', [KEY]: DROID_KEY }],
])('a store %s cannot be read, which is an error', async (_name, files) => {
  await expect(provider().refresh(machine(files))).rejects.toMatchObject({ code: 'KA_STORE_UNREADABLE' });
});

test.each<[string, DroidOptions, string, object]>([
  ['FACTORY_HOME_OVERRIDE', {}, '/o', {}],
  ['the option', { home: '~/work' }, '/home/you/work', { FACTORY_HOME_OVERRIDE: '/home/you/work' }],
])('it looks in %s, and so does the droid that it runs', async (_name, options, home, env) => {
  const folder = `${home}/.factory`;
  const files = { [`${folder}/auth.v2.file`]: at(-1), [`${folder}/auth.v2.key`]: DROID_KEY };
  const context = machine(files, () => ({}), { ...online, env: { FACTORY_HOME_OVERRIDE: '/o' } });
  expect(await provider(options).inspect?.(context)).toMatchObject({ store: `${folder}/auth.v2.file` });
  await expect(provider(options).refresh(context)).rejects.toMatchObject({ code: 'KA_OFFLINE' });
  expect(context.calls.exec).toMatchObject([{ options: { env } }]);
});

test('a FACTORY_HOME_OVERRIDE that droid would not expand is passed to it as a full path, with a note', async () => {
  const folder = '/home/you/work/.factory';
  const files = { [`${folder}/auth.v2.file`]: at(-1), [`${folder}/auth.v2.key`]: DROID_KEY };
  const context = machine(files, () => ({}), { ...online, env: { FACTORY_HOME_OVERRIDE: '$HOME/work' } });
  expect(await provider().inspect?.(context)).toMatchObject({
    present: true,
    hint: expect.stringContaining('FACTORY_HOME_OVERRIDE is "$HOME/work"'),
  });
  await expect(provider().refresh(context)).rejects.toMatchObject({ code: 'KA_OFFLINE' });
  expect(context.calls.exec).toMatchObject([{ options: { env: { FACTORY_HOME_OVERRIDE: '/home/you/work' } } }]);
});

test('it passes the provider contract tests', async () => {
  const report = await testProvider(provider(), {
    scenarios: [
      { name: 'a touch', expect: 'refreshed', context: world => machine(login(-1), renewing, world) },
      { name: 'an outage', expect: 'throws', context: world => machine(login(-1), undefined, world) },
    ],
  });
  expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
});
