import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { environment, KEEPALIVE, KEEPALIVED, run, temporaryHome } from '../support/daemon/daemon.ts';
import { NO_SSHD, otherMachine, type OtherMachine } from '../support/remote/other-machine.ts';
import { onTestFinished } from '../support/running-test.ts';

// The other machine has its own network: on one loopback, its page and our end of the forward would need the same port.

const hasNetworks = spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0;
const MISSING = NO_SSHD || (hasNetworks ? '' : ' (skipped: only root with iproute2 can make a network here)');

let box: OtherMachine;
let here = '';
let within: readonly string[] = [];

/** A process in a separate network, which keeps that network alive. */
async function network(): Promise<readonly string[]> {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up; echo; exec sleep 1000']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  // The environments of tests may have Node's folder alone on their PATH.
  return ['/usr/bin/nsenter', '--target', String(child.pid), '--net'];
}

/** Starts the daemon of the other machine. Returns its port. */
async function daemonThere(): Promise<number> {
  const [program = '', ...args] = [...within, process.execPath, KEEPALIVED];
  const child = spawn(program, args, { env: environment(box.home), stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return Number(new URL(JSON.parse(readFileSync(join(box.home, 'endpoint.json'), 'utf8')).url).port);
}

/** `keepalive ui --host box`, and its first line. */
async function ui(args: readonly string[], env = {}) {
  const child = spawn(process.execPath, [KEEPALIVE, 'ui', ...args, '--host', 'box'], {
    env: environment(here, { ...box.env, ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', chunk => void (stderr += chunk));
  const ended = once(child, 'close').then(([code]) => ({ code, stderr }));
  const [line] = await once(child.stdout, 'data');
  return { child, line: String(line).trim(), ended };
}

const refused = (url: string) => expect(fetch(url)).rejects.toThrow('fetch failed');

describe.skipIf(MISSING)(`the page of another machine${MISSING}`, () => {
  beforeEach(async () => {
    within = await network();
    box = otherMachine({ within });
    here = temporaryHome();
  });

  test('answers on the same port here until Ctrl-C', async () => {
    const port = await daemonThere();
    const { child, line, ended } = await ui(['--print']);
    expect(line).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/open/[\\w-]+$`));
    // No program has the link among its arguments.
    const code = line.slice(line.lastIndexOf('/') + 1);
    expect(spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout).not.toContain(code);
    const opened = await fetch(line, { redirect: 'manual' });
    expect(opened.status).toBeLessThan(400);
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 0, stderr: expect.stringContaining('Ctrl-C ends it') });
    await refused(line);
  });

  test('says that the connection was lost', async () => {
    await daemonThere();
    const { child, line, ended } = await ui(['--print', '--json']);
    expect(JSON.parse(line)).toMatchObject({ opened: false });
    const ssh = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' }).stdout;
    process.kill(Number(ssh), 'SIGKILL');
    expect(await ended).toMatchObject({ code: 4 });
  });

  test('names the program that has its port here', async () => {
    const port = await daemonThere();
    const server = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { code, stdout, stderr } = await run(KEEPALIVE, ['ui', '--host', 'box'], here, box.env);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`Port ${port} is that of the settings page on box, but here process ${process.pid} (`);
  });

  test('has the message of the other side if no daemon runs there', async () => {
    const { code, stdout, stderr } = await run(KEEPALIVE, ['ui', '--host', 'box'], here, box.env);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(/No daemon answers.*\n.*`keepalive start --host box`/);
  });
});
