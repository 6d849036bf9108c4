import { execFileSync } from 'node:child_process';

/** Tests that start the real programs start what was built from the source that they test. */
export default function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: new URL('../../', import.meta.url),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}
