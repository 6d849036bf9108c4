import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { builtFrom } from './sources.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const STAMP = `${ROOT}dist-unpacked/built`;
/** The last file that a build writes. */
const LAST = `${ROOT}dist/plugins/ui-web/page/index.html`;

/**
 * Builds the programs first, for some tests start them. Others need single modules, which a build packs together. What
 * is built from the same sources already stays, because a build takes as long as many tests.
 */
export default function setup(): void {
  const digest = createHash('sha256');
  for (const file of builtFrom()) digest.update(`${file}\n`).update(readFileSync(ROOT + file));
  const sources = digest.digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stampOf(sources)) return;
  run('npm', ['run', '--silent', 'build']);
  // The build has checked the types.
  const javascript = ['--noCheck', '--declaration', 'false', '--outDir', 'dist-unpacked'];
  run('npx', ['tsc', '-p', 'tsconfig.build.json', ...javascript]);
  cpSync(`${ROOT}dist/plugins/ui-web/page`, `${ROOT}dist-unpacked/plugins/ui-web/page`, { recursive: true });
  writeFileSync(STAMP, stampOf(sources));
}

/** Another build of the same folder, perhaps of other sources, has another time. */
const stampOf = (sources: string): string => `${sources} ${existsSync(LAST) ? statSync(LAST).mtimeMs : 0}`;

/** As for users: in the environment of tests, the page would be built for debugging, and be larger. */
const env = { ...process.env, NODE_ENV: 'production' };

const run = (program: string, args: readonly string[]): unknown =>
  execFileSync(program, args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32', env });
