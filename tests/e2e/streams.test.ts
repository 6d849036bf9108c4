import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { environment, KEEPALIVE, KEEPALIVED, temporaryHome } from '../support/daemon/daemon.ts';

/** Runs a program of ours by a shell, which knows how to close and how to fill its streams. */
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

describe.skipIf(!existsSync('/dev/full'))(
  'the exit code says what it always says, and there is no stack, where',
  () => {
    test.each<[string, string, string, number, string]>([
      ['the disk behind stdout is full', KEEPALIVE, 'node completion bash >/dev/full', 1, LOST],
      ['the disk behind stdout is full, for a prompt', KEEPALIVE, 'node prompt --format x >/dev/full', 1, LOST],
      ['the disk behind both is full', KEEPALIVE, 'node completion bash >/dev/full 2>/dev/full', 1, ''],
      ['stdout has no reader', KEEPALIVE, '{ node completion bash; echo $? >code; } | true; exit $(cat code)', 0, ''],
      ['the disk behind stderr is full, and the usage is wrong', KEEPALIVE, 'node nonsense 2>/dev/full', 2, ''],
      ['stderr has no reader, and the usage is wrong', KEEPALIVE, closed('nonsense'), 2, ''],
      ['stderr is closed, and the usage is wrong', KEEPALIVE, 'node nonsense 2>&-', 2, ''],
      [
        'the disk behind stderr is full, and the configuration is refused',
        KEEPALIVE,
        'node check --config none.json 2>/dev/full',
        7,
        '',
      ],
      ['stderr has no reader, and the configuration is refused', KEEPALIVE, closed('check --config none.json'), 7, ''],
      [
        'the disk behind stderr is full, and the daemon is refused its configuration',
        KEEPALIVED,
        'node --config none.json 2>/dev/full',
        7,
        '',
      ],
      [
        'stderr has no reader, and the daemon is refused its configuration',
        KEEPALIVED,
        closed('--config none.json'),
        7,
        '',
      ],
    ])('%s', async (_title, main, command, code, stderr) => {
      expect(await shell(temporaryHome(), main, command)).toEqual({ code, stderr });
    });
  },
);
