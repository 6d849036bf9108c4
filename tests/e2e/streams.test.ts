import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { environment, KEEPALIVE, KEEPALIVED, temporaryHome } from '../support/daemon/daemon.ts';

/** Runs one of our programs in a shell, which can close its streams or connect them to /dev/full. */
async function shell(home: string, main: string, command: string) {
  const child = spawn('sh', ['-c', `node() { "${process.execPath}" "${main}" "$@"; }; ${command}`], {
    cwd: home,
    env: environment(home, { PATH: process.env['PATH'] }),
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', chunk => void (stderr += chunk));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}

const LOST = 'The output could not be written: ENOSPC.\n';
const CLOSED = '{ { node "$0"; echo $? >code; } 2>&1 >/dev/null | true; }; exit $(cat code)';
const closed = (args: string) => CLOSED.replace('"$0"', args);

describe.skipIf(!existsSync('/dev/full'))('the exit code is unchanged, and no stack is printed, if', () => {
  test.each([
    {
      title: 'stdout is on a full disk',
      main: KEEPALIVE,
      command: 'node completion bash >/dev/full',
      code: 1,
      stderr: LOST,
    },
    {
      title: 'stdout is on a full disk, for a prompt',
      main: KEEPALIVE,
      command: 'node prompt --format "{symbol}x" >/dev/full',
      code: 1,
      stderr: LOST,
    },
    {
      title: 'both are on a full disk',
      main: KEEPALIVE,
      command: 'node completion bash >/dev/full 2>/dev/full',
      code: 1,
      stderr: '',
    },
    {
      title: 'stdout has no reader',
      main: KEEPALIVE,
      command: '{ node completion bash; echo $? >code; } | true; exit $(cat code)',
      code: 0,
      stderr: '',
    },
    {
      title: 'stderr is on a full disk, and the usage is wrong',
      main: KEEPALIVE,
      command: 'node nonsense 2>/dev/full',
      code: 2,
      stderr: '',
    },
    {
      title: 'stderr has no reader, and the usage is wrong',
      main: KEEPALIVE,
      command: closed('nonsense'),
      code: 2,
      stderr: '',
    },
    {
      title: 'stderr is closed, and the usage is wrong',
      main: KEEPALIVE,
      command: 'node nonsense 2>&-',
      code: 2,
      stderr: '',
    },
    {
      title: 'stderr is on a full disk, and the configuration is refused',
      main: KEEPALIVE,
      command: 'node check --config none.json 2>/dev/full',
      code: 7,
      stderr: '',
    },
    {
      title: 'stderr has no reader, and the configuration is refused',
      main: KEEPALIVE,
      command: closed('check --config none.json'),
      code: 7,
      stderr: '',
    },
    {
      title: 'stderr is on a full disk, and the daemon refuses its configuration',
      main: KEEPALIVED,
      command: 'node --config none.json 2>/dev/full',
      code: 7,
      stderr: '',
    },
    {
      title: 'stderr has no reader, and the daemon refuses its configuration',
      main: KEEPALIVED,
      command: closed('--config none.json'),
      code: 7,
      stderr: '',
    },
  ])('$title', async ({ main, command, code, stderr }) => {
    expect(await shell(temporaryHome(), main, command)).toEqual({ code, stderr });
  });
});
