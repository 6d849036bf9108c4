import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../sdk/client/client.ts';
import { environment, KEEPALIVE } from '../support/daemon/daemon.ts';
import { oauthHome } from '../support/vendors/oauth-home.ts';
import { rotatingServer } from '../support/vendors/token-server.ts';

/** A vendor that rotates the token and holds its answer back until the test releases it. */
async function account() {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>(resolve => {
    answer = resolve;
  });
  const server = await rotatingServer({ pause: () => answered });
  onTestFinished(answer);
  return { server, answer, ...oauthHome(server.url) };
}

/** Starts the command line in its own process group. */
function begin(home: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [KEEPALIVE, ...args], {
    cwd: home,
    env: environment(home),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    const gone = once(child, 'close');
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await gone;
  });
  return child;
}

const toGroup = (child: ChildProcess, signal: NodeJS.Signals) => process.kill(-(child.pid ?? 0), signal);

async function untilAsked(server: { readonly received: readonly unknown[] }): Promise<void> {
  await expect.poll(() => server.received.length, { interval: 5 }).toBe(1);
}

test.each<[string, (child: ChildProcess) => unknown, NodeJS.Signals | null]>([
  ['Ctrl-C, which reaches the whole group', child => toGroup(child, 'SIGINT'), 'SIGINT'],
  ['SIGTERM to the group, as a service manager sends it', child => toGroup(child, 'SIGTERM'), 'SIGTERM'],
  ['SIGHUP to the group, as from a terminal that is closed', child => toGroup(child, 'SIGHUP'), 'SIGHUP'],
  ['SIGINT to the command alone', child => child.kill('SIGINT'), 'SIGINT'],
  ['SIGTERM to the command alone, as timeout(1) sends it', child => child.kill('SIGTERM'), 'SIGTERM'],
  [
    'a second Ctrl-C, which ends the command alone',
    async child => {
      toGroup(child, 'SIGINT');
      const gone = once(child, 'exit');
      // A second signal before the first was handled would count as the first.
      const again = setInterval(() => child.kill('SIGINT'), 50);
      await gone;
      clearInterval(again);
    },
    'SIGINT',
  ],
  ['a kill of the command alone', child => child.kill('SIGKILL'), 'SIGKILL'],
  ['a reader that closes the output', child => [child.stdout?.destroy(), child.stderr?.destroy()], null],
])('R21: `check --refresh` saves a renewal that is interrupted by %s', async (_title, interrupt, signal) => {
  const { server, answer, home, held } = await account();
  const child = begin(home, 'check', '--refresh');
  const gone = once(child, 'exit');
  // Its kernel writes to the same stderr.
  const allGone = once(child, 'close');
  await untilAsked(server);
  await interrupt(child);
  answer();
  await expect.poll(held, { interval: 5 }).toBe('refresh-1');
  expect(await gone).toEqual(signal ? [null, signal] : [0, null]);
  await allGone;
  expect([server.received.length, server.isRevoked()]).toEqual([1, false]);
});

test('R21: a daemon outlives the reader of its output, also during a renewal, and logs it', async () => {
  const { server, answer, home, held } = await account();
  const child = begin(home, 'run');
  await untilAsked(server);
  child.stdout?.destroy();
  child.stderr?.destroy();
  answer();
  await expect.poll(held, { interval: 5 }).toBe('refresh-1');
  const log = () => readFileSync(join(home, 'keepalived.log'), 'utf8');
  await expect.poll(log).toContain('the output cannot be written; the daemon continues without it');
  const client = await connect({ endpointFile: join(home, 'endpoint.json') });
  await client.request('session/refresh', { id: 'acme', force: true });
  expect(held()).toBe('refresh-2');
  client.close();
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  expect([await gone, existsSync(join(home, 'endpoint.json'))]).toEqual([[0, null], false]);
});
