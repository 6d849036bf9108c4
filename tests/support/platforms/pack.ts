import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ROOT } from '../sources.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The package that `npm publish` would send, packed once for a run. */
    readonly tarball: string;
  }
}

/** Packs what was built. Tests get the path by `inject('tarball')`. */
export default function setup({ provide }: TestProject): () => void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'keepalive-tarball-')));
  provide('tarball', join(folder, npmPack(folder)));
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

const npmPack = (folder: string): string =>
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  }).trim();
