import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { healthyHome } from '../support/canary/healthy-home.ts';
import { FAKETIME, falseClock } from '../support/clock/false-clock.ts';
import { environment, KEEPALIVE, KEEPALIVED, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import type { Daemon } from '../support/daemon/daemon.ts';
import { endpointOf } from '../support/daemon/raw-client.ts';
import { socketUses, watched } from '../support/io/egress.ts';
import { CAN_TRACE } from '../support/io/strace.ts';
import { onTestFinished } from '../support/running-test.ts';

const MINUTE = 60_000;
const STEPS = 8;
/** The kernel of the system is asked for the interfaces of this machine, and sends nothing. */
const OWN_MACHINE = ['bind netlink', 'sendto netlink'];

/** An attempt that is due is shown as due now. */
const NOW_MS = 10_000;

/** Waits until each session has been attempted and none is due, by a clock that is ahead. */
const untilQuiet = ({ client }: Pick<Daemon, 'client'>, aheadMs: number): Promise<unknown> =>
  vi.waitUntil(
    async () =>
      (await client.request('session/list')).every(
        ({ state, nextAttemptAt = 0 }) => state.name === 'alive' && nextAttemptAt > Date.now() + aheadMs + NOW_MS,
      ),
    { timeout: 90_000, interval: 200 },
  );

/** What a program does with sockets until it ends. */
async function usesOf(home: string, ...args: readonly string[]): Promise<readonly string[]> {
  const trace = join(home, 'trace-of-a-program');
  const [program = '', ...rest] = [...watched(trace), process.execPath, ...args];
  const child = spawn(program, rest, { env: environment(home), cwd: home, stdio: 'ignore' });
  await once(child, 'close');
  return socketUses(trace);
}

async function portOf(daemon: Daemon): Promise<number> {
  return Number(new URL((await endpointOf(daemon)).url).port);
}

describe.skipIf(!CAN_TRACE)('S22 (needs strace)', () => {
  test.skipIf(!FAKETIME)(
    'S22: in a healthy hour the daemon and its programs reach their vendors and nothing else (needs libfaketime)',
    async ({ annotate }) => {
      const { home, env, ids, ports } = await healthyHome();
      const clock = falseClock(home);
      const trace = join(home, 'trace');
      // Timers follow too: what is due once an hour, by any clock, is due now.
      const times = { ...clock.env, DONT_FAKE_MONOTONIC: '0' };
      const daemon = await startDaemon(home, { env: { ...env, ...times }, within: watched(trace) });
      const { pid } = await endpointOf(daemon);
      onTestFinished(() => end(pid));
      const own = await portOf(daemon);
      await untilQuiet(daemon, 0);
      for (let step = 1; step <= STEPS; step += 1) {
        clock.set(`+${step / STEPS}h`);
        await untilQuiet(daemon, (step / STEPS) * 60 * MINUTE);
      }
      const attempts = await daemon.client.request('session/history', { limit: 1_000 });
      await daemon.client.request('kernel/stop');
      await daemon.done;

      expect(new Set(attempts.map(({ id }) => id))).toEqual(new Set(ids));
      expect(attempts.filter(({ outcome }) => !['refreshed', 'fresh'].includes(outcome))).toEqual([]);
      const starts = attempts.map(({ startedAt }) => startedAt);
      expect(Math.max(...starts) - Math.min(...starts)).toBeGreaterThan(50 * MINUTE);
      const uses = socketUses(trace);
      const connects = new Set([...ports, own].map(port => `connect 127.0.0.1:${port}`));
      expect(uses.filter(use => use.startsWith('connect')).toSorted()).toEqual([...connects].toSorted());
      const rest = uses.filter(use => !use.startsWith('connect') && !OWN_MACHINE.includes(use));
      expect(rest.filter(use => !/^bind 127\.0\.0\.1:\d+$/.test(use))).toEqual([]);
      await annotate(`${attempts.length} attempts of ${ids.length} sessions: ${ports.size} vendors, and nothing else`);
    },
    240_000,
  );

  test('S22: commands reach the daemon and nothing else', async ({ annotate }) => {
    const home = temporaryHome({ 'keepalive.config.json': '{ "plugins": ["practice"] }' });
    const daemon = await startDaemon(home);
    const own = [`connect 127.0.0.1:${await portOf(daemon)}`, ...OWN_MACHINE];
    const commands = ['status', 'prompt', 'plan', 'history', 'config show', 'doctor', 'ui --print', 'rpc session/list'];
    for (const command of commands) {
      const uses = await usesOf(home, KEEPALIVE, ...command.split(' '));
      expect([command, uses.filter(use => !own.includes(use))]).toEqual([command, []]);
    }
    await annotate(`${commands.length} commands: the daemon's port, and nothing else`);
  });

  test('S22: without a daemon, commands reach nothing', async () => {
    const home = temporaryHome({ 'keepalive.config.json': '{ "plugins": [] }' });
    for (const command of ['status', 'prompt', 'doctor', 'check', '--help', 'config init']) {
      const uses = await usesOf(home, KEEPALIVE, ...command.split(' '));
      expect([command, uses.filter(use => !OWN_MACHINE.includes(use))]).toEqual([command, []]);
    }
    // A wrong option ends it before it listens.
    expect(await usesOf(home, KEEPALIVED, '--nonsense')).toEqual([]);
  });

  test('S22 control: a look-up, an update check, a datagram and an open port are seen', async () => {
    const program = `
      const net = require('node:net'), dgram = require('node:dgram');
      const done = () => process.exit();
      net.connect({ host: '192.0.2.1', port: 443 }).on('error', () => {});
      net.connect({ path: '/nowhere/bus' }).on('error', () => {});
      net.createServer().listen(0, '0.0.0.0');
      dgram.createSocket('udp4').send('x', 53, '192.0.2.2', () => setTimeout(done, 50));`;
    const uses = await usesOf(temporaryHome(), '-e', program);
    for (const use of ['connect 192.0.2.1:443', 'connect unix:/nowhere/bus', 'bind 0.0.0.0:0'])
      expect(uses).toContain(use);
    expect(uses.some(use => /^send\w+ 192\.0\.2\.2:53$/.test(use))).toBe(true);
  });
});

/** Strace may be gone before the daemon is. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, as it should.
  }
}
