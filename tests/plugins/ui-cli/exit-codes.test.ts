import { describe, expect, test } from 'vitest';
import { exitCodeOfError } from '../../../plugins/ui-cli/context/exit.ts';
import { UsageError } from '../../../plugins/ui-cli/context/options.ts';
import { KeepaliveError, type ErrorCode } from '../../../sdk/contract/errors.ts';
import type { Session, SessionState } from '../../../sdk/contract/session.ts';
import {
  ALIVE,
  FAILING,
  FakeKernel,
  GAVE_UP,
  HOUR,
  LOGIN,
  MINUTE,
  NOW,
  OFFLINE,
  PAUSED,
  session,
  UNAVAILABLE,
} from './fake-kernel.ts';
import { keepalive } from './run-cli.ts';

const DEFERRED: SessionState = {
  name: 'waiting',
  why: 'deferred',
  failures: 0,
  tries: 0,
  wakeAt: NOW + MINUTE,
  wakeWhy: 'the owner is busy with it',
  hint: 'Its owner renews it.',
};
const REFRESHING: SessionState = { name: 'refreshing', since: NOW, failures: 0, tries: 1 };
const states = (...list: SessionState[]): readonly Session[] => list.map((state, at) => session(`s${at}`, state));

describe.each(['status', 'check', 'refresh'])('%s', command => {
  test.each<[string, number, readonly Session[]]>([
    ['nothing is kept alive', 0, []],
    ['all are alive', 0, states(ALIVE, ALIVE)],
    ['one is paused', 0, states(ALIVE, PAUSED)],
    ['one is offline', 0, states(OFFLINE)],
    ['one fails', 6, states(ALIVE, FAILING)],
    ['one gave up', 6, states(GAVE_UP)],
    ['one is not installed', 6, states(UNAVAILABLE)],
    ['one needs a login', 5, states(ALIVE, LOGIN)],
    ['one needs a login and others fail', 5, states(FAILING, LOGIN, GAVE_UP)],
  ])('where %s, exits %i', async (_, exitCode, sessions) => {
    expect((await keepalive([command], { daemon: new FakeKernel(sessions) })).exitCode).toBe(exitCode);
  });
});

describe.each(['status', 'check', 'refresh'])('%s', command => {
  const ended = { expiresAt: NOW - HOUR };
  test.each<[string, number, Session]>([
    ['has expired', 6, session('s', ALIVE, ended)],
    ['has expired and is deferred', 6, session('s', DEFERRED, ended)],
    ['has expired while the vendor could not be reached', 6, session('s', OFFLINE, ended)],
    ['has a login that ended', 6, session('s', ALIVE, { expiresAt: NOW + HOUR, loginExpiresAt: NOW - HOUR })],
    ['has expired and needs a login', 5, session('s', LOGIN, ended)],
    ['has expired and is paused', 0, session('s', PAUSED, ended)],
    ['has expired and is being renewed', 0, session('s', REFRESHING, ended)],
    ['expires in a minute', 0, session('s', ALIVE, { expiresAt: NOW + MINUTE })],
  ])('of a session that %s, exits %i', async (_, exitCode, one) => {
    expect((await keepalive([command], { daemon: new FakeKernel([one]) })).exitCode).toBe(exitCode);
  });
});

describe.each(['status', 'check'])('%s, with a plugin that did not load,', command => {
  const plugin = {
    id: 'acme',
    kind: 'unknown',
    module: './acme.ts',
    loadMs: 1,
    error: { code: 'KA_PLUGIN_FAILED', message: 'The plugin threw.' },
  } as const;
  const kernel = (sessions: readonly Session[], status: 'failed' | 'loading') =>
    new FakeKernel(sessions, { 'plugin/list': () => [{ ...plugin, status }] });

  test.each<[number, string, readonly Session[], 'failed' | 'loading']>([
    [6, 'others are alive', states(ALIVE), 'failed'],
    [6, 'there is no other', [], 'failed'],
    [5, 'one needs a login', states(LOGIN), 'failed'],
    [0, 'it is only still loading', states(ALIVE), 'loading'],
  ])('exits %i where %s', async (exitCode, _, sessions, status) => {
    expect((await keepalive([command], { daemon: kernel(sessions, status) })).exitCode).toBe(exitCode);
  });

  test('is listed in JSON as a halted session', async () => {
    const { out } = await keepalive([command, '--json'], { daemon: kernel(states(ALIVE), 'failed') });
    expect(JSON.parse(out)).toMatchObject([
      { id: 's0', state: { name: 'alive' } },
      {
        id: 'acme',
        provider: './acme.ts',
        state: { name: 'halted', why: 'unavailable', hint: 'The plugin ./acme.ts was not loaded: The plugin threw.' },
      },
    ]);
  });
});

test.each<[number, unknown]>([
  [1, new Error('anything')],
  [1, new KeepaliveError('KA_SESSION_NOT_FOUND')],
  [1, new KeepaliveError('KA_RATE_LIMITED')],
  [2, new UsageError('so not')],
  [2, new KeepaliveError('KA_RPC_INVALID_PARAMS', { problems: [] })],
  [3, new KeepaliveError('KA_KERNEL_RUNNING')],
  [4, new KeepaliveError('KA_RPC_NO_DAEMON')],
  [7, new KeepaliveError('KA_CONFIG_INVALID')],
  [7, new KeepaliveError('KA_CONFIG_NOT_FOUND')],
])('exits %i on %s', (exitCode, error) => {
  expect(exitCodeOfError(error)).toBe(exitCode);
});

test.each([
  'status',
  'status codex',
  'refresh',
  'refresh codex',
  'pause codex',
  'resume codex',
  'set codex enabled=false',
  'unset codex enabled',
])('without a daemon, %s exits 4 and says how to start one', async line => {
  const { exitCode, out, err } = await keepalive(line.split(' '));
  expect({ exitCode, out }).toEqual({ exitCode: 4, out: '' });
  expect(err).toContain('Start it with `keepalive start`');
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['there is none', {}],
  ['its process has ended', { reason: 'its process 7 has ended', ended: true }],
])('stop exits 0 without a daemon: %s', async (_title, details) => {
  const connect = () => Promise.reject(new KeepaliveError('KA_RPC_NO_DAEMON', details));
  expect(await keepalive(['stop'], { system: { connect } })).toEqual({
    exitCode: 0,
    out: 'Keepalive is not running.\n',
    err: '',
  });
  expect(JSON.parse((await keepalive(['stop', '--json'], { system: { connect } })).out)).toEqual({ stopped: false });
});

test('stop exits 4 if a daemon may run but does not answer', async () => {
  const reason = 'process 7 exists but does not answer';
  const connect = () => Promise.reject(new KeepaliveError('KA_RPC_NO_DAEMON', { reason }));
  const { exitCode, err } = await keepalive(['stop'], { system: { connect } });
  expect([exitCode, err]).toEqual([4, expect.stringContaining(reason)]);
});

test.each([
  ['no-such-command'],
  ['status --no-such-option'],
  ['status one two'],
  ['pause'],
  ['set codex'],
  ['set codex colour=red'],
  ['set codex schedule=soon'],
  ['unset codex colour'],
  ['plan --for ever'],
  ['history --limit 0'],
  ['history --limit many'],
  ['completion nushell'],
  ['run --demo=maybe'],
  ['plugin new Not_A_Name'],
  ['prompt --colour'],
])('%s is a mistake of use: exits 2 and says on stderr what is right', async line => {
  const { exitCode, out, err } = await keepalive(line.split(' '), {
    daemon: new FakeKernel([session('codex', ALIVE)]),
  });
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(err).not.toBe('');
});

test.each<[ErrorCode, number]>([
  ['KA_CONFIG_INVALID', 7],
  ['KA_KERNEL_RUNNING', 3],
  ['KA_HOME_UNUSABLE', 1],
])('run that ends with %s exits %i', async (code, exitCode) => {
  const runDaemon = () => Promise.reject(new KeepaliveError(code));
  expect(await keepalive(['run'], { system: { runDaemon } })).toMatchObject({ exitCode, out: '' });
});

test.each(['--help', '-h', 'help', 'help set', 'config --help', 'set --help', '--version'])(
  '%s is not a usage error',
  async line => {
    const { exitCode, out, err } = await keepalive(line.split(' '));
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toMatch(/Usage: keepalive|^\d+\.\d+\.\d+/);
  },
);
