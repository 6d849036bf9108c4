import { describe, expect, test } from 'vitest';
import codex, { type CodexOptions } from '../../../plugins/codex/index.ts';
import { testProvider, type FakeContext, type FakeOverrides } from '../../../sdk/testing/index.ts';
import { codexLogin, type LoginFacts } from '../../support/vendors/codex-login.ts';
import {
  AUTH,
  DAY,
  HALFWAY,
  MINUTE,
  NOW,
  RENEWED,
  YOUNG,
  file,
  login,
  machine,
  provider,
  renewing,
} from '../../support/vendors/codex-machine.ts';

describe('what is due', () => {
  test.each<[string, LoginFacts, FakeOverrides, boolean]>([
    ['in the first half of its life', YOUNG, {}, false],
    ['in the first half of its life, if forced', YOUNG, { force: true }, true],
    ['in the second half of its life', HALFWAY, {}, true],
    [
      'with only the time of the last renewal known',
      { expiresAt: NOW + 4 * DAY, refreshedAt: NOW - 6 * DAY },
      {},
      true,
    ],
    ['of an unknown life, renewed 2 days ago', { refreshedAt: NOW - 2 * DAY }, {}, false],
    ['of an unknown life, renewed 4 days ago', { refreshedAt: NOW - 4 * DAY }, {}, true],
    [
      'with 4 minutes left of a short life that is new to us',
      { issuedAt: NOW - MINUTE, expiresAt: NOW + 4 * MINUTE },
      {},
      true,
    ],
    [
      'with 4 minutes left of a short life that we know from before',
      { issuedAt: NOW - MINUTE, expiresAt: NOW + 4 * MINUTE },
      { last: { status: 'refreshed', at: NOW - MINUTE, expiresAt: new Date(NOW + 4 * MINUTE) } },
      false,
    ],
    [
      'in the second half of a short life that we know from before',
      { issuedAt: NOW - 5 * MINUTE, expiresAt: NOW + 4 * MINUTE },
      { last: { status: 'refreshed', at: NOW - 5 * MINUTE, expiresAt: new Date(NOW + 4 * MINUTE) } },
      true,
    ],
    ['that has expired', { issuedAt: NOW - 10 * DAY, expiresAt: NOW - MINUTE }, {}, true],
  ])('a token %s', async (_name, facts, world, due) => {
    const context = machine(login(facts), renewing, world);
    const { status } = await provider().refresh(context);
    expect({ status, ran: context.calls.exec.length }).toEqual(
      due ? { status: 'refreshed', ran: 1 } : { status: 'fresh', ran: 0 },
    );
  });
});

describe('logins that are not kept', () => {
  test.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'Run `codex login`.'],
    ['an API key', file(JSON.stringify({ OPENAI_API_KEY: 'CANARY-key' })), 'Codex is not signed in with ChatGPT'],
    [
      'another mode',
      file(codexLogin(YOUNG, { auth_mode: 'chatgptAuthTokens' })),
      'Codex is not signed in with ChatGPT',
    ],
    [
      'tokens that codex itself would ignore',
      file(codexLogin(YOUNG, { last_refresh: undefined })),
      'Run `codex login`.',
    ],
    ['no refresh token', file(codexLogin(YOUNG, { tokens: { access_token: 'CANARY-a' } })), 'Run `codex login`.'],
  ])('%s is unavailable, with a hint', async (_name, files, hint) => {
    const context = machine(files, renewing);
    const outcome = await provider().refresh(context);
    expect(outcome).toMatchObject({ status: 'unavailable', hint: expect.stringContaining(hint) });
    expect(await provider().inspect?.(context)).toMatchObject({ present: false, hint: expect.stringContaining(hint) });
    expect(context.calls.exec).toEqual([]);
  });

  test('a store in another table of the configuration is ignored', async () => {
    const files = { ...login(YOUNG), '~/.codex/config.toml': '[profiles.x]\ncli_auth_credentials_store = "keyring"\n' };
    expect((await provider().refresh(machine(files))).status).toBe('fresh');
  });

  test('a file that is being written is read again before it counts as broken', async () => {
    const context = machine(file('{"auth_mo'));
    let waits = 0;
    const patient = codex({}, async () => {
      if (++waits === 3) context.files.write(AUTH, codexLogin({ ...YOUNG, refreshedAt: NOW }));
    });
    expect((await patient.refresh(context)).status).toBe('fresh');
    await expect(provider().refresh(machine(file('{"auth_mo')))).rejects.toMatchObject({ code: 'KA_STORE_UNREADABLE' });
  });
});

test('observing only inspects, and reports an expired token', async () => {
  const observe = provider({ method: 'observe' });
  expect(await observe.refresh(machine(login(HALFWAY), renewing))).toEqual({
    status: 'fresh',
    expiresAt: new Date(NOW + 4 * DAY),
    method: 'observe',
  });
  expect(await observe.refresh(machine(login({ expiresAt: NOW - 1 }), renewing))).toMatchObject({ status: 'deferred' });
});

test('an inspection reports the store, the method and the expiry', async () => {
  const context = machine(login(HALFWAY), renewing);
  expect(await provider().inspect?.(context)).toEqual({
    present: true,
    renew: 'Run `codex login`.',
    accountLabel: 'y…@example.test, Plus',
    store: context.files.resolve(AUTH),
    owner: 'codex',
    versionArgs: ['--version'],
    program: '/bin/codex',
    variables: {
      OPENAI_API_KEY: null,
      CODEX_API_KEY: null,
      CODEX_ACCESS_TOKEN: null,
      CODEX_HOME: context.files.resolve('~/.codex'),
    },
    method: 'touch',
    expiresAt: new Date(NOW + 4 * DAY),
    fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    refreshFingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    account: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(await provider().inspect?.(machine(login(HALFWAY)))).toMatchObject({
    method: 'redeem',
    hint: expect.stringContaining('OpenAI advises against'),
  });
});

test('it reports a change of the file', async () => {
  const context = machine(login(YOUNG));
  let calls = 0;
  const stop = provider().watch?.(context, () => calls++);
  context.files.write(AUTH, codexLogin(RENEWED));
  await stop?.();
  context.files.write(AUTH, codexLogin(YOUNG));
  expect(calls).toBe(1);
});

test('an unknown option is rejected', () => {
  expect(() => codex({ hom: '/x' } as CodexOptions)).toThrow(expect.objectContaining({ code: 'KA_CONFIG_INVALID' }));
});

const REFUSAL = () => Response.json({ error: { code: 'refresh_token_expired', message: 'CANARY' } }, { status: 401 });

const scenario = (name: string, expected: string, make: (world: FakeOverrides) => FakeContext) => ({
  name,
  expect: expected,
  context: make,
});

test('it passes the provider contract tests', async () => {
  const report = await testProvider(provider(), {
    scenarios: [
      scenario('a touch', 'refreshed', world => machine(login(HALFWAY), renewing, world)),
      scenario('a redeem', 'refreshed', world =>
        machine(login(HALFWAY), undefined, {
          fetch: () => Response.json({ ...JSON.parse(codexLogin(RENEWED)).tokens }),
          ...world,
        }),
      ),
      scenario('a refusal', 'login-required', world =>
        machine(login(HALFWAY), undefined, { fetch: REFUSAL, ...world }),
      ),
      scenario("a refusal that is not in the vendor's form", 'throws', world =>
        machine(login(HALFWAY), undefined, { fetch: () => new Response('CANARY', { status: 401 }), ...world }),
      ),
      scenario('an outage', 'throws', world => machine(login(HALFWAY), undefined, world)),
      scenario('an API key', 'unavailable', world =>
        machine(file(JSON.stringify({ OPENAI_API_KEY: 'CANARY-key' })), renewing, world),
      ),
    ],
  });
  expect(report.checks.filter(({ problem }) => problem)).toEqual([]);
});
