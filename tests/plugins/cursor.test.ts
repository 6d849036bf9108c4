import { describe, expect, test } from 'vitest';
import cursor, { type CursorOptions } from '../../plugins/cursor/index.ts';
import { fakeContext, testProvider, type FakeContext, type FakeOverrides } from '../../sdk/testing/index.ts';
import { jwt } from '../support/vendors/tokens.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const FILE = '~/.config/cursor/auth.json';

const auth = (hours: number, mark = '1') =>
  JSON.stringify({
    accessToken: jwt({ iat: NOW / 1_000 - 86_400, exp: (NOW + hours * HOUR) / 1_000, jti: `CANARY-${mark}` }),
    refreshToken: `CANARY-refresh-${mark}`,
  });
const login = (hours: number) => ({ [FILE]: auth(hours) });
const provider = (options: CursorOptions = {}) => cursor(options, async () => {});

function machine(
  files: Readonly<Record<string, string>>,
  act: (context: FakeContext) => object = () => ({}),
  world: FakeOverrides = {},
): FakeContext {
  const context: FakeContext = fakeContext({
    files,
    programs: { 'cursor-agent': '/bin/cursor-agent' },
    exec: () => act(context),
    ...world,
  });
  return context;
}

const rewriting =
  (text: string) =>
  ({ files }: FakeContext) => {
    files.write(FILE, text);
    return { exitCode: 1 };
  };
const renewing = rewriting(auth(24, '2'));
const online: FakeOverrides = { fetch: () => new Response(null, { status: 404 }) };
const running = (name: string, command?: string): FakeOverrides => ({ processes: [{ pid: 7, name, command }] });

describe('what cursor-agent does, and the outcome', () => {
  test.each<[string, number, (context: FakeContext) => object, FakeOverrides, object]>([
    ['it renews', -1, renewing, {}, { status: 'refreshed', expiresAt: new Date(NOW + 24 * HOUR), method: 'touch' }],
    ['it renews in the last five minutes', 0.05, renewing, {}, { status: 'refreshed' }],
    ['it renews if forced', 12, renewing, { force: true }, { status: 'refreshed' }],
    ['it has nothing to do, although forced', 12, () => ({}), { force: true }, { status: 'fresh' }],
    ['it writes a token with the same expiry', -1, rewriting(auth(-1, '2')), {}, { code: 'KA_INEFFECTIVE' }],
    [
      'it does nothing for an expired token',
      -1,
      () => ({}),
      online,
      { status: 'deferred', until: new Date(NOW + HOUR), method: 'observe' },
    ],
    [
      'it does nothing for a valid one',
      0.05,
      () => ({ exitCode: 1 }),
      online,
      { status: 'fresh', expiresAt: new Date(NOW + 0.05 * HOUR), method: 'observe' },
    ],
    ['it does nothing, without a network', -1, () => ({}), {}, { code: 'KA_OFFLINE' }],
    [
      'it does nothing, and Cursor has an outage',
      -1,
      () => ({}),
      { fetch: () => new Response(null, { status: 502 }) },
      { code: 'KA_OFFLINE' },
    ],
    [
      'it empties its credential',
      -1,
      rewriting('{"accessToken":"","refreshToken":""}'),
      {},
      { status: 'login-required', hint: expect.stringContaining('`NO_OPEN_BROWSER=1 cursor-agent login`') },
    ],
    [
      'it removes its credential',
      -1,
      ({ files }) => {
        files.remove(FILE);
        return {};
      },
      {},
      { status: 'unavailable' },
    ],
  ])('%s', async (...[_name, hours, act, world, expected]) => {
    const context = machine(login(hours), act, world);
    expect(
      await provider()
        .refresh(context)
        .catch((error: unknown) => error),
    ).toMatchObject(expected);
    expect(context.calls.exec).toMatchObject([
      { program: '/bin/cursor-agent', args: ['--list-models'], options: { env: { CURSOR_API_KEY: undefined } } },
    ]);
  });

  test('a touch without effect is repeated for days, then not for a week, unless forced', async () => {
    const { files } = machine(login(-1));
    const refresh = async (hours: number, world: FakeOverrides = {}) => {
      const context = machine({}, undefined, { ...online, ...world, files, now: () => NOW + hours * HOUR });
      await provider().refresh(context);
      return { ran: context.calls.exec.length, warned: context.calls.log.length };
    };
    const [tried, left] = [
      { ran: 1, warned: 1 },
      { ran: 0, warned: 0 },
    ];
    const hours: [number, object][] = [
      [0, tried],
      [1, left],
      [12, tried],
      [24, tried],
      [36, tried],
      [48, tried],
      [60, left],
      [200, left],
      [48 + 7 * 24, tried],
    ];
    for (const [hour, expected] of hours) expect([hour, await refresh(hour)]).toEqual([hour, expected]);
    expect(await refresh(48 + 7 * 24, { force: true })).toEqual(tried);
    files.write(FILE, auth(-1, 'new'));
    expect(await refresh(48 + 7 * 24)).toEqual(tried);
  });

  test('an inspection mentions touches without effect', async () => {
    const context = machine(login(-1), undefined, online);
    await provider().refresh(context);
    expect(await provider().inspect?.(context)).toMatchObject({
      hint: expect.stringContaining('cursor-agent has been started since'),
    });
  });
});

test.each<[string, FakeOverrides, string]>([
  ['by its name', running('cursor-agent'), 'deferred'],
  [
    'by the script that node runs',
    running('node', '/home/you/.local/share/cursor-agent/versions/1/node --use-system-ca index.js'),
    'deferred',
  ],
  [
    'if processes cannot be listed',
    {
      processes: () => {
        throw new Error('no ps');
      },
    },
    'deferred',
  ],
  ['but not the editor', running('cursor', '/opt/cursor/cursor'), 'refreshed'],
])('it stands aside while a cursor-agent runs: %s', async (_name, world, status) => {
  const context = machine(login(-1), renewing, world);
  expect(await provider().refresh(context)).toMatchObject({ status });
  expect(context.calls.exec).toHaveLength(status === 'refreshed' ? 1 : 0);
});

test('a token in the first half of its life is left alone, and nothing runs', async () => {
  const context = machine(login(12), renewing);
  expect(await provider().refresh(context)).toEqual({
    status: 'fresh',
    expiresAt: new Date(NOW + 12 * HOUR),
    method: 'touch',
  });
  expect(context.calls.exec).toEqual([]);
});

test('an opaque token is left to the schedule, and not to every change of the file', async () => {
  const files = { [FILE]: '{"accessToken":"CANARY-opaque","refreshToken":"CANARY-r"}' };
  expect(await provider().refresh(machine(files, renewing))).toMatchObject({ status: 'refreshed' });
  expect(await provider().refresh(machine(files, renewing, { reason: 'changed' }))).toMatchObject({ status: 'fresh' });
});

test.each<[string, FakeOverrides, CursorOptions, string]>([
  ['its own folder', {}, {}, '/home/you/.config/cursor/auth.json'],
  ['another configuration folder', { env: { XDG_CONFIG_HOME: '/cfg' } }, {}, '/cfg/cursor/auth.json'],
  ['CURSOR_CONFIG_DIR', { env: { CURSOR_CONFIG_DIR: '/c', XDG_CONFIG_HOME: '/cfg' } }, {}, '/c/auth.json'],
  ['the option', { env: { CURSOR_CONFIG_DIR: '/c' } }, { home: '~/work' }, '/home/you/work/auth.json'],
])('it looks in %s', async (_name, world, options, store) => {
  const context = fakeContext({ files: { [store]: auth(1) }, ...world });
  expect(await provider(options).inspect?.(context)).toMatchObject({
    present: true,
    store,
    method: 'observe',
    expiresAt: new Date(NOW + HOUR),
  });
});

test('a login that is elsewhere is unavailable, with a hint', async () => {
  expect(await provider().refresh(machine({}))).toMatchObject({
    status: 'unavailable',
    hint: expect.stringContaining('keychain'),
  });
});

test('it passes the provider contract tests', async () => {
  const report = await testProvider(provider(), {
    scenarios: [
      { name: 'a touch', expect: 'refreshed', context: world => machine(login(-1), renewing, world) },
      {
        name: 'a touch in vain',
        expect: 'deferred',
        context: world => machine(login(-1), () => ({ stderr: 'CANARY' }), { ...online, ...world }),
      },
      {
        name: 'an outage',
        expect: 'throws',
        context: world => machine({ [FILE]: auth(-1, 'other') }, undefined, world),
      },
    ],
  });
  expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
});
