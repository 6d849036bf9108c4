import { readFileSync } from 'node:fs';

/** Only Linux tells what a process had at most. */
export const TELLS_MEMORY = process.platform === 'linux';

/** The most memory that a process ever had, in MiB. */
export const peakMemory = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
