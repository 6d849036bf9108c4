import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Set in the process that has no network but loopback. */
const INSIDE = 'KEEPALIVE_VENDORS_ALONE';

export const isAlone = (): boolean => process.env[INSIDE] !== undefined;

const namespace = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n'];

/** Whether this system gives a process a separate network. */
export const canBeAlone = (): boolean =>
  process.platform === 'linux' &&
  spawnSync('unshare', [...namespace, 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' }).status === 0;

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const JITI = fileURLToPath(new URL('../node_modules/.bin/jiti', import.meta.url));

/** Runs `npm run vendors` again where only loopback is reached. Resolves with its exit code. */
export function runAlone(args: readonly string[]): Promise<number> {
  const inner = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh', JITI, MAIN];
  const env = { ...process.env, [INSIDE]: '1' };
  const child = spawn('unshare', [...namespace, ...inner, ...args], { stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', code => resolve(code ?? 1));
  });
}
