import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used so far. All but `memoryMiB` are NaN on systems other than Linux. */
export type ProcessCosts = {
  /** The resident memory now. */
  readonly memoryMiB: number;
  /** User and system time of all its threads, in steps of 10 ms. */
  readonly processorMs: number;
  /** How often one of its threads waited and was woken up. */
  readonly wakeUps: number;
  /** What it passed to write calls, whether or not it reached the disk yet. Sockets and pipes count too. */
  readonly writtenBytes: number;
  /** What it made the system write to storage. */
  readonly storageBytes: number;
};

const LINUX = process.platform === 'linux';

export function costsOf(pid: number): ProcessCosts {
  if (!LINUX) return { ...UNKNOWN, memoryMiB: memoryByPs(pid) };
  const read = (path: string): string => readFileSync(`/proc/${pid}/${path}`, 'utf8');
  const member = (text: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
  const [user, system] = read('stat').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
  const io = read('io');
  return {
    memoryMiB: member(read('status'), 'VmRSS') / 1_024,
    processorMs: (Number(user) + Number(system)) * 10,
    wakeUps: threadsOf(pid).reduce(
      (sum, thread) => sum + member(read(`task/${thread}/status`), 'voluntary_ctxt_switches'),
      0,
    ),
    writtenBytes: member(io, 'wchar'),
    storageBytes: member(io, 'write_bytes'),
  };
}

const UNKNOWN = { processorMs: NaN, wakeUps: NaN, writtenBytes: NaN, storageBytes: NaN };

const threadsOf = (pid: number): readonly string[] => readdirSync(`/proc/${pid}/task`);

const memoryByPs = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
