import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Builds the programs first, for some tests start them. Others need single modules, which a build packs together. */
export default function setup(): void {
  run('npm', ['run', '--silent', 'build']);
  run('npx', ['tsc', '-p', 'tsconfig.build.json', '--outDir', 'dist-unpacked']);
  cpSync(`${ROOT}dist/plugins/ui-web/page`, `${ROOT}dist-unpacked/plugins/ui-web/page`, { recursive: true });
}

/** As for users: in the environment of tests, the page would be built for debugging, and be larger. */
const env = { ...process.env, NODE_ENV: 'production' };

const run = (program: string, args: readonly string[]): unknown =>
  execFileSync(program, args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32', env });
