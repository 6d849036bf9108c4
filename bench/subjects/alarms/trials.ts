import type { Environment } from '../../measure/environment.ts';
import { startRedis } from './bullmq.ts';
import { latenessOf, runsAfterSleep, type Measured, type Trial } from './processes.ts';
import type { Runs } from './after-sleep.ts';

const PEERS = ['setTimeout', 'croner', 'node-schedule', 'toad-scheduler', 'bullmq'];
const SIZES = [1_000, 10_000, 100_000];
/** Of some peers, more alarms take minutes, or do not fit into the memory of a process. */
const MOST: Readonly<Record<string, number>> = { croner: 10_000, 'node-schedule': 10_000, bullmq: 10_000 };
/** These two have goals, so each is measured as often as this, in turn, and the best value counts: other work on the
 * machine only ever makes it worse. */
const COMPARED = ['ours', 'setTimeout'];
const REPEATS = 3;
/** The others are also measured with alarms that are not due at once, but only up to this number. */
const MOST_SPREAD = 1_000;
const SPREAD_MS = 2_000;
const SLEEPERS = 1_000;
/** Each job of BullMQ is set by one call of its Redis. */
const QUEUED_SLEEPERS = 100;

export type Pattern = 'at once' | 'spread';
/** Results by pattern, number of alarms and candidate. */
export type Results = ReadonlyMap<string, Measured>;

export const keyOf = (pattern: Pattern, count: number, candidate: string): string =>
  [pattern, count, candidate].join(' ');

export const sizesOf = (isQuick: boolean): readonly number[] => (isQuick ? SIZES.slice(0, 1) : SIZES);

/** The candidates that this machine has. */
export const candidatesOf = ({ find }: Environment): readonly string[] =>
  ['ours', ...PEERS].filter(name => name !== 'bullmq' || find('redis-server'));

export async function measureLateness(environment: Environment): Promise<Results> {
  const results = new Map<string, Measured>();
  for (const count of sizesOf(environment.isQuick))
    for (const pattern of ['at once', 'spread'] as const)
      for (let repeat = 0; repeat < (environment.isQuick ? 1 : REPEATS); repeat += 1)
        for (const candidate of candidatesOf(environment).filter(name =>
          isMeasured(name, { count, pattern, repeat }),
        )) {
          environment.progress(`${count} alarms ${pattern}: ${candidate}`);
          const key = keyOf(pattern, count, candidate);
          const trial = { candidate, count, spreadMs: pattern === 'spread' ? SPREAD_MS : 0 };
          const measured = await withRedis(environment, trial, latenessOf);
          results.set(key, better(results.get(key), measured));
        }
  return results;
}

type Round = { readonly count: number; readonly pattern: Pattern; readonly repeat: number };

const isMeasured = (candidate: string, { count, pattern, repeat }: Round): boolean =>
  COMPARED.includes(candidate) ||
  (repeat === 0 && count <= (pattern === 'spread' ? MOST_SPREAD : (MOST[candidate] ?? Infinity)));

const better = (before: Measured = WORST, now: Measured): Measured => ({
  addMs: Math.min(before.addMs, now.addMs),
  bytesEach: Math.min(before.bytesEach, now.bytesEach),
  p50: Math.min(before.p50, now.p50),
  p99: Math.min(before.p99, now.p99),
});
const WORST: Measured = { addMs: Infinity, bytesEach: Infinity, p50: Infinity, p99: Infinity };

/** How often each alarm rings after a day asleep, by candidate. Empty without libfaketime. */
export async function measureSleep(environment: Environment): Promise<ReadonlyMap<string, Runs>> {
  environment.progress('a day asleep');
  const found = candidatesOf(environment).map(async candidate => {
    const trial = { candidate, count: candidate === 'bullmq' ? QUEUED_SLEEPERS : SLEEPERS, spreadMs: 0 };
    const runs = await withRedis(environment, trial, runsAfterSleep);
    return runs ? ([[candidate, runs]] as const) : [];
  });
  return new Map((await Promise.all(found)).flat());
}

/** BullMQ gets a Redis that has done nothing yet. */
async function withRedis<T>({ find }: Environment, trial: Trial, run: (trial: Trial) => Promise<T>): Promise<T> {
  const program = trial.candidate === 'bullmq' ? find('redis-server') : undefined;
  if (!program) return run(trial);
  const redis = await startRedis(program);
  try {
    return await run({ ...trial, redisPort: redis.port });
  } finally {
    await redis.stop();
  }
}
