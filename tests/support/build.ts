import { execFileSync } from 'node:child_process';

/** Builds the programs first, for some tests start them. */
export default function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: new URL('../../', import.meta.url),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}
