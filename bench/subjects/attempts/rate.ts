import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as moment } from 'node:timers/promises';
import { costsOf } from '../../measure/process-costs.ts';
import { startBusy, type Load } from './load.ts';

export type Rate = {
  readonly perSecond: number;
  /** Of each attempt or call, in all threads of its process. */
  readonly processorUs: number;
  readonly storageBytes: number;
};

/** By then the daemon no longer holds its memory small for the start, and the compiler has optimized the code. */
const WARM_MS = 12_000;

/** How many attempts the compiled daemon makes in this time, by what a client is sent. */
export async function rateOf(
  load: Load & { readonly dist: string; readonly clients: number },
  ms: number,
): Promise<Rate> {
  const { daemon, announced, close } = await startBusy(load);
  while (announced() < load.sessions) await moment(100);
  await moment(WARM_MS);
  const rate = await during(ms, daemon.process.pid ?? NaN, announced);
  const ended = once(daemon.process, 'exit');
  daemon.process.kill('SIGKILL');
  await ended;
  close();
  await rm(daemon.home, { recursive: true });
  return rate;
}

/** About as long as the record of a session. */
const RECORD = {
  displayName: 'Session 1000',
  state: { name: 'alive', wakeAt: 1_764_000_000_000, wakeWhy: 'every minute', expiresAt: 1_764_000_000_000 },
  lastAttemptAt: 1_764_000_000_000,
  lastAttempt: { id: 'session-1000', startedAt: 1_764_000_000_000, endedAt: 1_764_000_000_000, reason: 'schedule' },
  lastSuccessAt: 1_764_000_000_000,
  expiresAt: 1_764_000_000_000,
  loginExpiresAt: 1_764_000_000_000,
};

const refresh = async () => ({ status: 'refreshed', expiresAt: new Date() });

/** The same calls without a kernel. Each is followed by the append of its record, and by its own fdatasync. */
export async function bareLoop(concurrency: number, ms: number): Promise<Rate> {
  const folder = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  const file = await open(join(folder, 'log'), 'a');
  let calls = 0;
  const end = performance.now() + ms;
  const loop = async () => {
    while (performance.now() < end) {
      const { expiresAt } = await refresh();
      await file.appendFile(`${JSON.stringify({ ...RECORD, expiresAt: expiresAt.getTime() })}\n`);
      await file.datasync();
      calls += 1;
    }
  };
  const loops = Array.from({ length: concurrency }, loop);
  const rate = await during(ms, process.pid, () => calls);
  await Promise.all(loops);
  await file.close();
  await rm(folder, { recursive: true });
  return rate;
}

/** What a process counts and uses in this time. */
async function during(ms: number, pid: number, count: () => number): Promise<Rate> {
  const [before, countBefore, since] = [costsOf(pid), count(), performance.now()];
  await moment(ms);
  const [after, counted] = [costsOf(pid), count() - countBefore];
  return {
    perSecond: (counted * 1_000) / (performance.now() - since),
    processorUs: ((after.processorMs - before.processorMs) * 1_000) / counted,
    storageBytes: (after.storageBytes - before.storageBytes) / counted,
  };
}
