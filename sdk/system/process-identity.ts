import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Distinguishes a process from a later one with the same pid: its PID namespace and its start time. Undefined if only
 * a pid is known; only Linux provides both.
 */
export function identityOf(pid: number): string | undefined {
  const stat = statOf(pid);
  try {
    return stat && `${readlinkSync('/proc/self/ns/pid')} ${stat.startedAt}`;
  } catch {
    return undefined;
  }
}

/** The state letter and the start time of a process, as Linux has them; undefined if they cannot be read. */
export function statOf(pid: number): { readonly state: string; readonly startedAt: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program, in parentheses, may contain anything. After it come fields 3 and up.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, startedAt] = [fields[0], fields[19]];
    return state && startedAt ? { state, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process with this `identity` is there and ours; `unknown` in another PID namespace (a container). */
export function presenceOf(pid: number, identity: string | undefined): 'ours' | 'gone' | 'unknown' {
  const now = identityOf(pid);
  if (identity !== undefined) {
    const own = identityOf(process.pid);
    if (own !== undefined && own.split(' ')[0] !== identity.split(' ')[0]) return 'unknown';
    if (now !== undefined && now !== identity) return 'gone';
  }
  return signal(pid) === 'taken' && !isOthersOrDead(pid) ? 'ours' : 'gone';
}

/** Whether a process with this pid exists, of any user. */
export const isRunning = (pid: number): boolean => signal(pid) !== 'gone';

/**
 * Whether it also still does something. A process that has ended keeps its pid until its parent asks how it ended: the
 * first process of a container may do that seconds later, or never.
 */
export const isAlive = (pid: number): boolean => isRunning(pid) && !/^[ZX]/.test(statOf(pid)?.state ?? '');

/** Another user's process refuses a signal, unless we are root. */
function signal(pid: number): 'taken' | 'refused' | 'gone' {
  try {
    return pid > 0 && process.kill(pid, 0) ? 'taken' : 'gone';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? 'refused' : 'gone';
  }
}

/** A zombie still has its pid, but no longer listens. */
function isOthersOrDead(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const [, effective] = /^Uid:\s+\d+\s+(\d+)/m.exec(status) ?? [];
    return /^State:\s+[ZX]/m.test(status) || Number(effective) !== process.geteuid?.();
  } catch {
    return false;
  }
}
