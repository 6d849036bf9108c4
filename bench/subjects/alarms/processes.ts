import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAKETIME, falseClock } from '../../../tests/support/clock/false-clock.ts';
import type { Lateness } from './lateness.ts';
import type { Runs } from './after-sleep.ts';

export type Measured = NonNullable<Lateness>;

export type Trial = {
  readonly candidate: string;
  readonly count: number;
  /** The alarms are due over this time; 0: at one instant. */
  readonly spreadMs: number;
  readonly redisPort?: number | undefined;
};

/** A day, without the tick that the clock would show at the moment of waking up. */
const SLEEP = `+${(24 - 0.5 / 60).toFixed(4)}h` as '+23.9917h';

/** How long one alarm may take to set, in milliseconds. Alarms that are due before all are set would be no measure. */
const PACE_MS: Readonly<Record<string, number>> = {
  croner: 1.5,
  'node-schedule': 1,
  'toad-scheduler': 0.05,
  bullmq: 1,
};
const FAST_MS = 0.02;
const LEAST_AHEAD_MS = 500;
const MORE = 3;

/** Measures in a new process. If the alarms were due before all were set, they are set again, further ahead. */
export async function latenessOf(trial: Trial, paceMs = PACE_MS[trial.candidate] ?? FAST_MS): Promise<Measured> {
  const { candidate, count, spreadMs, redisPort } = trial;
  const aheadMs = LEAST_AHEAD_MS + count * paceMs;
  const child = start('lateness.js', [candidate, count, aheadMs, spreadMs], environment(redisPort));
  const { result } = (await answerOf(child)) as { readonly result: Lateness };
  return result ?? latenessOf(trial, MORE * paceMs);
}

/** Undefined without libfaketime. */
export async function runsAfterSleep({
  candidate,
  count,
  redisPort,
}: Omit<Trial, 'spreadMs'>): Promise<Runs | undefined> {
  if (!FAKETIME) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  const clock = falseClock(folder);
  const child = start('after-sleep.js', [candidate, count], { ...environment(redisPort), ...clock.env });
  await answerOf(child); // Its alarms are set.
  clock.set(SLEEP);
  child.send('woken');
  const runs = (await answerOf(child)) as Runs;
  await rm(folder, { recursive: true });
  return runs;
}

const environment = (redisPort: number | undefined): NodeJS.ProcessEnv => ({
  ...process.env,
  REDIS_PORT: String(redisPort),
});

const start = (file: string, args: readonly (string | number)[], env: NodeJS.ProcessEnv): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), args.map(String), { env });

async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${child.spawnargs.join(' ')} ended with code ${code}.`);
  });
  const [answer] = await Promise.race([once(child, 'message'), ended]);
  return answer;
}
