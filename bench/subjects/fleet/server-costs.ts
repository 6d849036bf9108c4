import { readdirSync, readFileSync } from 'node:fs';

/** The processor time of a server with all its processes, also of those that have ended, in milliseconds. */
export function processorMsOf(pid: number): number {
  const all = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return all.reduce((sum, name) => sum + timeOf(Number(name), pid), 0) * 10;
}

function timeOf(process: number, server: number): number {
  const [, parent, ...rest] = statOf(process);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = rest.slice(9, 13).map(Number);
  if (process === server) return user + system + endedUser + endedSystem;
  return Number(parent) === server ? user + system : 0;
}

/** From the state on. */
function statOf(process: number): readonly string[] {
  try {
    return readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  } catch {
    // It has ended.
    return [];
  }
}
