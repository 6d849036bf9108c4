import { spawnSync } from 'node:child_process';

const MAX_OUTPUT = 2 ** 30;

/** Runs a program, and returns what it printed. pan ends with an error code if it found something. */
export function run(program: string, args: readonly string[], cwd: string): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: MAX_OUTPUT });
  if (error) throw error;
  if (status !== 0 && program !== './pan') throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

export const isInstalled = (): boolean =>
  [
    ['spin', '-V'],
    ['gcc', '--version'],
  ].every(([program = '', ...args]) => spawnSync(program, args, { stdio: 'ignore' }).error === undefined);
