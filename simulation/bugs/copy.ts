import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bug } from './bugs.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What is packed for a simulation. */
const SOURCES = ['kernel', 'lifecycle', 'config', 'state', 'server', 'runtime', 'sdk', 'plugins', 'simulation'];

export const patchOf = (bug: Bug): string => fileURLToPath(new URL(`${bug.name}.patch`, import.meta.url));

/** Calls `work` with a copy of the source that has the bug, and removes it afterwards. */
export async function withBug<T>(bug: Bug, work: (root: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'keepalive-bug-'));
  try {
    for (const folder of SOURCES) cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
    for (const name of ['package.json', 'tsconfig.json']) cpSync(join(ROOT, name), join(root, name));
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    applyPatch(bug, root);
    return await work(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Throws unless the patch fits the source. */
export const checkPatch = (bug: Bug): void => applyPatch(bug, ROOT, '--check');

function applyPatch(bug: Bug, root: string, ...more: readonly string[]): void {
  // In a repository, `git apply` skips what is outside of it without a word.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(root) };
  execFileSync('git', ['apply', ...more, patchOf(bug)], { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
}
