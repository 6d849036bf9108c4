import { readdirSync, readFileSync } from 'node:fs';
import { costsOf, type ProcessCosts } from '../../measure/process-costs.ts';

/** What a program costs while it is idle. All but the memory is NaN on systems other than Linux. */
export type IdleCosts = {
  readonly memoryMiB: number;
  /** Of one core. */
  readonly processorPercent: number;
  readonly wakeUpsPerMinute: number;
  /** To files. The signals between its threads are writes too, of eight bytes each, but not to a file. */
  readonly storageBytes: number;
};

export type Snapshot = { readonly takenAt: number; readonly used: ProcessCosts };

export const snapshotOf = (pid: number): Snapshot => ({
  takenAt: performance.now(),
  used: familyOf(pid)
    .map(member => ({ ...costsOf(member), processorMs: processorMsOf(member) }))
    .reduce(sum),
});

export function costsBetween(before: Snapshot, after: Snapshot): IdleCosts {
  const passedMs = after.takenAt - before.takenAt;
  return {
    memoryMiB: after.used.memoryMiB,
    processorPercent: ((after.used.processorMs - before.used.processorMs) / passedMs) * 100,
    wakeUpsPerMinute: ((after.used.wakeUps - before.used.wakeUps) / passedMs) * 60_000,
    storageBytes: after.used.storageBytes - before.used.storageBytes,
  };
}

const sum = (one: ProcessCosts, other: ProcessCosts): ProcessCosts => ({
  memoryMiB: one.memoryMiB + other.memoryMiB,
  processorMs: one.processorMs + other.processorMs,
  wakeUps: one.wakeUps + other.wakeUps,
  writtenBytes: one.writtenBytes + other.writtenBytes,
  storageBytes: one.storageBytes + other.storageBytes,
});

/** Time on a core in nanoseconds, because steps of 10 ms are too coarse for an idle process. */
const processorMsOf = (pid: number): number =>
  threadsOf(pid)
    .map(thread => Number(read(`${pid}/task/${thread}/schedstat`).split(' ')[0]) / 1e6)
    .reduce((total, ms) => total + ms, 0);

/** The process and its children. oidc-agent consists of two processes. */
const familyOf = (pid: number): readonly number[] => [
  pid,
  ...threadsOf(pid)
    .flatMap(thread => read(`${pid}/task/${thread}/children`).split(' '))
    .filter(child => child.trim() !== '')
    .flatMap(child => familyOf(Number(child))),
];

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // Not Linux.
  }
}

const read = (path: string): string => readFileSync(`/proc/${path}`, 'utf8');
