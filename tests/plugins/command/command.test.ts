import { describe, expect, test } from 'vitest';
import command, { type CommandOptions } from '../../../plugins/command/index.ts';
import { fakeContext, testProvider, type FakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const STORE = '~/.acme/auth.json';

const stored = (hours: number, token = 'CANARY-a') =>
  JSON.stringify({ auth: { expiry: new Date(NOW + hours * HOUR).toISOString() }, token });

const provider = (options: Partial<CommandOptions> = {}) =>
  command({ id: 'acme-cli', run: ['acme', 'auth', 'touch'], ...options }, async () => {});

/** A machine with `acme`: `act` plays its command and gives the exit code, `isAlive` its status. */
function machine(
  act: (context: FakeContext) => number = () => 0,
  { isAlive = () => true, ...world }: FakeOverrides & { isAlive?: () => boolean } = {},
): FakeContext {
  const context: FakeContext = fakeContext({
    programs: { acme: '/bin/acme' },
    exec: ({ args }) => ({ exitCode: args.includes('status') ? Number(!isAlive()) : act(context) }),
    ...world,
  });
  return context;
}

const ran = ({ calls }: FakeContext) => calls.exec.map(({ args }) => args.join(' '));
const settle = (outcome: Promise<unknown>) => outcome.catch((error: unknown) => error);

describe('with an expiry in the store', () => {
  const dated = { store: STORE, expiresAt: 'json:auth.expiry' };
  const renew = ({ files }: FakeContext) => {
    files.write(STORE, stored(8, 'CANARY-b'));
    return 1;
  };
  test.each<
    [string, number, Partial<CommandOptions>, FakeOverrides, (context: FakeContext) => number, object, string[]]
  >([
    ['fresh: the command does not run', 2, {}, {}, renew, { status: 'fresh', expiresAt: new Date(NOW + 2 * HOUR) }, []],
    [
      'fresh, but forced',
      2,
      {},
      { force: true },
      renew,
      { status: 'refreshed', expiresAt: new Date(NOW + 8 * HOUR) },
      ['auth touch'],
    ],
    ['fresh, with always', 2, { always: true }, {}, () => 0, { status: 'fresh' }, ['auth touch']],
    [
      'about to expire: it runs, and the store decides, not the exit code',
      0.05,
      {},
      {},
      renew,
      { status: 'refreshed' },
      ['auth touch'],
    ],
    ['expired, and the command did nothing', -1, {}, {}, () => 0, { code: 'KA_PROGRAM_FAILED' }, ['auth touch']],
    [
      'fresh, with always, and the command failed',
      2,
      { always: true },
      {},
      () => 1,
      { code: 'KA_PROGRAM_FAILED' },
      ['auth touch'],
    ],
  ])('%s', async (...[_name, hours, options, world, act, expected, runs]) => {
    const context = machine(act, { files: { [STORE]: stored(hours) }, ...world });
    expect(await settle(provider({ ...dated, ...options }).refresh(context))).toMatchObject(expected);
    expect(ran(context)).toEqual(runs);
  });

  test('it can be inspected and watched', async () => {
    const context = machine(undefined, { files: { [STORE]: stored(2) } });
    expect(await provider(dated).inspect?.(context)).toMatchObject({
      present: true,
      store: context.files.resolve(STORE),
      owner: 'acme',
      program: '/bin/acme',
      expiresAt: new Date(NOW + 2 * HOUR),
    });
    let calls = 0;
    void provider(dated).watch?.(context, () => calls++);
    context.files.write(STORE, stored(3));
    expect(calls).toBe(1);
  });
});

test.each<[string, (context: FakeContext) => number, object]>([
  [
    'changed',
    ({ files }) => {
      files.write(STORE, 'two');
      return 0;
    },
    { status: 'refreshed' },
  ],
  ['unchanged by a command that succeeded', () => 0, { status: 'fresh' }],
  ['unchanged by a command that failed', () => 2, { code: 'KA_PROGRAM_FAILED', details: { exitCode: 2 } }],
  [
    'removed',
    ({ files }) => {
      files.remove(STORE);
      return 0;
    },
    { status: 'unavailable' },
  ],
])('a store of any kind, %s', async (_name, act, expected) => {
  expect(await settle(provider({ store: STORE }).refresh(machine(act, { files: { [STORE]: 'one' } })))).toMatchObject(
    expected,
  );
});

describe('with a status command', () => {
  const status = ['acme', 'auth', 'status'];
  test('a session that is alive needs no command', async () => {
    const context = machine();
    expect(await provider({ status }).refresh(context)).toMatchObject({ status: 'fresh' });
    expect(ran(context)).toEqual(['auth status']);
  });

  test.each<[string, Partial<CommandOptions>, boolean, object]>([
    ['alive', {}, true, { status: 'refreshed', method: 'touch' }],
    ['dead', {}, false, { code: 'KA_PROGRAM_FAILED' }],
    ['alive, its store unchanged', { store: STORE }, true, { status: 'refreshed' }],
    ['dead, its store unchanged', { store: STORE }, false, { code: 'KA_PROGRAM_FAILED' }],
  ])('one that is not alive needs it, and is looked at again: %s', async (_name, options, revives, expected) => {
    let alive = false;
    const context = machine(
      () => {
        alive = revives;
        return 0;
      },
      { isAlive: () => alive, files: { [STORE]: 'one' } },
    );
    expect(await settle(provider({ status, ...options }).refresh(context))).toMatchObject(expected);
    expect(ran(context)).toEqual(['auth status', 'auth touch', 'auth status']);
  });
});

test('with only a command, its exit code decides, and the inspection says so', async () => {
  expect(await provider().refresh(machine())).toEqual({ status: 'refreshed', method: 'exit code' });
  expect(await settle(provider().refresh(machine(() => 4)))).toMatchObject({
    code: 'KA_PROGRAM_FAILED',
    details: { exitCode: 4 },
  });
  expect(await provider().inspect?.(machine())).toMatchObject({
    present: true,
    method: 'exit code',
    hint: expect.stringContaining('Only its exit code'),
  });
});

test('the hint names what is missing', async () => {
  expect(await provider().refresh(fakeContext())).toMatchObject({
    status: 'unavailable',
    hint: 'There is no acme. Install it, or give its path.',
  });
  expect(await provider({ store: STORE }).refresh(machine())).toMatchObject({
    status: 'unavailable',
    hint: 'There is no ~/.acme/auth.json. Sign in with acme.',
  });
});

test.each<[string, object]>([
  ['run', { run: [] }],
  ['run', { run: ['', 'x'] }],
  ['expiresAt', { expiresAt: 'json:expiry' }],
  ['expiresAt', { store: STORE, expiresAt: 'expiry' }],
  ['id', { id: 'Acme' }],
  ['', { unknown: 1 }],
])('a wrong option is refused: %s %o', (path, options) => {
  expect(() => provider(options)).toThrow(
    expect.objectContaining({ code: 'KA_CONFIG_INVALID', details: { problems: [expect.objectContaining({ path })] } }),
  );
});

test('it passes the provider contract tests', async () => {
  const { checks } = await testProvider(provider({ store: STORE, expiresAt: 'json:auth.expiry' }), {
    scenarios: [
      {
        name: 'an expired store',
        expect: 'refreshed',
        context: world =>
          machine(
            ({ files }) => {
              files.write(STORE, stored(8));
              return 0;
            },
            { files: { [STORE]: stored(-1) }, ...world },
          ),
      },
    ],
  });
  const { checks: byStatus } = await testProvider(provider({ status: ['acme', 'auth', 'status'] }), {
    scenarios: [{ name: 'a session that is alive', expect: 'fresh', context: world => machine(undefined, world) }],
  });
  expect([...checks, ...byStatus].filter(({ problem }) => problem)).toEqual([]);
});
