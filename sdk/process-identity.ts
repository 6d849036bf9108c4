import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Tells a process from a later one with the same pid: its PID namespace and its start time. Undefined where only a pid is known; Linux alone
 * has both at hand.
 */
export function identityOf(pid: number): string | undefined {
  try {
    const [namespace, fields] = [readlinkSync('/proc/self/ns/pid'), readFileSync(`/proc/${pid}/stat`, 'latin1')];
    // The name of the program, in parentheses, may contain anything. The start time is field 22.
    const startTime = fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19];
    return startTime === undefined ? undefined : `${namespace} ${startTime}`;
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
  return isSignalable(pid) && !isOthersOrDead(pid) ? 'ours' : 'gone';
}

/** Another user's process gives EPERM, unless we are root. */
function isSignalable(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
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
