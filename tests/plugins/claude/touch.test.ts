import { describe, expect, test } from 'vitest';
import claude from '../../../plugins/claude/index.ts';
import type { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { FakeOverrides } from '../../../sdk/testing/index.ts';
import { claudeLogin, EMPTIED, type ClaudeFacts } from '../../support/vendors/claude-login.ts';
import {
  DAY,
  ENDING,
  EXPIRED,
  HOUR,
  idle,
  login,
  machine,
  NOW,
  provider,
  RENEWED,
  renewing,
  STORE,
  touches,
  type Behaviour,
} from '../../support/vendors/claude-machine.ts';

const ENDPOINT = 'https://platform.claude.com/v1/oauth/token';
const failed =
  (status: number): Behaviour =>
  () => ({
    exitCode: 1,
    stderr: `[ERROR] OAuth refresh failed (expected): Request failed with status code ${status}\n`,
  });
const writing =
  (text: string): Behaviour =>
  ({ files }) =>
    files.write(STORE, text);

test('claude looks for a missing MCP server, and gets a minute to end before it is killed', async () => {
  const context = machine(login(ENDING), renewing);
  await provider().refresh(context);
  await provider().refresh(machine(login(ENDING), renewing));
  expect(touches(context)).toMatchObject([
    {
      program: '/bin/claude',
      args: ['--debug-to-stderr', 'mcp', 'get', expect.stringMatching(/^keepalive-[0-9a-f-]{36}$/)],
    },
  ]);
  const options = touches(context)[0]?.options;
  expect(options).toMatchObject({ graceMs: 60_000 });
  expect([options?.input, options?.cwd, options?.signal]).toEqual([undefined, undefined, undefined]);
});

test('in a terminal claude shows its status, without hooks and servers, until the store has settled', async () => {
  const context = machine(login(ENDING), renewing);
  expect(await provider({ touch: 'status' }).refresh(context)).toMatchObject({ status: 'refreshed', method: 'touch' });
  expect(touches(context)).toMatchObject([
    { terminal: true, args: ['--strict-mcp-config', '--settings', '{"disableAllHooks":true}', '/status'] },
  ]);
});

test('the terminal stays open until two reads of the store are the same', async () => {
  let looks = 0;
  let left = Infinity;
  const context = machine(login(ENDING), idle, {
    exec: async ({ args, options }) => {
      if (args[0] === '--version') return { stdout: '2.1.330' };
      await options.talk?.({
        lines: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) },
        send: () => {},
      });
      left = Math.min(left, looks);
      return {};
    },
  });
  const patient = claude(
    { touch: 'status' },
    {
      platform: 'linux',
      async wait() {
        looks += 1;
        if (looks === 4) context.files.write(STORE, claudeLogin({ ...RENEWED, access: 'CANARY-first' }));
        if (looks === 5) context.files.write(STORE, claudeLogin(RENEWED));
      },
    },
  );
  expect((await patient.refresh(context)).status).toBe('refreshed');
  expect(left).toBe(6);
});

/** A machine on which time passes. */
function passing(touched: Behaviour, facts: ClaudeFacts, { version }: { readonly version: string }) {
  const world = { touched, version, force: false, now: NOW };
  const { exec: _exec, ...first } = machine(login(facts), idle);
  const context = machine({}, idle, {
    files: first.files,
    now: () => world.now,
    exec: call => (call.args[0] === '--version' ? { stdout: world.version } : (world.touched(context, call) ?? {})),
  });
  return {
    context,
    world,
    /** The outcome or error of a refresh this long after the start. */
    refreshAt: (ms: number) => {
      world.now = NOW + ms;
      return provider()
        .refresh({ ...context, force: world.force })
        .catch((error: unknown) => error);
    },
  };
}

describe('a silent claude', () => {
  const said = (error: unknown) => (error as KeepaliveError).code;

  test('counts as an outage, before the expiry and for hours after it; then the user is notified', async () => {
    const { refreshAt } = passing(idle, ENDING, { version: '2.1.330' });
    const hours = [0, 0.5, 1, 3, 6, 6.2, 12, 24 * 6];
    const codes = [];
    for (const hour of hours) codes.push(said(await refreshAt(hour * HOUR)));
    expect(codes).toEqual([...Array(5).fill('KA_OFFLINE'), ...Array(3).fill('KA_NOT_RENEWED')]);
  });

  test('does not count a long absence as hours of trying', async () => {
    const { refreshAt } = passing(idle, { ...EXPIRED, expiresAt: NOW - 9 * DAY }, { version: '2.1.330' });
    expect(await refreshAt(0)).toMatchObject({ code: 'KA_OFFLINE' });
    expect(await refreshAt(7 * HOUR)).toMatchObject({
      code: 'KA_NOT_RENEWED',
      details: { since: new Date(NOW).toISOString() },
    });
  });

  test('is noted for the login until it changes', async () => {
    const { context, refreshAt } = passing(idle, EXPIRED, { version: '2.1.330' });
    await refreshAt(0);
    expect(await provider().inspect?.(context)).toMatchObject({ hint: expect.stringContaining('left it unchanged') });
    context.files.write(STORE, claudeLogin(RENEWED));
    expect(await provider().inspect?.(context)).toMatchObject({ hint: undefined });
  });
});

describe('the state after claude has run', () => {
  test.each<[string, ClaudeFacts, Behaviour, FakeOverrides, object]>([
    ['a later token', EXPIRED, renewing, {}, { status: 'refreshed', expiresAt: new Date(NOW + 8 * HOUR) }],
    [
      'a later token, with an error',
      EXPIRED,
      context => {
        renewing(context, { program: '', args: [], options: {} });
        return { exitCode: 1 };
      },
      {},
      { status: 'refreshed' },
    ],
    [
      'a new token with the same expiry',
      ENDING,
      writing(claudeLogin({ ...ENDING, refresh: 'CANARY-2' })),
      {},
      { code: 'KA_INEFFECTIVE' },
    ],
    [
      'an emptied credential',
      EXPIRED,
      writing(EMPTIED),
      {},
      { status: 'login-required', hint: 'Run `claude`, then type `/login`.', proof: expect.any(String) },
    ],
    [
      'no file',
      EXPIRED,
      ({ files }) => files.remove(STORE),
      {},
      { status: 'unavailable', hint: 'Run `claude`, then type `/login`.' },
    ],
    [
      'nothing new, and success',
      EXPIRED,
      () => ({ exitCode: 0 }),
      {},
      { code: 'KA_OFFLINE', details: { reason: expect.stringContaining('does not say why') } },
    ],
    [
      'nothing new, refused with 401',
      EXPIRED,
      failed(401),
      {},
      { code: 'KA_OFFLINE', details: { reason: expect.stringContaining('claude reported HTTP 401 from the vendor.') } },
    ],
    [
      'nothing new, refused with 403',
      EXPIRED,
      failed(403),
      {},
      { code: 'KA_INTERCEPTED', details: { reason: expect.stringContaining('claude reported HTTP 403') } },
    ],
    ['nothing new, rate-limited', EXPIRED, failed(429), {}, { status: 'rate-limited' }],
    ['nothing new, with a server error', EXPIRED, failed(529), {}, { code: 'KA_OFFLINE' }],
    [
      'nothing new, and the vendor has an outage',
      EXPIRED,
      idle,
      { fetch: () => new Response(null, { status: 503 }) },
      { code: 'KA_OFFLINE' },
    ],
    [
      'nothing new, without a network',
      EXPIRED,
      idle,
      {
        fetch: () => {
          throw new TypeError('fetch failed');
        },
      },
      { code: 'KA_OFFLINE' },
    ],
    ['a broken file', EXPIRED, writing('{'), {}, { code: 'KA_STORE_UNREADABLE' }],
  ])('%s', async (...[_name, facts, touched, world, expected]) => {
    const outcome = await provider()
      .refresh(machine(login(facts), touched, world))
      .catch((error: unknown) => error);
    expect(outcome).toMatchObject(expected);
  });

  test('the reachability check is sent to the vendor without a credential', async () => {
    const context = machine(login(EXPIRED), idle);
    await expect(provider().refresh(context)).rejects.toMatchObject({ code: 'KA_OFFLINE' });
    expect(context.calls.fetch).toMatchObject([{ method: 'HEAD', url: ENDPOINT, body: '' }]);
  });

  test.each(['.claude/.oauth_refresh.lock', '.claude.lock'])('nothing new, with a fresh lock at ~/%s', async lock => {
    const context = machine(login(EXPIRED), idle);
    const stat = async (path: string) =>
      path === context.files.resolve(`~/${lock}`)
        ? { path, modifiedAt: NOW - 20_000, mode: 0o700, writable: true }
        : context.files.stat(path);
    const beside = { ...context, files: { ...context.files, stat } };
    expect(await provider().refresh(beside)).toMatchObject({
      status: 'deferred',
      until: new Date(NOW + 40_000),
      method: 'touch',
    });
  });
});

describe('an untested release', () => {
  test.each(['3.0.0', '2.1.333', '2.1.99', '2.2'])('%s is touched, and trusted after a renewal', async version => {
    const context = machine(login(ENDING), renewing, { version });
    expect((await provider().refresh(context)).status).toBe('refreshed');
    context.files.write(STORE, claudeLogin(ENDING));
    expect((await provider().refresh(context)).status).toBe('refreshed');
  });

  test('after one emptied its credential, the next one is only watched for a week', async () => {
    const { context, refreshAt } = passing(writing(EMPTIED), EXPIRED, { version: '3.0.0' });
    expect(await refreshAt(0)).toMatchObject({ status: 'login-required' });
    context.files.write(STORE, claudeLogin(EXPIRED));
    expect(await refreshAt(6 * DAY)).toMatchObject({
      status: 'deferred',
      method: 'observe',
      reason: expect.stringContaining('claude 3.0.0 was asked to renew its credential and emptied it'),
    });
    expect(await provider().inspect?.(context)).toMatchObject({
      hint: expect.stringContaining('claude 3.0.0 was asked to renew its credential and emptied it'),
    });
    expect(touches(context)).toHaveLength(1);
    expect(context.calls.log).toMatchObject([{ level: 'warn', fields: { version: '3.0.0' } }]);
    context.files.write(STORE, claudeLogin(ENDING));
    expect(await refreshAt(0)).toMatchObject({ status: 'fresh', method: 'observe' });
    await refreshAt(8 * DAY);
    expect(touches(context)).toHaveLength(2);
  });

  const TRIED = [0, 0.5, 1, 1.5, 2].map(days => days * DAY);

  test('after two days without a renewal, its login is only watched for a week', async () => {
    const { context, refreshAt } = passing(idle, EXPIRED, { version: '3.0.0' });
    for (const at of TRIED) await refreshAt(at);
    expect(touches(context)).toHaveLength(TRIED.length);
    expect(await refreshAt(3 * DAY)).toMatchObject({
      status: 'deferred',
      method: 'observe',
      reason: expect.stringContaining('claude 3.0.0 was asked to renew its credential and left it unchanged'),
    });
    expect(await provider().inspect?.(context)).toMatchObject({
      hint: expect.stringContaining('claude 3.0.0 was asked to renew its credential and left it unchanged'),
    });
    expect(touches(context)).toHaveLength(TRIED.length);
    await refreshAt(9 * DAY);
    expect(touches(context)).toHaveLength(TRIED.length + 1);
  });

  test.each<[string, (context: ReturnType<typeof passing>) => void]>([
    ['a later release', ({ world }) => void (world.version = '3.0.1')],
    [
      'another credential',
      ({ context }) => context.files.write(STORE, claudeLogin({ ...EXPIRED, refresh: 'CANARY-other' })),
    ],
    ['force', ({ world }) => void (world.force = true)],
  ])('the doubt ends with %s', async (_name, change) => {
    const time = passing(idle, EXPIRED, { version: '3.0.0' });
    for (const at of TRIED) await time.refreshAt(at);
    change(time);
    await time.refreshAt(3 * DAY);
    expect(touches(time.context)).toHaveLength(TRIED.length + 1);
  });

  test('one bad day proves nothing, even after many tries', async () => {
    const { context, refreshAt } = passing(idle, EXPIRED, { version: '3.0.0' });
    for (let hour = 0; hour <= 40; hour++)
      expect(await refreshAt(hour * HOUR)).toMatchObject({ code: expect.any(String) });
    expect(touches(context)).toHaveLength(41);
  });

  test('one that has renewed before is not doubted', async () => {
    const { context, refreshAt, world } = passing(renewing, EXPIRED, { version: '3.0.0' });
    await refreshAt(0);
    context.files.write(STORE, claudeLogin(EXPIRED));
    world.touched = idle;
    for (const at of [...TRIED, 3 * DAY]) await refreshAt(at);
    expect(touches(context)).toHaveLength(TRIED.length + 2);
  });

  test.each<[string, ClaudeFacts, Behaviour, FakeOverrides]>([
    [
      'without a network',
      EXPIRED,
      idle,
      {
        fetch: () => {
          throw new TypeError('fetch failed');
        },
      },
    ],
    ['rate-limited', EXPIRED, failed(429), {}],
    ['at the end of the login', { ...EXPIRED, loginExpiresAt: NOW - 1 }, writing(EMPTIED), {}],
  ])('one that fails %s is not blamed', async (_name, facts, touched, world) => {
    const context = machine(login(facts), touched, { version: '3.0.0', ...world });
    await provider()
      .refresh(context)
      .catch(() => {});
    context.files.write(STORE, claudeLogin(EXPIRED));
    await provider()
      .refresh(context)
      .catch(() => {});
    expect(touches(context)).toHaveLength(2);
  });

  test('a tested release is touched again after any failure', async () => {
    const context = machine(login(EXPIRED), idle);
    await provider()
      .refresh(context)
      .catch(() => {});
    await provider()
      .refresh(context)
      .catch(() => {});
    expect(touches(context)).toHaveLength(2);
  });
});

test('with the method touch and no program it is unavailable, and nothing is spent', async () => {
  const context = machine(login(ENDING));
  expect(await provider({ method: 'touch', program: 'claude-nightly' }).refresh(context)).toMatchObject({
    status: 'unavailable',
    hint: expect.stringContaining('There is no claude-nightly.'),
    method: 'touch',
  });
  expect(context.calls.fetch).toEqual([]);
});

test('a program may be given by its path', async () => {
  const context = machine(login(ENDING), renewing, { programs: { '/home/you/bin/claude': '/home/you/bin/claude' } });
  expect((await provider({ program: '~/bin/claude' }).refresh(context)).status).toBe('refreshed');
});

test.each(['/home/you/.local/bin/claude', '/home/you/.claude/local/claude'])(
  'a claude at %s is found without the PATH of a shell, unless another program is configured',
  async path => {
    const context = machine(login(ENDING), renewing, { programs: { [path]: path } });
    expect(await provider({ program: 'claude-nightly' }).inspect?.(context)).toMatchObject({
      program: undefined,
      method: 'redeem',
    });
    expect((await provider().refresh(context)).status).toBe('refreshed');
    expect(touches(context)[0]?.program).toBe(path);
  },
);
