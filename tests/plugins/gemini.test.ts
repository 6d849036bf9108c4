import { describe, expect, test } from 'vitest';
import gemini, { type GeminiOptions } from '../../plugins/gemini/index.ts';
import { fakeContext, testProvider, type FakeContext, type FakeOverrides } from '../../sdk/testing/index.ts';
import { trusted } from '../support/vendors/trusted.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const FILE = '~/.gemini/oauth_creds.json';
const SETTINGS = '~/.gemini/settings.json';

const creds = (minutes: number, access = 'CANARY-access-1') =>
  JSON.stringify({
    access_token: access,
    refresh_token: 'CANARY-refresh',
    id_token: 'CANARY-id',
    token_type: 'Bearer',
    expiry_date: NOW + minutes * MINUTE,
  });
const login = (minutes: number) => ({
  [FILE]: creds(minutes),
  [SETTINGS]: '{ "security": { "auth": { "selectedType": "oauth-personal" } } } // mine',
});
const TABLE = trusted('gemini', 'list-sessions');
const provider = (options: GeminiOptions = {}) => gemini(options, async () => {}, TABLE);

/** A machine with gemini, which does and says this when it lists its sessions. */
function machine(
  files: Readonly<Record<string, string>>,
  act: (context: FakeContext) => object = () => ({}),
  world: FakeOverrides = {},
): FakeContext {
  const context: FakeContext = fakeContext({
    files,
    programs: { gemini: '/bin/gemini' },
    exec: () => act(context),
    ...world,
  });
  return context;
}

const renewing = ({ files }: FakeContext) => {
  files.write(FILE, creds(60, 'CANARY-access-2'));
  return {};
};
const online: FakeOverrides = { fetch: () => new Response(null, { status: 404 }) };
// The real program prints the same if the login has ended, if Google is down, and if there is no network.
const NEEDS_LOGIN =
  'Error authenticating: FatalAuthenticationError: ' +
  'Manual authorization is required but the current session is non-interactive.';
const RETIRED =
  "Error authenticating: IneligibleTierError: No.\n  ineligibleTiers: [ { reasonCode: 'UNSUPPORTED_CLIENT' } ]";

describe('what gemini does, and the outcome', () => {
  test.each<[string, number, (context: FakeContext) => object, FakeOverrides, object]>([
    ['it renews', -60, renewing, {}, { status: 'refreshed', method: 'touch' }],
    ['it renews in its last five minutes', 4, renewing, {}, { status: 'refreshed' }],
    [
      'it writes another token with the old expiry',
      -60,
      ({ files }) => {
        files.write(FILE, creds(-60, 'CANARY-access-2'));
        return {};
      },
      online,
      { code: 'KA_OFFLINE' },
    ],
    [
      'it asks for a login while Google answers',
      -60,
      () => ({ stderr: NEEDS_LOGIN }),
      online,
      { code: 'KA_OFFLINE', details: { reason: expect.stringContaining('does not say why') } },
    ],
    [
      'it asks for a login while Google has an outage',
      -60,
      () => ({ stderr: NEEDS_LOGIN }),
      { fetch: () => new Response(null, { status: 503 }) },
      { code: 'KA_OFFLINE' },
    ],
    ['it asks for a login without a network', -60, () => ({ stderr: NEEDS_LOGIN }), {}, { code: 'KA_OFFLINE' }],
    [
      'it is retired, and nothing is renewed',
      -60,
      () => ({ stderr: RETIRED }),
      online,
      { status: 'unavailable', hint: expect.stringContaining('retired') },
    ],
    [
      'it is retired, although the token was renewed',
      -60,
      context => ({ ...renewing(context), stderr: RETIRED }),
      {},
      { status: 'unavailable', hint: expect.stringContaining('retired') },
    ],
    [
      'no sign-in method is chosen',
      -60,
      () => ({ exitCode: 41, stderr: 'Please set an Auth method in your settings.json' }),
      online,
      { status: 'unavailable', hint: expect.stringContaining('sign in') },
    ],
    [
      'it never ends',
      -60,
      () => ({ exitCode: undefined, timedOut: true }),
      online,
      { code: 'KA_OFFLINE', details: { reason: expect.stringContaining('It did not end in time.') } },
    ],
    [
      'it removes its credential',
      -60,
      ({ files }) => {
        files.remove(FILE);
        return {};
      },
      {},
      { status: 'unavailable' },
    ],
    [
      'it empties its credential',
      -60,
      ({ files }) => {
        files.write(FILE, '{}');
        return {};
      },
      {},
      { status: 'login-required', proof: expect.stringContaining('emptied') },
    ],
    ['forced, and it has nothing to do', 30, () => ({}), { force: true }, { status: 'fresh' }],
  ])('%s', async (...[_name, minutes, act, world, expected]) => {
    const context = machine(login(minutes), act, world);
    expect(
      await provider()
        .refresh(context)
        .catch((error: unknown) => error),
    ).toMatchObject(expected);
    expect(context.calls.exec).toMatchObject([{ program: '/bin/gemini', args: ['--list-sessions'] }]);
    expect(
      context.calls.fetch
        .map(({ method, url }) => `${method} ${url}`)
        .filter(call => call !== 'HEAD https://cloudcode-pa.googleapis.com/'),
    ).toEqual([]);
  });
});

test.each<[string, Readonly<Record<string, string>>, FakeOverrides, string]>([
  ['nothing', {}, {}, 'sign in with Google'],
  [
    'an API key',
    { ...login(-1), [SETTINGS]: '{"security":{"auth":{"selectedType":"gemini-api-key"}}}' },
    {},
    'not set to sign in with Google',
  ],
  ['no refresh token', { [FILE]: JSON.stringify({ access_token: 'CANARY-a' }) }, {}, 'sign in with Google'],
  ['an encrypted store, by its file', { '~/.gemini/gemini-credentials.json': 'CANARY' }, {}, 'encrypted'],
  ['an encrypted store, by the environment', {}, { env: { GEMINI_FORCE_ENCRYPTED_FILE_STORAGE: 'true' } }, 'encrypted'],
])('%s is unavailable, with a hint, and nothing runs', async (_name, files, world, hint) => {
  const context = machine(files, renewing, world);
  expect(await provider().refresh(context)).toMatchObject({
    status: 'unavailable',
    hint: expect.stringContaining(hint),
  });
  expect(await provider().inspect?.(context)).toMatchObject({ present: false, hint: expect.stringContaining(hint) });
  expect(context.calls.exec).toEqual([]);
});

test('without an expiry the schedule decides, and nothing runs while the token is fresh', async () => {
  const context = machine(login(6), renewing);
  expect(await provider().refresh(context)).toEqual({ status: 'fresh', expiresAt: undefined, method: 'touch' });
  expect(context.calls.exec).toEqual([]);
  expect(provider().policy?.schedule).toEqual({ mode: 'interval', every: '12h' });
});

test('two homes are independent', async () => {
  const context = machine(
    { ...login(60), '/second/.gemini/oauth_creds.json': creds(-60) },
    ({ files }) => {
      files.write('/second/.gemini/oauth_creds.json', creds(60));
      return {};
    },
    { env: { GEMINI_CLI_HOME: '/not/this' } },
  );
  const work = provider({ id: 'gemini-work', home: '/second' });
  expect(work.displayName).toBe('Gemini CLI (gemini-work)');
  expect(await work.refresh(context)).toMatchObject({ status: 'refreshed' });
  expect(context.calls.exec[0]?.options.env).toEqual({
    NO_BROWSER: 'true',
    GEMINI_CLI_NO_RELAUNCH: 'true',
    GEMINI_CLI_HOME: '/second',
  });
  expect(await provider().inspect?.(context)).toMatchObject({ present: false });
});

test('a GEMINI_CLI_HOME that gemini would not expand is passed to it as a full path, with a note', async () => {
  const home = '/home/you/second';
  const context = machine(
    { [`${home}/.gemini/oauth_creds.json`]: creds(-60) },
    ({ files }) => {
      files.write(`${home}/.gemini/oauth_creds.json`, creds(60));
      return {};
    },
    { env: { GEMINI_CLI_HOME: '~/second' } },
  );
  expect(await provider().refresh(context)).toMatchObject({ status: 'refreshed' });
  expect(context.calls.exec[0]?.options.env).toMatchObject({ GEMINI_CLI_HOME: home });
  expect(await provider().inspect?.(context)).toMatchObject({
    hint: `GEMINI_CLI_HOME is "~/second", which is not a full path; it is read as ${home}. Set it to that.`,
  });
});

test('without the program it is observed, with a note', async () => {
  const context = fakeContext({ files: login(-60) });
  expect(await provider().refresh(context)).toMatchObject({ status: 'fresh', method: 'observe' });
  expect(await provider().inspect?.(context)).toMatchObject({
    present: true,
    method: 'observe',
    owner: 'gemini',
    store: context.files.resolve(FILE),
  });
  expect(await provider({ method: 'touch' }).refresh(context)).toMatchObject({
    status: 'unavailable',
    hint: expect.stringContaining('There is no gemini.'),
  });
});

test('a torn file is read again before it counts as broken, because gemini writes in place', async () => {
  const context = machine({ [FILE]: creds(60).slice(0, 40) });
  await expect(provider().refresh(context)).rejects.toMatchObject({ code: 'KA_STORE_UNREADABLE' });
  const patient = gemini({}, async () => context.files.write(FILE, creds(60)));
  expect(await patient.refresh(context)).toMatchObject({ status: 'fresh' });
});

test('it reports a change of the file', () => {
  const context = machine(login(60));
  let calls = 0;
  void provider().watch?.(context, () => calls++);
  context.files.write(FILE, creds(61));
  expect(calls).toBe(1);
});

test('an unknown option is rejected', () => {
  expect(() => gemini({ hom: '/x' } as GeminiOptions)).toThrow(expect.objectContaining({ code: 'KA_CONFIG_INVALID' }));
});

test('it passes the provider contract tests', async () => {
  const report = await testProvider(provider(), {
    scenarios: [
      { name: 'a touch', expect: 'refreshed', context: world => machine(login(-60), renewing, world) },
      {
        name: 'a failure',
        expect: 'throws',
        context: world => machine(login(-60), () => ({ stderr: `${NEEDS_LOGIN} CANARY` }), { ...online, ...world }),
      },
    ],
  });
  expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
});
