import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import type { KernelProcess, SpawnOptions } from '../../../plugins/ui-cli/processes/spawn-kernel.ts';
import {
  ALIVE,
  attempt,
  FakeKernel,
  HOUR,
  INFO,
  LOGIN,
  MINUTE,
  NOW,
  PAUSED,
  session,
  UNAVAILABLE,
} from './fake-kernel.ts';
import { keepalive, temporaryFolder } from './run-cli.ts';

const NO_DAEMON = new KeepaliveError('KA_RPC_NO_DAEMON');
/** What `start` prints, by how the daemon came to run. */
const introduction = (how: string) =>
  '● Keeping 1 session alive\n' +
  `Keepalive is ${how} (process 4242). ` +
  'There is no configuration file, so every tool found here is kept alive. ' +
  'Notices go nowhere, because no notifier is configured.\n';
const STARTED = introduction('running in the background');
const ALREADY = introduction('already running');

/** A machine on which a daemon can be started and stopped. */
function machine({ running = false, configFile = null as string | null } = {}) {
  const kernel = new FakeKernel([session('codex', ALIVE)], {
    'kernel/info': () => ({ ...INFO, configFile }),
    'kernel/stop': () => {
      running = false;
      return null;
    },
  });
  const own = new FakeKernel([session('codex', ALIVE)], { 'kernel/info': () => ({ ...INFO, configFile }) });
  const spawned: SpawnOptions[] = [];
  const log: string[] = [];
  const system = {
    connect: async (): Promise<KeepaliveClient> => {
      if (!running) throw NO_DAEMON;
      return kernel.client();
    },
    spawn: async (options: SpawnOptions): Promise<KernelProcess> => {
      spawned.push(options);
      if (options.mode === 'once') return { pid: 4243, channel: own.channel(), release: () => undefined };
      running = true;
      return { pid: 4242, channel: kernel.channel(), release: () => void log.push('released') };
    },
    isRunning: () => running,
    isAlive: () => running,
  };
  return { kernel, own, spawned, log, system };
}

describe('start', () => {
  test('starts and releases a daemon, and returns when it answers', async () => {
    const { system, spawned, log } = machine();
    expect(await keepalive(['start', '--demo', '--config', '/c.ts'], { system })).toEqual({
      exitCode: 0,
      out: STARTED,
      err: '',
    });
    expect(spawned).toMatchObject([{ mode: 'daemon', demo: true, configFile: '/c.ts' }]);
    expect(log).toEqual(['released']);
  });

  test('reports a daemon that is already running', async () => {
    const { system, spawned } = machine({ running: true });
    expect(await keepalive(['start'], { system })).toEqual({
      exitCode: 0,
      out: ALREADY,
      err: '',
    });
    expect(spawned).toEqual([]);
  });

  test.each([
    [
      '--demo',
      '--demo has no effect, because a daemon is already running. To use it, run `keepalive restart --demo`.\n',
    ],
    ['--config /c.ts', ''],
    [
      '--config /other.ts --demo',
      '--config /other.ts --demo have no effect, because a daemon is already running. ' +
        'To use them, run `keepalive restart --config /other.ts --demo`.\n',
    ],
  ])('with %s, says what a running daemon does not take', async (flags, note) => {
    const { system } = machine({ running: true, configFile: '/c.ts' });
    const { exitCode, err } = await keepalive(['start', ...flags.split(' ')], { system });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: note });
  });

  test('shows the tools that could be kept alive where nothing is', async () => {
    const daemon = new FakeKernel([], {
      'tool/list': () => [
        {
          plugin: 'codex',
          displayName: 'Codex',
          status: 'signed-out',
          places: [],
          sessions: [],
          action: 'Run `codex login`.',
        },
      ],
      'notifier/list': () => [{ id: 'notify-desktop', place: 'on this desktop', status: 'on' }],
    });
    const { out } = await keepalive(['start'], { daemon });
    expect(out).toContain('○ No session is kept alive yet\n');
    expect(out).toContain('Notices appear on this desktop.');
    expect(out).toMatch(/Codex .*Run `codex login`/);
  });

  test('accepts a daemon that another process starts at the same time', async () => {
    const { system } = machine();
    const spawn = async () => {
      await system.spawn({ mode: 'daemon', logFile: '' });
      throw new KeepaliveError('KA_KERNEL_RUNNING');
    };
    const result = await keepalive(['start'], { system: { ...system, spawn } });
    expect(result).toEqual({ exitCode: 0, out: ALREADY, err: '' });
  });

  test('reports why a daemon did not start', async () => {
    const { system } = machine();
    const problems = [{ path: 'plugins.0', message: 'expected a name' }];
    const spawn = () => Promise.reject(new KeepaliveError('KA_CONFIG_INVALID', { problems }));
    const { exitCode, err } = await keepalive(['start'], { system: { ...system, spawn } });
    expect(exitCode).toBe(7);
    expect(err).toContain('plugins.0: expected a name');
  });
});

test('stop returns when the process is gone', async () => {
  const { system } = machine({ running: true });
  let looks = 0;
  const isRunning = () => (looks += 1) < 3;
  expect(await keepalive(['stop'], { system: { ...system, isRunning } })).toMatchObject({ exitCode: 0, err: '' });
  expect(looks).toBe(3);
});

test('stop does not wait long for a process that has ended, but that its parent has not reaped', async () => {
  const { system } = machine({ running: true });
  let time = 0;
  const ended = { isRunning: () => true, isAlive: () => false };
  const stopped = await keepalive(['stop'], { system: { ...system, ...ended }, now: () => (time += 1_000) });
  expect(stopped).toMatchObject({ exitCode: 0, err: '' });
});

test.each([true, false])('restart starts a new daemon (one was running: %s)', async running => {
  const { system, kernel, spawned } = machine({ running });
  expect(await keepalive(['restart'], { system })).toEqual({ exitCode: 0, out: STARTED, err: '' });
  expect(kernel.asked.some(([method]) => method === 'kernel/stop')).toBe(running);
  expect(spawned.filter(({ mode }) => mode === 'daemon')).toHaveLength(1);
});

test('restart does not stop the daemon if the configuration is not valid', async () => {
  const { system, kernel, own } = machine({ running: true });
  const spawn = () => Promise.reject(new KeepaliveError('KA_CONFIG_INVALID'));
  expect((await keepalive(['restart'], { system: { ...system, spawn } })).exitCode).toBe(7);
  expect(kernel.asked).not.toContainEqual(['kernel/stop', {}]);
  await keepalive(['restart'], { system });
  expect(own.asked).toEqual([['kernel/stop', {}]]);
});

test('restart keeps the configuration in use in every folder, unless another is given', async () => {
  const { system, spawned } = machine({ running: true, configFile: '/project/keepalive.config.ts' });
  await keepalive(['restart'], { system });
  await keepalive(['restart', '--config', '/other.ts'], { system });
  const project = '/project/keepalive.config.ts';
  expect(spawned.map(({ mode, configFile }) => [mode, configFile])).toEqual([
    ['once', project],
    ['daemon', project],
    ['once', '/other.ts'],
    ['daemon', '/other.ts'],
  ]);
});

describe('without a daemon', () => {
  test('check starts a one-shot kernel, and ends it', async () => {
    const { system, own, spawned } = machine({ configFile: '/c.ts' });
    const { exitCode, out } = await keepalive(['check', '--config', '/c.ts'], { system });
    expect(exitCode).toBe(0);
    expect(out).toContain('● alive');
    expect(spawned).toMatchObject([{ mode: 'once', configFile: '/c.ts' }]);
    expect(own.asked.map(([method]) => method)).toEqual([
      'kernel/info',
      'session/list',
      'plugin/list',
      'notice/list',
      'kernel/info',
      'session/look',
      'kernel/stop',
    ]);
  });

  test.each(['check', 'status'])('a daemon with another configuration is used by %s, with a note', async command => {
    const { system } = machine({ running: true, configFile: '/used.ts' });
    const given = join(temporaryFolder(), 'given.ts');
    writeFileSync(given, '');
    const { exitCode, err } = await keepalive([command, '--config', given], { system });
    expect({ exitCode, err }).toEqual({
      exitCode: 0,
      err: 'A daemon is running and uses /used.ts, so --config is ignored.\n',
    });
    expect((await keepalive([command, '--config', '/used.ts'], { system })).err).toBe('');
    expect(await keepalive([command, '--config', '/given.ts'], { system })).toMatchObject({
      exitCode: 7,
      err: 'There is no configuration file /given.ts. (KA_CONFIG_NOT_FOUND)\n',
    });
  });

  test('a one-shot kernel is ended even if the command fails', async () => {
    const { system, own } = machine();
    expect((await keepalive(['check', 'missing'], { system })).exitCode).toBe(1);
    expect(own.asked.at(-1)).toEqual(['kernel/stop', {}]);
  });

  test('check --refresh attempts only what is due, because cron may run it every minute', async () => {
    const known = (id: string, more: Partial<Session> = {}) =>
      session(id, ALIVE, { expiresAt: NOW + HOUR, lastAttempt: attempt(id), ...more });
    const others = [
      known('later'),
      known('due', { nextAttemptAt: NOW }),
      session('new', ALIVE),
      session('halted', UNAVAILABLE, { lastAttempt: attempt('halted') }),
      session('paused', PAUSED),
    ];
    const looked = [...others, known('changed', { expiresAt: NOW + MINUTE })];
    const kernel = new FakeKernel([...others, known('changed')], {
      'session/look': ({ id }) => looked.find(found => found.id === id) ?? known(id),
    });
    await keepalive(['check', '--refresh'], { daemon: kernel });
    expect(kernel.asked.filter(([method]) => method === 'session/refresh').map(([, params]) => params)).toEqual(
      ['due', 'new', 'halted', 'changed'].map(id => ({ id, force: false })),
    );
  });

  test('check --refresh reports the state after the refresh', async () => {
    let state = ALIVE;
    const kernel = new FakeKernel([], {
      'session/list': () => [session('codex', state)],
      'session/look': () => session('codex', state),
      'session/get': () => session('codex', state),
      'session/refresh': () => session('codex', (state = LOGIN)),
    });
    expect((await keepalive(['check'], { daemon: kernel })).exitCode).toBe(0);
    expect((await keepalive(['check', '--refresh'], { daemon: kernel })).exitCode).toBe(5);
  });
});

test('check --refresh shows the expiry in the file, not the remembered one', async () => {
  const remembered = session('codex', ALIVE, { expiresAt: NOW + HOUR });
  const kernel = new FakeKernel([remembered], { 'session/look': () => ({ ...remembered, expiresAt: NOW - HOUR }) });
  const { exitCode, out } = await keepalive(['check', '--refresh'], { daemon: kernel });
  expect({ exitCode, out }).toEqual({ exitCode: 6, out: expect.stringMatching(/▲ expired .* 1 h ago/) });
});

describe('run', () => {
  test('beside a running daemon exits 3, and names the commands instead of an address', async () => {
    const details = { pid: 7, url: 'ws://127.0.0.1:1/rpc' };
    const runDaemon = () => Promise.reject(new KeepaliveError('KA_KERNEL_RUNNING', details));
    const { exitCode, out, err } = await keepalive(['run'], { system: { runDaemon } });
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: '' });
    expect(err).toBe(
      'Keepalive is already running (process 7). `keepalive status --watch` shows it, `keepalive stop` ends it.\n',
    );
  });

  test('on a terminal, lists what to sign in to above the live view until a tool is kept alive', async () => {
    const tool = { plugin: 'codex', displayName: 'Codex', places: [], sessions: [], action: 'Run `codex login`.' };
    const shown = async (status: 'kept' | 'missing') => {
      const kernel = new FakeKernel([session('practice', ALIVE, { provider: 'practice' })], {
        'tool/list': () => [{ ...tool, status }],
      });
      const runDaemon = async () => ({ stopped: Promise.resolve(), client: kernel.client() });
      const terminal = { columns: 100 };
      return (await keepalive(['run', '--demo=auto'], { system: { runDaemon }, terminal })).out;
    };
    expect(await shown('missing')).toContain('Sign in to one of these tools.');
    expect(await shown('kept')).not.toContain('Codex');
  });

  test('describes the sessions, prints a line for each event, and ends with the daemon', async () => {
    const kernel = new FakeKernel([session('practice', ALIVE, { provider: 'practice' })]);
    let stop: () => void = () => undefined;
    const stopped = new Promise<void>(resolve => {
      stop = resolve;
    });
    const runDaemon = async () => ({ stopped, client: kernel.client() });
    const running = keepalive(['run', '--demo=auto'], { system: { runDaemon } });
    await expect.poll(() => kernel.asked.map(([method]) => method)).toContain('notice/list');
    kernel.notify('kernel/willStop', { reason: 'SIGINT' });
    stop();
    const { exitCode, out } = await running;
    expect(exitCode).toBe(0);
    expect(out.split('\n')).toEqual([
      ...introduction('running here').trim().split('\n'),
      '',
      expect.stringContaining('The practice session is not a real account'),
      '2026-03-10 12:00:00 · The daemon stops: SIGINT',
      'Stopped. No session is kept alive now.',
      '',
    ]);
  });
});
