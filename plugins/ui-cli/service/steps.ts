import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** Waits between two tries of a step, in milliseconds; tests pass their own. */
type Wait = (ms: number) => Promise<unknown>;

const TRY_EVERY_MS = 250;

/** Runs the steps in order. Throws at the first failure that is not allowed. */
export async function perform(steps: readonly Step[], env: Env, wait: Wait = sleep): Promise<void> {
  for (const step of steps) {
    const { succeeded, message } = await patiently(step, env, wait);
    if (!succeeded && !step.mayFail) throw new Error(`\`${commandLine(step)}\` failed: ${message}`);
  }
}

async function patiently(step: Step, env: Env, wait: Wait): Promise<Result> {
  for (let left = step.patienceMs ?? 0; ; left -= TRY_EVERY_MS) {
    const { succeeded, message } = await attempt(step, env);
    const isDone = succeeded === (step.until !== 'failure');
    if (isDone || left <= 0) return { succeeded: isDone, message };
    await wait(TRY_EVERY_MS);
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
