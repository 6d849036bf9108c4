import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isAlive, isRunning } from '../../../sdk/system/process-identity.ts';
import { onTestFinished } from '../../support/running-test.ts';

test.skipIf(process.platform !== 'linux')(
  'a process that has ended is not alive before its parent reaps it',
  async () => {
    // `sleep` takes the place of the shell, and never asks how the shell's child has ended.
    const parent = spawn('/bin/sh', ['-c', 'exec 3<&0; read line <&3 & echo $!; exec sleep 60'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [pid] = await once(parent.stdout, 'data');
    const child = Number(String(pid));
    await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n');
    expect(isAlive(child)).toBe(true);
    parent.stdin.end('\n');
    await expect.poll(() => isAlive(child)).toBe(false);
    expect(isRunning(child)).toBe(true);
  },
);

test('a process that runs is alive, and one that never was is not', () => {
  expect([process.pid, 2 ** 22 + 1].map(isAlive)).toEqual([true, false]);
});
