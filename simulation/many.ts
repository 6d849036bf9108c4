import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../sdk/base/json.ts';
import { describeElapsed } from '../sdk/wording/duration.ts';
import { counted } from '../sdk/wording/sentence.ts';

/** Which seeds are lived, and for how many days each. */
export type Wanted = { readonly seed: number; readonly seeds: number; readonly days: number };
export type Limits = { readonly minutes: number; readonly jobs: number };

/** A seed that a process is asked to live. */
export type Task = { readonly seed: number; readonly days: number };

export type Report = { readonly seed: number; readonly broken?: { readonly rule: string; readonly how: string } };

/** What is used of a `ChildProcess`. */
export interface Worker {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown;
  send(task: Task): unknown;
  disconnect(): void;
  kill(): unknown;
}

/**
 * Simulates many seeds in several processes, and prints those that break a rule. Returns whether there were none, of at
 * least one.
 */
export async function liveMany(wanted: Wanted, limits: Limits, start: () => Worker = forkWorker): Promise<boolean> {
  const began = Date.now();
  const until = began + limits.minutes * 60_000;
  let assigned = 0;
  const reports: Report[] = [];
  const onReport = (report: Report): void => {
    reports.push(report);
    if (report.broken) console.log(`Seed ${report.seed} breaks ${report.broken.rule}: ${report.broken.how}`);
    else if (reports.length % 100 === 0) console.log(`${reports.length} seeds are done.`);
  };
  const nextTask = (): Task | undefined => {
    if (assigned === wanted.seeds || Date.now() >= until) return undefined;
    const seed = wanted.seed + assigned;
    assigned += 1;
    return { seed, days: wanted.days };
  };
  const children = Array.from({ length: Math.min(limits.jobs, wanted.seeds) }, start);
  try {
    await Promise.all(children.map(child => liveIn(child, nextTask, onReport)));
  } finally {
    for (const child of children) child.kill();
  }
  const lasted = Date.now() - began;
  const daysAMinute = Math.round((reports.length * wanted.days * 60_000) / lasted);
  const broken = reports.filter(report => report.broken);
  console.log(
    `${reports.length} of ${counted(wanted.seeds, 'seed')}, of ${counted(wanted.days, 'day')}, ` +
      `in ${describeElapsed(lasted)}, ${daysAMinute} days a minute. ${broken.length} broke a rule.`,
  );
  if (broken[0]) console.log(`The story of one: npm run simulate -- --seed ${broken[0].seed} --days ${wanted.days}`);
  return broken.length === 0 && reports.length > 0;
}

/**
 * Most of what a life makes is garbage at once, so its nursery is large from the start. Each processor has its own
 * process, which collects its garbage alone.
 */
const V8_FLAGS = ['--min-semi-space-size=16', '--max-semi-space-size=16', '--single-threaded-gc'];

function forkWorker(): Worker {
  const jiti = join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib/jiti-cli.mjs');
  const worker = fileURLToPath(new URL('worker.ts', import.meta.url));
  return fork(jiti, [worker], { execArgv: V8_FLAGS });
}

/** Most lives take seconds. Code of the product that never gives way would keep its process busy for ever. */
const patienceMs = (days: number): number => (10 + days) * 60_000;

/** Lives seeds in a process, one after the other. Throws if it ends, or is silent, before it has reported the last. */
async function liveIn(
  child: Worker,
  nextTask: () => Task | undefined,
  onReport: (report: Report) => void,
): Promise<void> {
  let task: Task | undefined;
  let limit: NodeJS.Timeout | undefined;
  const lived = new Promise<void>((resolve, reject) => {
    const assign = (): void => {
      clearTimeout(limit);
      task = nextTask();
      if (!task) return child.disconnect();
      const { seed, days } = task;
      const patience = patienceMs(days);
      const silent = [
        `Seed ${seed} has not ended after ${describeElapsed(patience)}.`,
        `See where it hangs: npm run simulate -- --seed ${seed} --days ${days} --verbose`,
      ].join(' ');
      limit = setTimeout(() => reject(new Error(silent)), patience);
      child.send(task);
    };
    child.on('message', report => {
      if (!isReport(report)) return reject(new Error('A process sent what is no report.'));
      onReport(report);
      assign();
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0 && !task) return resolve();
      reject(new Error(`The process of seed ${task?.seed} ended with ${signal ?? code}, and without a report.`));
    });
    assign();
  });
  await lived.finally(() => clearTimeout(limit));
}

const isReport = (message: unknown): message is Report => isRecord(message) && typeof message['seed'] === 'number';
