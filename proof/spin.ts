import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAX_OUTPUT = 2 ** 30;

/** Runs a program, and returns what it printed. pan ends with an error code if it found something. */
export function run(program: string, args: readonly string[], cwd: string): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: MAX_OUTPUT });
  if (error) throw error;
  if (status !== 0 && program !== './pan') throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** Calls with a folder that is removed then. spin leaves files where it runs, and two at once would share them. */
export function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-proof-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const isInstalled = (): boolean =>
  [
    ['spin', '-V'],
    ['gcc', '--version'],
  ].every(([program = '', ...args]) => spawnSync(program, args, { stdio: 'ignore' }).error === undefined);
