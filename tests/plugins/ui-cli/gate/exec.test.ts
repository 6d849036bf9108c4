import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { Session, SessionState } from '../../../../sdk/contract/session.ts';
import type { Program } from '../../../../plugins/ui-cli/context/command.ts';
import {
  ALIVE,
  attempt,
  FakeKernel,
  FAILING,
  GAVE_UP,
  HOUR,
  LOGIN,
  MINUTE,
  NOW,
  OFFLINE,
  PAUSED,
  session,
  UNAVAILABLE,
  type Answers,
} from '../fake-kernel.ts';
import { keepalive, temporaryFolder, type Result } from '../run-cli.ts';

const REFRESHING: SessionState = { name: 'refreshing', since: NOW, failures: 0, tries: 1 };
const alive = (id: string, more: Partial<Session> = {}): Session =>
  session(id, ALIVE, { expiresAt: NOW + 5 * HOUR, lastAttempt: attempt(id, { endedAt: NOW - HOUR }), ...more });

type Ran = Result & { readonly became: Program | undefined; readonly kernel: FakeKernel };

/** A folder with a program that is called as a vendor's is. */
const PROGRAMS = temporaryFolder();
writeFileSync(join(PROGRAMS, 'claude'), '#!/bin/sh\n', { mode: 0o755 });

type Env = Readonly<Record<string, string>>;

async function exec(
  args: readonly string[],
  sessions: readonly Session[],
  { answers = {}, env = {} }: { readonly answers?: Answers; readonly env?: Env } = {},
): Promise<Ran> {
  const kernel = new FakeKernel(sessions, answers);
  let became: Program | undefined;
  const result = await keepalive(['exec', ...args], {
    daemon: kernel,
    inherited: { PATH: `${PROGRAMS}:/usr/bin:/bin`, ...env },
    become: async program => {
      became = program;
      return 42;
    },
  });
  return { ...result, became, kernel };
}

const asked = ({ kernel }: Ran, method: string) =>
  kernel.asked.filter(([name]) => name === method).map(([, params]) => params);

test('a healthy session lets the command start, and nothing is printed', async () => {
  const ran = await exec(['--', 'sh', '-c', 'x', '--json', '--help'], [alive('claude')]);
  expect(ran).toMatchObject({ exitCode: 42, out: '', err: '' });
  expect(ran.became).toEqual({ file: '/usr/bin/sh', argv: ['sh', '-c', 'x', '--json', '--help'] });
  expect(asked(ran, 'session/refresh')).toEqual([]);
});

describe('refuses with one line for each session that does not pass', () => {
  test.each<[string, number, readonly Session[], readonly RegExp[]]>([
    ['a login is required', 5, [alive('a'), session('b', LOGIN)], [/^b: A login is required\. .*`codex login`/]],
    ['one fails', 6, [session('b', FAILING)], [/^b: The program did not do what .*`keepalive explain b`/]],
    ['one gave up', 6, [session('b', GAVE_UP)], [/^b: It gave up .*`keepalive resume b`/]],
    [
      'one is missing',
      6,
      [session('b', UNAVAILABLE)],
      [/^b: It is unavailable\. Not installed\. .*`keepalive explain b`/],
    ],
    ['a login outweighs failures', 5, [session('a', FAILING), session('b', LOGIN)], [/^a: /, /^b: /]],
    ['an expired one', 6, [alive('b', { state: OFFLINE, expiresAt: NOW - HOUR })], [/^b: It has expired .*`keepalive/]],
  ])('%s', async (_, exitCode, sessions, lines) => {
    const ran = await exec(['--', 'sh'], sessions);
    expect(ran).toMatchObject({ exitCode, out: '', became: undefined });
    const printed = ran.err.trimEnd().split('\n');
    expect(printed).toHaveLength(lines.length);
    lines.forEach((line, at) => expect(printed[at]).toMatch(line));
  });
});

test.each<[string, string, readonly Session[], number, RegExp]>([
  [
    'a login that ends too soon',
    '1h',
    [alive('a', { loginExpiresAt: NOW + 20 * MINUTE })],
    5,
    /^a: Its login ends in 20 min .*--min is 1 h\. Sign in to A tool again before then\. Run `/,
  ],
  [
    'a login that ends too soon, with the command that renews it',
    '1h',
    [alive('a', { loginExpiresAt: NOW + 20 * MINUTE, renew: 'Run `claude`, then type `/login`.' })],
    5,
    /^a: Its login ends in 20 min .*--min is 1 h\. Run `claude`, then type `\/login`\.$/m,
  ],
  [
    'an observed credential',
    '1h',
    [alive('a', { method: 'observe', expiresAt: NOW + 20 * MINUTE })],
    5,
    /^a: Its login ends in 20 min/,
  ],
  [
    'a paused one',
    '6h',
    [alive('a', { state: PAUSED })],
    6,
    /^a: It expires in 5 h .*--min is 6 h\. Run `keepalive resume a`/,
  ],
])('--min refuses %s', async (_, ...[min, sessions, exitCode, line]) => {
  const ran = await exec(['--min', min, '--', 'sh'], sessions);
  expect(ran).toMatchObject({ exitCode, became: undefined });
  expect(ran.err).toMatch(line);
});

describe('renews first', () => {
  const due = alive('a', { state: { name: 'alive', wakeAt: NOW - 1, wakeWhy: 'every hour' }, expiresAt: NOW + MINUTE });

  test('what is due, without force', async () => {
    const ran = await exec(['--', 'sh'], [due, alive('b')]);
    expect(asked(ran, 'session/refresh')).toEqual([{ id: 'a', force: false }]);
    expect(ran.exitCode).toBe(42);
  });

  test('what ends within --min, with force', async () => {
    const ran = await exec(['--min', '6h', '--', 'sh'], [alive('a')]);
    expect(asked(ran, 'session/refresh')).toEqual([{ id: 'a', force: true }]);
  });

  test.each<[string, Partial<Session>]>([
    ['its last renewal lasted no longer', { lastRenewedAt: NOW - MINUTE }],
    ['it was attempted a moment ago', { lastAttempt: attempt('a', { endedAt: NOW - MINUTE }) }],
  ])('but without force if %s', async (_, more) => {
    const ran = await exec(['--min', '6h', '--', 'sh'], [alive('a', more)]);
    expect(asked(ran, 'session/refresh')).toEqual([{ id: 'a', force: false }]);
    expect(ran.exitCode).toBe(42);
  });

  test('and asks nothing of a vendor about a dead login, a paused or an observed session', async () => {
    const observed = alive('c', { method: 'observe', expiresAt: NOW + MINUTE });
    const ran = await exec(['--min', '1h', '--', 'sh'], [session('a', LOGIN), session('b', PAUSED), observed]);
    expect(asked(ran, 'session/refresh')).toEqual([]);
    expect(ran.exitCode).toBe(5);
  });

  test('an attempt that comes too early does not keep a good session from passing', async () => {
    const early = () => Promise.reject(new KeepaliveError('KA_RATE_LIMITED', { id: 'a', retryAt: NOW + MINUTE }));
    expect(
      await exec(['--min', '6h', '--', 'sh'], [alive('a')], { answers: { 'session/refresh': early } }),
    ).toMatchObject({
      exitCode: 42,
    });
  });

  test('and looks again while another program renews it', async () => {
    const idle = alive('a', { state: { name: 'idle', failures: 0, wakeAt: NOW, wakeWhy: 'at start' }, expiresAt: NOW });
    const found = [idle, idle, { ...idle, expiresAt: NOW + HOUR }];
    const ran = await exec(['--', 'sh'], [idle], { answers: { 'session/look': () => found.shift() ?? idle } });
    expect(ran.exitCode).toBe(42);
    expect(found).toEqual([]);
  });

  test('but refuses at once if another session stays as it is', async () => {
    const idle = alive('a', { state: { name: 'idle', failures: 0, wakeAt: NOW, wakeWhy: 'at start' }, expiresAt: NOW });
    const ran = await exec(['--', 'sh'], [idle, session('b', LOGIN)]);
    expect(ran).toMatchObject({ exitCode: 5, became: undefined });
    // Before the renewal, and after it.
    expect(asked(ran, 'session/look')).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'a' }, { id: 'b' }]);
  });

  test('by itself, or by another daemon, if the daemon ends meanwhile', async () => {
    let attempts = 0;
    const kernel = new FakeKernel([due], {
      'session/refresh': () => {
        attempts += 1;
        if (attempts > 1) return alive('a');
        kernel.vanish();
        return new Promise<never>(() => undefined);
      },
    });
    const { exitCode, err } = await keepalive(['exec', '--', 'sh'], {
      daemon: kernel,
      inherited: { PATH: '/usr/bin:/bin' },
      become: async () => 42,
    });
    expect({ exitCode, err, attempts }).toEqual({ exitCode: 42, err: '', attempts: 2 });
  });

  test('for no longer than --wait', async () => {
    const never = () => new Promise<never>(() => undefined);
    const refreshing = alive('a', { state: REFRESHING, expiresAt: undefined });
    const ran = await exec(['--wait', '20ms', '--', 'sh'], [refreshing], { answers: { 'session/refresh': never } });
    expect(ran).toMatchObject({ exitCode: 6, became: undefined });
    expect(ran.err).toMatch(/^a: It is being refreshed\. Run `keepalive explain a`/);
  });
});

describe('chooses the sessions', () => {
  const claude = (id: string, more: Partial<Session> = {}) => alive(id, { provider: 'claude', ...more });
  const dead = session('codex', LOGIN, { provider: 'codex' });
  const kept: Readonly<Record<string, string>> = { '': 'claude', '/work': 'claude-work' };
  const answers: Answers = {
    'tool/sessions': ({ env = {} }) => [kept[env['CLAUDE_CONFIG_DIR'] ?? '']].filter(id => id !== undefined),
  };

  test('that are named', async () => {
    expect(await exec(['--session', 'a', '--', 'sh'], [alive('a'), dead])).toMatchObject({ exitCode: 42 });
    expect(await exec(['--session', 'a', '--session', 'codex', '--', 'sh'], [alive('a'), dead])).toMatchObject({
      exitCode: 5,
    });
    expect(await exec(['--session', 'a,codex', '--', 'sh'], [alive('a'), dead])).toMatchObject({ exitCode: 5 });
  });

  test('and refuses a name that no session has', async () => {
    expect(await exec(['--session', 'nope', '--', 'sh'], [alive('a')])).toMatchObject({
      exitCode: 1,
      became: undefined,
    });
  });

  test.each(['', ','])('and refuses an empty list, as of a variable that is not set: %j', async list => {
    const ran = await exec(['--session', list, '--', 'sh'], [alive('a')]);
    expect(ran).toMatchObject({ exitCode: 2, became: undefined });
    expect(ran.err).toContain('Give at least one value.');
  });

  test('all, for a program that no provider knows', async () => {
    expect(await exec(['--', 'sh'], [claude('claude'), dead])).toMatchObject({ exitCode: 5 });
  });

  test('all, for a program whose provider keeps no session', async () => {
    expect(await exec(['--', 'claude'], [alive('a'), dead])).toMatchObject({ exitCode: 5 });
  });

  test.each<[string, Env, string | undefined]>([
    ['by the usual folder', {}, 'claude'],
    ['by the folder that the environment names', { CLAUDE_CONFIG_DIR: '/work' }, 'claude-work'],
    ['and none, if no session keeps the login in that folder', { CLAUDE_CONFIG_DIR: '/other' }, undefined],
  ])('of the program: %s', async (_, env, id) => {
    const ran = await exec(['--', 'claude'], [claude('claude'), claude('claude-work'), dead], { answers, env });
    expect(asked(ran, 'session/look')).toEqual(id === undefined ? [] : [{ id }]);
    expect(ran.exitCode).toBe(id === undefined ? 6 : 42);
    if (id === undefined)
      expect(ran.err).toMatch(/^No session keeps the login that claude uses here\. Run `keepalive add/);
  });

  test('and sends no other variable of the environment', async () => {
    const ran = await exec(['--', 'claude'], [claude('claude')], {
      answers,
      env: { ANTHROPIC_API_KEY: 'secret' },
    });
    const env = { CLAUDE_CONFIG_DIR: null, CLAUDE_SECURESTORAGE_CONFIG_DIR: null };
    expect(asked(ran, 'tool/sessions')).toEqual([{ plugin: 'claude', env }]);
  });
});

test.each([
  [['--', 'no-such-program'], 127, 'no-such-program was not found.\n'],
  [['--', '/tmp'], 126, '/tmp cannot be executed.\n'],
  [['--', '/no/such/program'], 127, '/no/such/program was not found.\n'],
])('%j is not started, and no session is asked', async (args, exitCode, err) => {
  const ran = await exec(args, [alive('a')]);
  expect(ran).toMatchObject({ exitCode, err, became: undefined });
  expect(ran.kernel.asked).toEqual([]);
});

test('without a command, the usage is shown', async () => {
  expect(await exec([], [alive('a')])).toMatchObject({ exitCode: 2, became: undefined });
});

test('with --json, a refusal is one document, and the lines are on stderr', async () => {
  const ran = await exec(['--json', '--', 'sh'], [session('b', LOGIN)]);
  expect(JSON.parse(ran.out)).toMatchObject([{ id: 'b' }]);
  expect(ran.err).toMatch(/^b: /);
});

describe('check', () => {
  const check = async (args: readonly string[], sessions: readonly Session[]) => {
    const kernel = new FakeKernel(sessions);
    return { ...(await keepalive(['check', ...args], { daemon: kernel })), kernel };
  };

  test('--min renews first, and says what does not pass', async () => {
    const soon = alive('a', { loginExpiresAt: NOW + 20 * MINUTE });
    const { exitCode, err, kernel } = await check(['--min', '6h'], [soon, alive('b')]);
    expect(exitCode).toBe(5);
    expect(err).toMatch(/^a: Its login ends in 20 min/);
    expect(kernel.asked.filter(([name]) => name === 'session/refresh')).toHaveLength(2);
  });

  test('without --min, a login that ends soon is fine, and nothing is renewed', async () => {
    const { exitCode, err, kernel } = await check([], [alive('a', { loginExpiresAt: NOW + MINUTE })]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(kernel.asked.some(([name]) => name === 'session/refresh')).toBe(false);
  });
});
