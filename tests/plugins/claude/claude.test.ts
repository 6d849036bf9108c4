import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import claude, { autodetect, type ClaudeOptions } from '../../../plugins/claude/index.ts';
import { testProvider, type FakeOverrides } from '../../../sdk/testing/index.ts';
import { claudeLogin, EMPTIED, type ClaudeFacts } from '../../support/vendors/claude-login.ts';
import {
  DAY,
  ENDING,
  EXPIRED,
  HOUR,
  LOGIN_ENDS,
  login,
  machine,
  MINUTE,
  NOW,
  provider,
  RENEWED,
  renewing,
  STORE,
  touches,
  YOUNG,
} from '../../support/vendors/claude-machine.ts';

const expiresAt = new Date(NOW + 8 * HOUR);
const loginExpiresAt = new Date(LOGIN_ENDS);

describe('what is due', () => {
  const known = (facts: ClaudeFacts, at: number): FakeOverrides => ({
    last: { status: 'refreshed', at, expiresAt: new Date(facts.expiresAt ?? 0), expirySeenAt: at },
  });
  test.each<[string, ClaudeFacts, FakeOverrides, boolean]>([
    ['with an hour left', YOUNG, {}, false],
    ['with an hour left, if forced: claude would do nothing', YOUNG, { force: true }, false],
    ['with a little more than 5 minutes left', { expiresAt: NOW + 5 * MINUTE + 1 }, {}, false],
    ['with 5 minutes left', { expiresAt: NOW + 5 * MINUTE }, {}, true],
    ['with 4 minutes left', ENDING, {}, true],
    ['that has expired', EXPIRED, {}, true],
    ['with 4 minutes left of 10', ENDING, known(ENDING, NOW - 6 * MINUTE), true],
    ['with 4 minutes left of 5', ENDING, known(ENDING, NOW - MINUTE), false],
    ['with 4 minutes left of 5, if forced', ENDING, { ...known(ENDING, NOW - MINUTE), force: true }, true],
    ['without an expiry', { expiresAt: Number.NaN }, {}, false],
  ])('a token %s', async (_name, facts, world, due) => {
    const context = machine(login(facts), renewing, world);
    const { status } = await provider().refresh(context);
    expect({ status, started: touches(context).length }).toEqual(
      due ? { status: 'refreshed', started: 1 } : { status: 'fresh', started: 0 },
    );
  });
});

describe('logins that are not kept', () => {
  const settings = (value: object) => ({ ...login(ENDING), '~/.claude/settings.json': JSON.stringify(value) });
  test.each<[string, Record<string, string>, FakeOverrides, string]>([
    ['no login', {}, {}, 'Run `claude`, then type `/login`.'],
    ['a file without a login', { [STORE]: '{"mcpOAuth":{}}' }, {}, 'Run `claude`'],
    [
      'a login without any token',
      { [STORE]: claudeLogin({ access: '' }, { refreshToken: undefined }) },
      {},
      'Run `claude`',
    ],
    [
      'a one-year token in the environment',
      {},
      { env: { CLAUDE_CODE_OAUTH_TOKEN: 'CANARY' } },
      'nothing to keep alive',
    ],
    ['another cloud', login(ENDING), { env: { CLAUDE_CODE_USE_BEDROCK: '1' } }, 'CLAUDE_CODE_USE_BEDROCK'],
    ['a helper that provides keys', settings({ apiKeyHelper: '/bin/key' }), {}, 'apiKeyHelper'],
    ['a one-year token in the settings', settings({ env: { CLAUDE_CODE_OAUTH_TOKEN: 'CANARY' } }), {}, 'setup-token'],
    [
      'another cloud in the settings',
      settings({ env: { CLAUDE_CODE_USE_BEDROCK: '1' } }),
      { env: { CLAUDE_CODE_USE_BEDROCK: '0' } },
      'CLAUDE_CODE_USE_BEDROCK',
    ],
  ])('%s is unavailable, with a hint', async (_name, files, world, hint) => {
    const context = machine(files, renewing, world);
    expect(await provider().refresh(context)).toMatchObject({
      status: 'unavailable',
      hint: expect.stringContaining(hint),
    });
    expect(await provider().inspect?.(context)).toMatchObject({ present: false, hint: expect.stringContaining(hint) });
    expect(context.calls.exec).toEqual([]);
  });

  const CLOUDS = ['BEDROCK', 'VERTEX', 'FOUNDRY', 'MANTLE', 'ANTHROPIC_AWS', 'ANTHROPIC_GOOGLE_CLOUD'];
  // Values as the real claude interprets them.
  const YES = ['1', 'true', 'TRUE', 'yes', 'On', ' 1 '];
  const NO = ['0', 'false', 'False', 'off', 'no', '', ' ', ' 0 ', '2', 'banana'];

  test.each([...YES.map(value => [value, 'unavailable'] as const), ...NO.map(value => [value, 'refreshed'] as const)])(
    'a cloud that is %j is %s',
    async (value, status) => {
      for (const cloud of CLOUDS) {
        const context = machine(login(ENDING), renewing, { env: { [`CLAUDE_CODE_USE_${cloud}`]: value } });
        expect([cloud, (await provider().refresh(context)).status]).toEqual([cloud, status]);
      }
    },
  );

  test.each<[unknown, string]>([
    [1, 'unavailable'],
    [true, 'unavailable'],
    ['1', 'unavailable'],
    [0, 'refreshed'],
    [false, 'refreshed'],
    ['0', 'refreshed'],
    [null, 'refreshed'],
  ])('a cloud that is %j in the settings is %s', async (value, status) => {
    expect(
      await provider().refresh(machine(settings({ env: { CLAUDE_CODE_USE_VERTEX: value } }), renewing)),
    ).toMatchObject({ status });
  });

  test('settings take precedence over the environment', async () => {
    const context = machine(settings({ env: { CLAUDE_CODE_USE_BEDROCK: '0' } }), renewing, {
      env: { CLAUDE_CODE_USE_BEDROCK: '1' },
    });
    expect((await provider().refresh(context)).status).toBe('refreshed');
  });

  test.each(['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR', 'CLAUDE_CODE_SIMPLE'])(
    '%s does not stop claude from renewing its login, and is not passed to it',
    async name => {
      const context = machine(login(ENDING), renewing, { env: { [name]: 'CANARY' } });
      expect((await provider().refresh(context)).status).toBe('refreshed');
      for (const { options } of context.calls.exec)
        expect(Object.entries(options.env ?? {})).toContainEqual([name, undefined]);
      expect((await provider().refresh(machine(settings({ env: { [name]: 'CANARY' } }), renewing))).status).toBe(
        'refreshed',
      );
    },
  );

  test('unreadable settings are ignored', async () => {
    expect((await provider().refresh(machine({ ...login(YOUNG), '~/.claude/settings.json': '{' }))).status).toBe(
      'fresh',
    );
  });
});

test.each<ClaudeOptions>([{}, { method: 'touch' }, { method: 'redeem' }, { method: 'observe' }])(
  'a login that claude has emptied needs a login with every method (%o)',
  async options => {
    const context = machine({ [STORE]: EMPTIED }, renewing);
    expect(await provider(options).refresh(context)).toMatchObject({
      status: 'login-required',
      hint: 'Run `claude`, then type `/login`.',
      proof: expect.stringContaining('emptied'),
    });
    expect([context.calls.exec, context.calls.fetch]).toEqual([[], []]);
  },
);

describe.each<[string, object]>([
  ['no refresh token', { refreshToken: undefined }],
  ['a refresh token of null', { refreshToken: null }],
  ['an empty refresh token', { refreshToken: '' }],
])('a login with %s, as of `claude setup-token`', (_name, shape) => {
  const token = (left: number, more: object = {}) =>
    machine({ [STORE]: claudeLogin({ expiresAt: NOW + left, access: 'CANARY-a' }, { ...shape, ...more }) }, renewing);

  test.each<ClaudeOptions>([{}, { method: 'touch' }, { method: 'redeem' }, { method: 'observe' }])(
    'is observed until its own end, which is the end of the login (%o)',
    async options => {
      const context = token(300 * DAY);
      const end = { expiresAt: new Date(NOW + 300 * DAY), loginExpiresAt: new Date(NOW + 300 * DAY) };
      expect(await provider(options).refresh(context)).toEqual({ status: 'fresh', method: 'observe', ...end });
      expect(await provider(options).inspect?.(context)).toMatchObject({
        present: true,
        method: 'observe',
        ...end,
        hint: expect.stringContaining('setup-token'),
      });
      expect([context.calls.exec, context.calls.fetch]).toEqual([[], []]);
    },
  );

  test('needs a login once that has passed, and is neither touched nor spent before', async () => {
    const context = token(4 * MINUTE);
    expect(await provider().refresh({ ...context, force: true })).toMatchObject({ status: 'fresh' });
    expect(await provider().refresh(token(-MINUTE))).toMatchObject({
      status: 'login-required',
      method: 'observe',
      hint: expect.stringContaining('/login'),
      proof: expect.stringContaining('expired'),
    });
    expect([context.calls.exec, context.calls.fetch]).toEqual([[], []]);
  });

  test.each([0, null, 'soon'])('with the end %j has no known end, and counts as alive', async expiresAt => {
    expect(await provider().refresh(token(0, { expiresAt }))).toMatchObject({
      status: 'fresh',
      loginExpiresAt: undefined,
    });
  });
});

test('a file that is being written is read again before it counts as broken', async () => {
  const context = machine({ [STORE]: '{"claudeAi' });
  let waits = 0;
  const patient = claude(
    {},
    {
      async wait() {
        if (++waits === 3) context.files.write(STORE, claudeLogin(YOUNG));
      },
    },
  );
  expect((await patient.refresh(context)).status).toBe('fresh');
  await expect(provider().refresh(machine({ [STORE]: '{"claudeAi' }))).rejects.toMatchObject({
    code: 'KA_STORE_UNREADABLE',
  });
});

test('every outcome has the end of the login', async () => {
  expect(await provider().refresh(machine(login(YOUNG), renewing))).toEqual({
    status: 'fresh',
    method: 'touch',
    expiresAt: new Date(NOW + HOUR),
    loginExpiresAt,
  });
  expect(await provider().refresh(machine(login(ENDING), renewing))).toEqual({
    status: 'refreshed',
    method: 'touch',
    expiresAt,
    loginExpiresAt,
  });
  const forgetful = machine(login(ENDING), ({ files }) =>
    files.write(STORE, claudeLogin({ expiresAt: NOW + 8 * HOUR, refresh: 'CANARY-2' })),
  );
  expect(await provider().refresh(forgetful)).toEqual({
    status: 'refreshed',
    method: 'touch',
    expiresAt,
    loginExpiresAt,
  });
});

test('observing only inspects, and reports an expired token', async () => {
  const observe = provider({ method: 'observe' });
  const context = machine(login(ENDING), renewing);
  expect(await observe.refresh(context)).toEqual({
    status: 'fresh',
    method: 'observe',
    expiresAt: new Date(NOW + 4 * MINUTE),
    loginExpiresAt,
  });
  expect(await observe.refresh(machine(login(EXPIRED), renewing))).toMatchObject({
    status: 'deferred',
    method: 'observe',
  });
  expect(context.calls.exec).toEqual([]);
});

test('an inspection reports the store, the method and the expiry', async () => {
  const context = machine(login(YOUNG), renewing);
  expect(await provider().inspect?.(context)).toEqual({
    present: true,
    accountLabel: 'Pro',
    store: context.files.resolve(STORE),
    owner: 'claude',
    versionArgs: ['--version'],
    program: '/bin/claude',
    variables: {
      ANTHROPIC_API_KEY: null,
      ANTHROPIC_AUTH_TOKEN: null,
      CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR: null,
      CLAUDE_CODE_SIMPLE: null,
    },
    method: 'touch',
    expiresAt: new Date(NOW + HOUR),
    loginExpiresAt,
    loginEndIsFixed: true,
    fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    refreshFingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    renew: 'Run `claude`, then type `/login`.',
  });
  expect(await provider().inspect?.(machine(login(YOUNG)))).toMatchObject({
    method: 'redeem',
    hint: expect.stringContaining('terms'),
  });
  expect(await provider().inspect?.(machine({ [STORE]: EMPTIED }, renewing))).toMatchObject({
    present: true,
    hint: expect.stringContaining('/login'),
  });
});

test('it reports a change of the file', async () => {
  const context = machine(login(YOUNG));
  let calls = 0;
  const stop = provider().watch?.(context, () => calls++);
  context.files.write(STORE, claudeLogin(RENEWED));
  await stop?.();
  context.files.write(STORE, claudeLogin(YOUNG));
  expect(calls).toBe(1);
});

describe('homes', () => {
  const HOME = '/home/you/.claude';
  test.each<[string, ClaudeOptions, Record<string, string>, string, Record<string, string | undefined>]>([
    ['the usual one', {}, {}, HOME, {}],
    ["the environment's", {}, { CLAUDE_CONFIG_DIR: '/a' }, '/a', {}],
    ["the environment's for secrets", {}, { CLAUDE_CONFIG_DIR: '/a', CLAUDE_SECURESTORAGE_CONFIG_DIR: '/b' }, '/b', {}],
    ['none for secrets: the usual one', {}, { CLAUDE_CONFIG_DIR: '/a', CLAUDE_SECURESTORAGE_CONFIG_DIR: '' }, HOME, {}],
    [
      'a chosen one',
      { id: 'claude-work', home: '~/work' },
      { CLAUDE_CONFIG_DIR: '/a' },
      '/home/you/work',
      { CLAUDE_CONFIG_DIR: '/home/you/work', CLAUDE_SECURESTORAGE_CONFIG_DIR: undefined },
    ],
    [
      'the usual one, chosen: claude is not given its name',
      { home: '~/.claude' },
      { CLAUDE_CONFIG_DIR: '/a' },
      HOME,
      { CLAUDE_CONFIG_DIR: undefined, CLAUDE_SECURESTORAGE_CONFIG_DIR: undefined },
    ],
  ])('%s', async (...[_name, options, env, home, changes]) => {
    const file = `${home}/.credentials.json`;
    const context = machine({ [file]: claudeLogin(ENDING) }, ({ files }) => files.write(file, claudeLogin(RENEWED)), {
      env,
    });
    expect((await provider(options).refresh(context)).status).toBe('refreshed');
    expect(touches(context)[0]?.options.env).toEqual({
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      ...changes,
    });
  });

  test.each<[string, string, string | undefined]>([
    ['~/.claude-work', '/home/you/.claude-work', '/home/you/.claude-work'],
    ['$HOME/.claude-work', '/home/you/.claude-work', '/home/you/.claude-work'],
    ['${HOME}/.claude-work', '/home/you/.claude-work', '/home/you/.claude-work'],
    ['.claude-work', resolve('.claude-work'), resolve('.claude-work')],
    // With the usual home in its environment, claude would look for another item in the keychain of macOS.
    ['~/.claude', HOME, undefined],
    ['$HOME/.claude/', HOME, undefined],
  ])(
    'a CLAUDE_CONFIG_DIR of %s, which claude does not expand, is passed to it as a full path, with a note',
    async (value, home, handed) => {
      const file = `${home}/.credentials.json`;
      const context = machine({ [file]: claudeLogin(ENDING) }, ({ files }) => files.write(file, claudeLogin(RENEWED)), {
        env: { CLAUDE_CONFIG_DIR: value },
      });
      expect((await provider().refresh(context)).status).toBe('refreshed');
      for (const { options } of context.calls.exec)
        expect(Object.entries(options.env ?? {})).toContainEqual(['CLAUDE_CONFIG_DIR', handed]);
      expect(await provider().inspect?.(context)).toMatchObject({
        hint: expect.stringContaining(`CLAUDE_CONFIG_DIR is "${value}"`),
      });
    },
  );

  test('a full path is passed on unchanged', async () => {
    const context = machine({ '/a/.credentials.json': claudeLogin(ENDING) }, renewing, {
      env: { CLAUDE_CONFIG_DIR: '/a/' },
    });
    await provider()
      .refresh(context)
      .catch(() => {});
    expect(Object.keys(touches(context)[0]?.options.env ?? {})).not.toContain('CLAUDE_CONFIG_DIR');
    expect(await provider().inspect?.(context)).toMatchObject({ store: '/a/.credentials.json' });
  });

  test('a folder for secrets is also passed on as a full path', async () => {
    const context = machine({ '/home/you/s/.credentials.json': claudeLogin(ENDING) }, renewing, {
      env: { CLAUDE_SECURESTORAGE_CONFIG_DIR: '~/s' },
    });
    await provider()
      .refresh(context)
      .catch(() => {});
    expect(touches(context)[0]?.options.env).toMatchObject({ CLAUDE_SECURESTORAGE_CONFIG_DIR: '/home/you/s' });
  });

  test('the hint names another home', async () => {
    const work = provider({ id: 'claude-work', home: '~/work' });
    expect(work.displayName).toBe('Claude Code (claude-work)');
    expect(await work.refresh(machine({}))).toMatchObject({
      hint: 'Install claude. Run `claude` with CLAUDE_CONFIG_DIR=/home/you/work, then type `/login`.',
    });
  });
});

test('options are validated', () => {
  expect(() => claude({ metod: 'touch' } as ClaudeOptions)).toThrow(
    expect.objectContaining({ code: 'KA_CONFIG_INVALID' }),
  );
  expect(autodetect).toBe(true);
});

test('it passes the provider contract tests', async () => {
  const scenario = (
    name: string,
    files: Record<string, string>,
    expect: string,
    { touched, ...world }: FakeOverrides & { readonly touched?: typeof renewing } = {},
  ) => ({ name, expect, context: (overrides: FakeOverrides) => machine(files, touched, { ...world, ...overrides }) });
  const answer = (body: object, status = 200): FakeOverrides => ({ fetch: () => Response.json(body, { status }) });
  const report = await testProvider(provider(), {
    scenarios: [
      scenario('a touch', login(ENDING), 'refreshed', { touched: renewing }),
      scenario('a claude that empties', login(ENDING), 'login-required', {
        touched: ({ files }) => files.write(STORE, EMPTIED),
      }),
      scenario('a claude that does nothing', login(ENDING), 'throws', { touched: () => ({ stderr: 'CANARY' }) }),
      scenario(
        'a redeem',
        login(ENDING),
        'refreshed',
        answer({ access_token: 'CANARY-3', refresh_token: 'CANARY-4', expires_in: 28_800 }),
      ),
      scenario('a redeem that is refused', login(ENDING), 'login-required', answer({ error: 'invalid_grant' }, 400)),
    ],
  });
  expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
});
