import { execFile } from 'node:child_process';
import { systemProgram } from '../../sdk/system/search-path.ts';
import type { ExecOptions } from '../../sdk/plugin/process.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** When a program is ended. */
export type Limits = Required<Pick<ExecOptions, 'timeoutMs' | 'graceMs'>> & Pick<ExecOptions, 'signal'>;

export type Ending = { readonly hasTimedOut: () => boolean; readonly clear: () => void };

/**
 * Ends a program on Windows, which has no signal that a program could answer: each terminates it at once, also in the
 * middle of a renewal. So at its time limit and on abort it first gets the grace time to finish its work.
 */
export function endOnWindows({ timeoutMs, graceMs, signal }: Limits, kill: () => void): Ending {
  let timedOut = false;
  let killing: NodeJS.Timeout | undefined;
  const endSoon = () => void (killing ??= setTimeout(kill, graceMs));
  const limit = setTimeout(() => {
    timedOut = true;
    endSoon();
  }, timeoutMs);
  signal?.addEventListener('abort', endSoon, { once: true });
  return {
    hasTimedOut: () => timedOut,
    clear() {
      clearTimeout(limit);
      clearTimeout(killing);
      signal?.removeEventListener('abort', endSoon);
    },
  };
}

/** Kills a program and all that it has started. Behind a .cmd shim, the program itself is such a child. */
export function killTree(
  { pid, kill }: { readonly pid?: number | undefined; readonly kill: () => void },
  env: Env,
): void {
  if (pid === undefined) return kill();
  execFile(systemProgram('taskkill.exe', env), ['/PID', String(pid), '/T', '/F'], { windowsHide: true }, kill);
}
