import { Cron } from 'croner';
import { gracefulShutdown, scheduleJob } from 'node-schedule';
import { CronJob, SimpleIntervalJob, Task, ToadScheduler } from 'toad-scheduler';
import { createScheduler } from '../../../kernel/scheduler/scheduler.ts';
import { openQueue } from './bullmq.ts';
import type { Candidate, Ring } from './candidate.ts';

const pattern = (second: number): string => `${second} * * * * *`;
const indexes = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** The next time after now with this second of the minute. */
function nextTime(second: number): number {
  const minute = 60_000;
  const now = Date.now();
  const at = Math.floor(now / minute) * minute + second * 1_000;
  return at > now ? at : at + minute;
}

function ours(): Candidate {
  const scheduler = createScheduler();
  const again = (second: number, index: number, ring: Ring): void => {
    scheduler.at(nextTime(second), () => {
      ring(index);
      again(second, index, ring);
    });
  };
  return {
    set: (times, ring) => times.map((at, index) => scheduler.at(at, () => ring(index))),
    repeat: (count, second, ring) => indexes(count).forEach(index => again(second, index, ring)),
    close: () => scheduler.stop(),
  };
}

function timers(): Candidate {
  const again = (second: number, index: number, ring: Ring): void => {
    setTimeout(
      () => {
        ring(index);
        again(second, index, ring);
      },
      nextTime(second) - Date.now(),
    );
  };
  return {
    set: (times, ring) => times.map((at, index) => setTimeout(() => ring(index), at - Date.now())),
    repeat: (count, second, ring) => indexes(count).forEach(index => again(second, index, ring)),
    close: () => undefined,
  };
}

const croner = (): Candidate => ({
  set: (times, ring) => times.map((at, index) => new Cron(new Date(at), () => ring(index))),
  repeat: (count, second, ring) => indexes(count).map(index => new Cron(pattern(second), () => ring(index))),
  close: () => undefined,
});

const nodeSchedule = (): Candidate => ({
  set: (times, ring) => times.map((at, index) => scheduleJob(new Date(at), () => ring(index))),
  repeat: (count, second, ring) => indexes(count).map(index => scheduleJob(pattern(second), () => ring(index))),
  close: () => gracefulShutdown(),
});

/** It has no single alarms, so an interval is stopped when it rings. */
function toadScheduler(): Candidate {
  const scheduler = new ToadScheduler();
  return {
    set: (times, ring) =>
      times.map((at, index) => {
        const task = new Task(`${index}`, () => {
          job.stop();
          ring(index);
        });
        const job = new SimpleIntervalJob({ milliseconds: at - Date.now() }, task);
        scheduler.addSimpleIntervalJob(job);
        return job;
      }),
    repeat: (count, second, ring) =>
      indexes(count).forEach(index =>
        scheduler.addCronJob(new CronJob({ cronExpression: pattern(second) }, new Task(`${index}`, () => ring(index)))),
      ),
    close: () => scheduler.stop(),
  };
}

/** Every candidate by its name. */
export const CANDIDATES: Readonly<Record<string, () => Candidate>> = {
  ours,
  setTimeout: timers,
  croner,
  'node-schedule': nodeSchedule,
  'toad-scheduler': toadScheduler,
  bullmq: openQueue,
};
