import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Benchmark } from '../benchmark.ts';
import { BARE, startBareServer } from '../measure/bare-server.ts';
import { costsOf } from '../measure/process-costs.ts';
import { median } from '../measure/statistics.ts';

// The resident memory of a daemon that has nothing to do, beside the least that such a daemon is made of.

const SIZES = [1, 100];
/** Until the garbage of the start is collected: an idle V8 shrinks its heap within seconds. */
const SETTLE_MS = 20_000;

export const memory: Benchmark = async ({ dist, isQuick, progress }) => {
  const settleMs = isQuick ? 2_000 : SETTLE_MS;
  const repeats = isQuick ? 1 : 3;
  const bare = await medianOf(repeats, () => bareMiB(settleMs));
  const figures = [];
  for (const sessions of SIZES) {
    progress(`${sessions} sessions`);
    const value = await medianOf(repeats, () => daemonMiB(sessions, dist, settleMs));
    figures.push({
      id: `idle-${sessions}`,
      what: `the memory of an idle daemon with ${sessions} session${sessions === 1 ? '' : 's'}`,
      value,
      unit: 'MiB' as const,
      beside: { [BARE]: bare },
      goal: { of: BARE, atMost: 1.4 },
    });
  }
  return { figures };
};

async function medianOf(repeats: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  while (values.length < repeats) values.push(await measure());
  return median(values);
}

/** The sessions look at one file that is fresh for a day. A configuration that is code would add its loader. */
async function daemonMiB(sessions: number, dist: string, settleMs: number): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  const store = join(home, 'token.json');
  await writeFile(store, JSON.stringify({ expires_at: Date.now() + 86_400_000 }), { mode: 0o600 });
  const options = { run: ['true'], store, expiresAt: 'json:expires_at' };
  const plugins = Array.from({ length: sessions }, (_, index) => ['command', { id: `session-${index}`, ...options }]);
  await writeFile(join(home, 'keepalive.config.json'), JSON.stringify({ plugins }));
  const env = { ...process.env, HOME: home, KEEPALIVE_HOME: home };
  const daemon = fork(join(dist, 'kernel/main.js'), { ...QUIET, cwd: home, env });
  await once(daemon, 'message');
  const memoryMiB = await settledMiB(daemon, settleMs);
  await rm(home, { recursive: true });
  return memoryMiB;
}

const bareMiB = async (settleMs: number): Promise<number> => settledMiB(await startBareServer(), settleMs);

const QUIET: ForkOptions = { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] };

/** Its memory some time after it has started. Ends it. */
async function settledMiB(child: ChildProcess, settleMs: number): Promise<number> {
  await setTimeout(settleMs);
  const { memoryMiB } = costsOf(child.pid ?? NaN);
  const ended = once(child, 'exit');
  child.kill();
  await ended;
  return memoryMiB;
}
