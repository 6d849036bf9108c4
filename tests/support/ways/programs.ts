import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../sources.ts';

const run = promisify(execFile);

/** The first of the programs that is not installed. */
export const missingOf = (...programs: readonly string[]): string | undefined =>
  programs.find(name => !(process.env['PATH'] ?? '').split(':').some(folder => existsSync(join(folder, name))));

/** Why tests are skipped, for their title. */
export const skipped = (missing: string | undefined): string => (missing ? ` (skipped: no ${missing})` : '');

export type Ended = { readonly code: number; readonly output: string };

const joined = (...outputs: readonly string[]): string => outputs.filter(Boolean).join('\n');

/** How a program ended, and what it printed to both outputs. */
export async function ending(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  try {
    const { stdout, stderr } = await run(program, args, { cwd: ROOT, ...options });
    return { code: 0, output: joined(stdout, stderr) };
  } catch (error) {
    const { code, stdout, stderr } = error as {
      readonly code?: unknown;
      readonly stdout: string;
      readonly stderr: string;
    };
    if (typeof code !== 'number') throw error;
    return { code, output: joined(stdout, stderr) };
  }
}

/** Packs the built package into a folder, and returns the path of the tarball. */
export function packInto(folder: string): string {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed]: readonly { readonly filename: string }[] = JSON.parse(
    execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  if (!packed) throw new Error('npm pack named no tarball.');
  return join(folder, packed.filename);
}
