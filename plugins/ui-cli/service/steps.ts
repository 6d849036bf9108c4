import { execFile } from 'node:child_process';
import type { Registration, Step } from './registration.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Result = { readonly succeeded: boolean; readonly said: string };

const LIMIT_MS = 120_000;

/** Runs a program of the system to its end. Never rejects. */
export function attempt({ program, args }: Step, env: Env): Promise<Result> {
  return new Promise(resolve => {
    execFile(program, args, { env, timeout: LIMIT_MS, windowsHide: true }, (error, stdout, stderr) => {
      const missing = error?.code === 'ENOENT';
      const said = missing ? `${program} is not installed` : stderr.trim() || stdout.trim() || `${program} failed`;
      resolve({ succeeded: error === null, said: said.replaceAll(/\s+/g, ' ') });
    });
  });
}

/** Runs steps one after another. Throws at the first that fails and must not. */
export async function perform(steps: readonly Step[], env: Env): Promise<void> {
  for (const step of steps) {
    const { succeeded, said } = await attempt(step, env);
    if (!succeeded && !step.mayFail) throw new Error(`\`${inWords(step)}\` failed: ${said}`);
  }
}

/** Throws, with a way out, where nobody is there to register with. */
export async function requireReachable({ manager, probe, otherwise }: Registration, env: Env): Promise<void> {
  const { succeeded, said } = await attempt(probe, env);
  if (!succeeded)
    throw new Error(`There is no ${manager} for you here (${said}), so nothing was installed. ${otherwise}`);
}

/** A step as it would be typed. */
export const inWords = ({ program, args }: Step): string =>
  [program, ...args].map(word => (/^[\w./:=@\\-]+$/.test(word) ? word : `"${word}"`)).join(' ');
