import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClient } from '../../sdk/client.ts';
import { ipcChannel } from '../../sdk/ipc-channel.ts';
import { environment, KEEPALIVED, startDaemon, temporaryHome } from '../support/daemon.ts';

const OPEN = 'Debugger listening';
const CONFIG = { 'keepalive.config.json': '{"plugins":["practice"]}' };
const WINDOWS = process.platform === 'win32';

test.skipIf(WINDOWS)('S9: SIGUSR1 opens nothing in the daemon', async () => {
  const home = temporaryHome(CONFIG);
  const daemon = await startDaemon(home);
  daemon.child.kill('SIGUSR1');
  const noted = () => readFileSync(join(home, 'keepalived.log'), 'utf8').includes('SIGUSR1');
  while (!noted()) await daemon.client.request('kernel/info');
  await daemon.client.request('kernel/stop');
  const { code, stdout, stderr } = await daemon.done;
  expect([code, stdout + stderr]).toEqual([0, '']);
});

test.skipIf(WINDOWS)('S9: nor in a kernel that lives for one command', async () => {
  const home = temporaryHome(CONFIG);
  const child = spawn(process.execPath, [KEEPALIVED, '--once'], { cwd: home, env: environment(home), stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', chunk => void (stderr += chunk));
  await once(child, 'message');
  child.kill('SIGUSR1');
  const client = createClient(ipcChannel(child));
  for (let look = 0; look < 20; look += 1) await client.request('session/list');
  await client.request('kernel/stop').catch(() => null);
  await once(child, 'close');
  expect(stderr).toBe('');
});

test.skipIf(WINDOWS)('S9, the control: a Node without a listener opens its debugger', async () => {
  const child = spawn(process.execPath, ['--inspect-port=127.0.0.1:0', '-e', 'console.log(1); setInterval(() => {}, 1000)'], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    await once(child.stdout, 'data');
    child.kill('SIGUSR1');
    const [said] = (await once(child.stderr, 'data')) as [Buffer];
    expect(String(said)).toContain(OPEN);
  } finally {
    child.kill('SIGKILL');
  }
});
