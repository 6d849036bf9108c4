import { readFileSync } from 'node:fs';

/** Whether the peak memory of a process is known: only Linux shows it. */
export const TELLS_MEMORY = process.platform === 'linux';

/** The peak memory of a process, in MiB. */
export const peakMemory = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
