import { execFile } from 'node:child_process';
import type { Registration, Step } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Result = { readonly succeeded: boolean; readonly message: string };

const LIMIT_MS = 120_000;

/** Runs a system program. Never rejects. */
export function attempt({ program, args }: Step, env: Env): Promise<Result> {
  return new Promise(resolve => {
    execFile(program, args, { env, timeout: LIMIT_MS, windowsHide: true }, (error, stdout, stderr) => {
      const missing = error?.code === 'ENOENT';
      const message = missing ? `${program} is not installed` : stderr.trim() || stdout.trim() || `${program} failed`;
      resolve({ succeeded: error === null, message: message.replaceAll(/\s+/g, ' ') });
    });
  });
}

/** Runs the steps in order. Throws at the first failure that is not allowed. */
export async function perform(steps: readonly Step[], env: Env): Promise<void> {
  for (const step of steps) {
    const { succeeded, message } = await attempt(step, env);
    if (!succeeded && !step.mayFail) throw new Error(`\`${commandLine(step)}\` failed: ${message}`);
  }
}

/** Throws if the service manager cannot be reached, and suggests an alternative. */
export async function requireReachable({ manager, probe, otherwise }: Registration, env: Env): Promise<void> {
  const { succeeded, message } = await attempt(probe, env);
  if (!succeeded)
    throw new Error(`${manager} cannot be used here (${message}), so nothing was installed. ${otherwise}`);
}

/** A step as a user would type it. */
export const commandLine = ({ program, args }: Step): string =>
  [program, ...args].map(word => (/^[\w./:=@\\-]+$/.test(word) ? word : `"${word}"`)).join(' ');
