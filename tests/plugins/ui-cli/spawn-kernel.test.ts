import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spawnKernel } from '../../../plugins/ui-cli/processes/spawn-kernel.ts';
import { createClient } from '../../../sdk/client/client.ts';
import { temporaryFolder } from './run-cli.ts';

/** A stand-in for the kernel's program. */
function program(source: string): string {
  const file = join(temporaryFolder(), 'main.mjs');
  writeFileSync(file, source);
  return file;
}

const start = (source: string, options = {}) =>
  spawnKernel({ mode: 'once', logFile: '/log', ...options }, program(source));

test('a one-shot kernel uses its IPC channel, and ends with it', async () => {
  const { channel } = await start(
    `
    process.send({ ready: true });
    const args = process.argv.slice(2);
    process.on('message', ({ id, method }) => process.send({ jsonrpc: '2.0', id, result: { method, args } }));
    process.on('disconnect', () => process.exit());
  `,
    { configFile: '/c.ts' },
  );
  const closed = new Promise<void>(resolve => channel.onClose(resolve));
  const client = createClient(channel);
  expect(await client.request('kernel/info')).toEqual({ method: 'kernel/info', args: ['--once', '--config', '/c.ts'] });
  client.close();
  await closed;
});

test('a released daemon keeps running', async () => {
  const source = 'process.send({ ready: true }); setInterval(() => {}, 1000);';
  const { pid = 0, release, channel } = await start(source, { mode: 'daemon', demo: true });
  try {
    const closed = new Promise<void>(resolve => channel.onClose(resolve));
    release();
    await closed;
    expect(process.kill(pid, 0)).toBe(true);
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});

test('a kernel that never answers is ended', async () => {
  await expect(start('setInterval(() => {}, 1000);', { limitMs: 300 })).rejects.toMatchObject({
    code: 'KA_RPC_TIMEOUT',
    details: { log: '/log' },
  });
});

test.each([
  [
    'its own error, if it has one',
    "process.send({ failed: { exitCode: 7, text: 'no', code: 'KA_CONFIG_INVALID', details: { file: '/c' } } })",
    { code: 'KA_CONFIG_INVALID', details: { file: '/c' } },
  ],
  [
    'its own message, if the error is unknown',
    "process.send({ failed: { exitCode: 1, text: 'It is broken.' } })",
    { message: 'It is broken.' },
  ],
  [
    'the log file, if it ended without a message',
    'process.exit(9)',
    { code: 'KA_RPC_CONNECTION_LOST', details: { exitCode: 9, log: '/log' } },
  ],
  [
    'that it reported no reason, if its report is not understood',
    'process.send(null)',
    { message: expect.stringContaining('reported no reason') },
  ],
])('one that does not come up rejects with %s', async (_, source, error) => {
  await expect(start(source)).rejects.toMatchObject(error);
});
