import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';

const call = promisify(execFile);

export type Ended = { readonly stdout: string; readonly stderr: string };
type Where = { readonly cwd: string; readonly env?: Readonly<Record<string, string>> };

/** Runs a program in a folder. Rejects if it fails. */
export const run = (program: string, args: readonly string[], { cwd, env }: Where): Promise<Ended> =>
  call(program, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', timeout: 480_000, maxBuffer: 2 ** 26 });

/** A folder that is removed after the tests of the file. */
export function scratch(name: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `keepalive-${name}-`)));
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** The bytes of all files below a folder. */
export const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((total, entry) => total + statSync(join(entry.parentPath, entry.name)).size, 0);
