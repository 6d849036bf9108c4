import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { FleetMachine } from '../../../sdk/contract/rpc.ts';
import { ALIVE, attempt, DAY, FAILING, FakeKernel, HOUR, LOGIN, MINUTE, NOW, session } from './fake-kernel.ts';
import { keepalive, type Circumstances } from './run-cli.ts';

const machine = (name: string, more: Partial<FleetMachine> = {}): FleetMachine => ({
  machine: name,
  version: '1.0.0',
  seenAt: NOW - 2 * MINUTE,
  accepts: [],
  sessions: [session('claude', ALIVE)],
  notices: [],
  ...more,
});

const laptop = machine('laptop', { isHere: true });
const box = machine('box', {
  accepts: ['login'],
  sessions: [session('claude', ALIVE), session('codex', LOGIN, { signIn: 'again' })],
});
const old = machine('ci', { isSilent: true, seenAt: NOW - DAY, version: '0.9.0' });

const fleetOf = (...machines: readonly FleetMachine[]) =>
  new FakeKernel([], {
    'fleet/list': () => machines,
    'fleet/history': () => [{ machine: 'box', attempt: attempt('codex') }],
  });

const fleet = (daemon: FakeKernel | undefined, args: readonly string[] = [], more: Circumstances = {}) =>
  keepalive(['fleet', ...args], { daemon, ...more });

/** The lines that begin a machine. */
const headings = (out: string) => out.split('\n').filter(line => /^\S (laptop|box|ci):/.test(line));

test('keepalive fleet shows all machines, the worst first, each with its sessions', async () => {
  const { out, exitCode } = await fleet(fleetOf(old, laptop, box));
  expect(out).toMatch(/^1 of 3 machines needs you, 1 silent\n/);
  expect(headings(out)).toEqual([
    '✗ box: 1 of 2 needs a login, last heard 2 min ago',
    '◌ ci: 1 session, silent, last heard 24 h ago, version 0.9.0',
    '● laptop: 1 session, this machine',
  ]);
  expect(out.match(/^claude +\S .*$/gm)).toEqual([
    expect.stringContaining('● alive'),
    expect.stringContaining('○ was alive'),
    expect.stringContaining('● alive'),
  ]);
  expect(exitCode).toBe(5);
});

test.each<[string, readonly string[], string]>([
  ['accepts it', ['login'], '✗ codex: Run `keepalive login box/codex`. It resumes'],
  ['does not', [], '✗ codex: On box: Run `keepalive login codex`. It resumes'],
])('a login on a machine that %s is advised as a command that works', async (_what, accepts, advice) => {
  expect((await fleet(fleetOf(laptop, { ...box, accepts }))).out).toContain(advice);
});

test('advice that names a machine already stays as it is', async () => {
  const action = 'Sign in separately with `keepalive login laptop/claude`.';
  const shared = {
    id: 'x',
    session: 'claude',
    level: 'warning',
    code: 'shared-login',
    title: 'Shared',
    body: '',
  } as const;
  const { out } = await fleet(fleetOf(laptop, { ...box, notices: [{ ...shared, action, raisedAt: NOW }] }));
  expect(out).toContain('`keepalive login laptop/claude`');
  expect(out).not.toContain('box/laptop');
});

test.each([60, 100])('no line is wider than a terminal of %d columns', async columns => {
  const { out } = await fleet(fleetOf(old, laptop, box), [], { terminal: { columns } });
  const lines = stripVTControlCharacters(out).split('\n');
  expect(lines.filter(line => line.length > columns)).toEqual([]);
});

test('one machine, and a session of it, are shown alone', async () => {
  const daemon = fleetOf(laptop, box);
  expect(headings((await fleet(daemon, ['box'])).out)).toHaveLength(1);
  const card = await fleet(daemon, ['box/codex']);
  expect(card.out).toMatch(/^codex .*login required\n +what to do +Run `keepalive login box\/codex`/);
  expect(card.exitCode).toBe(5);
  expect((await fleet(daemon, ['laptop'])).exitCode).toBe(0);
  expect((await fleet(daemon, ['other'])).err).toContain('KA_FLEET_MACHINE_NOT_FOUND');
  expect((await fleet(daemon, ['box/other'])).err).toContain('KA_SESSION_NOT_FOUND');
});

test('--history lists the attempts of all machines, or of one session', async () => {
  const daemon = fleetOf(laptop, box);
  expect((await fleet(daemon, ['--history'])).out).toMatch(/ box\/codex +✓ renewed/);
  await fleet(daemon, ['box/codex', '--history', '-n', '5']);
  expect(daemon.asked.filter(([method]) => method === 'fleet/history').map(([, params]) => params)).toEqual([
    { limit: 20 },
    { machine: 'box', id: 'codex', limit: 5 },
  ]);
});

test('status --fleet is the same, and does not go with --watch', async () => {
  const daemon = fleetOf(laptop, box);
  expect((await keepalive(['status', '--fleet'], { daemon })).out).toBe((await fleet(daemon)).out);
  expect((await keepalive(['status', '--fleet', '--watch'], { daemon })).exitCode).toBe(2);
});

test('--json prints the machines in that order', async () => {
  const { out } = await fleet(fleetOf(laptop, box), ['--json']);
  expect(JSON.parse(out)).toEqual([box, laptop]);
});

test.each<[string, FakeKernel | undefined, number, string]>([
  ['no fleet', fleetOf(), 7, 'Set `fleet` in the configuration. (KA_FLEET_NONE)'],
  ['no daemon', undefined, 4, 'KA_RPC_NO_DAEMON'],
  ['a retry', fleetOf(machine('box', { sessions: [session('codex', FAILING)] })), 6, ''],
  ['only good sessions', fleetOf(laptop, machine('box', { seenAt: NOW - HOUR, isSilent: true })), 0, ''],
])('with %s it exits with a code that says so', async (_what, daemon, code, text) => {
  const { exitCode, err } = await fleet(daemon);
  expect(exitCode).toBe(code);
  expect(err).toContain(text);
});
