import { setTimeout as sleep } from 'node:timers/promises';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import { costsOf } from '../../measure/process-costs.ts';
import { mean } from '../../measure/statistics.ts';
import type { Frames } from './frames.ts';

/** Sessions that change each second. */
export const CHANGES = 100;

const ROUNDS = 4;

export type Program = {
  readonly pid: number;
  readonly frames: Frames;
  /** A client of the daemon whose sessions it shows or keeps. */
  readonly client: KeepaliveClient;
};

export type Costs = {
  /** The share of a core while sessions change, in percent. */
  readonly busy: number;
  /** The same while nothing happens. */
  readonly idle: number;
  readonly framesPerSecond: number;
  readonly linesPerFrame: number;
  readonly memoryMiB: number;
};

type Sample = Omit<Costs, 'memoryMiB'>;

/** A program that is measured several times. */
export class Sampled {
  readonly #samples: Sample[] = [];

  constructor(
    private readonly program: Program,
    private readonly sessions: number,
  ) {}

  async warmUp(ms: number): Promise<void> {
    await keepChanging(this.program.client, this.sessions, ms);
  }

  async sample(ms: number): Promise<void> {
    const { pid, client, frames } = this.program;
    frames.take();
    const busy = await shareOf(pid, () => keepChanging(client, this.sessions, ms));
    const { count, lines } = frames.take();
    const idle = await shareOf(pid, () => sleep(ms / 2));
    // A time has one more frame than it has distances between frames.
    const framesPerSecond = (Math.max(0, count - 1) / busy.ms) * 1_000;
    const linesPerFrame = count > 0 ? lines / count : 0;
    this.#samples.push({ busy: busy.share, idle: idle.share, framesPerSecond, linesPerFrame });
  }

  get costs(): Costs {
    const of = (name: keyof Sample) => mean(this.#samples.map(sample => sample[name]));
    return {
      busy: of('busy'),
      idle: of('idle'),
      framesPerSecond: of('framesPerSecond'),
      linesPerFrame: of('linesPerFrame'),
      memoryMiB: costsOf(this.program.pid).memoryMiB,
    };
  }
}

/** Measures programs in turns, so that all of them see the same machine. */
export async function sampleInTurns(programs: readonly Sampled[], ms: number): Promise<void> {
  for (const program of programs) await program.warmUp(ms / 2);
  for (let round = 0; round < ROUNDS; round++) for (const program of programs) await program.sample(ms / ROUNDS);
}

/** The share of a core, in percent, that the process took during the work, and how long the work took. */
async function shareOf(
  pid: number,
  work: () => Promise<unknown>,
): Promise<{ readonly share: number; readonly ms: number }> {
  const started = performance.now();
  const before = costsOf(pid).processorMs;
  await work();
  const ms = performance.now() - started;
  return { share: ((costsOf(pid).processorMs - before) / ms) * 100, ms };
}

let turn = 0;

/** Attempts one session after the other, evenly spread over the time. */
async function keepChanging(client: KeepaliveClient, sessions: number, ms: number): Promise<void> {
  const started = performance.now();
  const answers: Promise<unknown>[] = [];
  for (let due = 0; answers.length < (ms / 1_000) * CHANGES; await sleep(5)) {
    due = Math.min(ms, performance.now() - started) * (CHANGES / 1_000);
    while (answers.length < due)
      answers.push(client.request('session/refresh', { id: `session-${turn++ % sessions}` }));
  }
  await Promise.all(answers);
}

/** A daemon in which not every session was attempted once after this time is measured as it is. */
const SETTLES_WITHIN_S = 60;

export async function settled(client: KeepaliveClient): Promise<void> {
  for (let waited = 0; waited < SETTLES_WITHIN_S; waited++) {
    const sessions = await client.request('session/list');
    if (sessions.every(({ lastSuccessAt }) => lastSuccessAt !== undefined)) return;
    await sleep(1_000);
  }
}
