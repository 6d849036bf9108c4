import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Figure, Findings, Plot } from '../benchmark.ts';
import { configuration, homeWith, startIn } from '../measure/daemon.ts';
import { costsOf, type ProcessCosts } from '../measure/process-costs.ts';
import { bareTimers } from './sessions/bare-timers.ts';
import { rememberSessions } from './sessions/remember.ts';

// Measures the whole daemon with many sessions: until it answers, what one more session costs, and that this grows no
// faster than n·log n.

const SIZES = [10, 1_000, 10_000, 100_000];
const QUICK_SIZES = [10, 100, 1_000];
const CONCURRENCY = 1_000;
/** A daemon is at rest when it has used no time for this long. */
const REST_MS = 2_000;
const REST_LIMIT_MS = 10_000;

/** A daemon when it first answered, its processor time until it was ready, and its memory at rest. */
type Start = { readonly answeredAfterMs: number; readonly processorMs: number; readonly memoryMiB: number };

type Size = {
  readonly sessions: number;
  readonly fresh: Start;
  /** Each session was attempted a minute before, and none is due. */
  readonly restarted: Start;
  /** The same number of bare timers with a function each. */
  readonly timers: Start;
};

async function measure(sessions: number, dist: string): Promise<Size> {
  const fresh = await inHome(sessions, home => examine(home, dist));
  const restarted = await inHome(sessions, async home => {
    await rememberSessions(home, sessions);
    return examine(home, dist);
  });
  return { sessions, fresh, restarted, timers: await bareTimers(sessions) };
}

async function inHome<T>(sessions: number, use: (home: string) => Promise<T>): Promise<T> {
  const home = await homeWith(configuration(sessions, CONCURRENCY));
  try {
    return await use(home);
  } finally {
    await rm(home, { recursive: true });
  }
}

async function examine(home: string, dist: string): Promise<Start> {
  const daemon = await startIn(home, dist);
  const { pid = NaN } = daemon.process;
  try {
    const { processorMs } = costsOf(pid);
    const { memoryMiB } = await atRest(pid);
    return { answeredAfterMs: daemon.answeredAfterMs, processorMs, memoryMiB };
  } finally {
    const ended = once(daemon.process, 'exit');
    daemon.client.close();
    daemon.process.kill('SIGKILL');
    await ended;
  }
}

/** At rest or, with many new sessions, still attempting them. */
async function atRest(pid: number): Promise<ProcessCosts> {
  const limit = performance.now() + REST_LIMIT_MS;
  for (let before = costsOf(pid); ;) {
    await sleep(REST_MS);
    const now = costsOf(pid);
    if (now.processorMs - before.processorMs <= 20 || performance.now() > limit) return now;
    before = now;
  }
}

/** What each session adds to the smallest daemon. */
const perSession = (size: Size, least: Size, of: (size: Size) => number): number =>
  (of(size) - of(least)) / (size.sessions - least.sessions);

function figuresOf(size: Size, least: Size): readonly Figure[] {
  const { sessions, fresh, restarted } = size;
  const name = sessions.toLocaleString('en');
  const answers: readonly Figure[] = [
    { id: `fresh/${sessions}`, what: `${name} new sessions: first answer`, value: fresh.answeredAfterMs, unit: 'ms' },
    {
      id: `restarted/${sessions}`,
      what: `${name} remembered sessions: first answer`,
      value: restarted.answeredAfterMs,
      unit: 'ms',
      ...(sessions === 100_000 && { goal: { atMost: 3_000 } }),
    },
    {
      id: `restarted-processor/${sessions}`,
      what: '… its processor time, with the garbage collector in other threads',
      value: restarted.processorMs,
      unit: 'ms',
    },
  ];
  if (size === least) return answers;
  const added = (of: (size: Size) => number) => perSession(size, least, of);
  return [
    ...answers,
    {
      id: `add/${sessions}`,
      what: `… processor time to add one of ${name}`,
      value: added(({ fresh: { processorMs } }) => processorMs) * 1_000,
      unit: 'µs',
      beside: { 'bare setTimeout': added(({ timers: { processorMs } }) => processorMs) * 1_000 },
    },
    {
      id: `memory/${sessions}`,
      what: `… resident memory of one of ${name}, at rest after a restart`,
      value: added(({ restarted: { memoryMiB } }) => memoryMiB) * 2 ** 20,
      unit: 'B',
      beside: { 'bare setTimeout': added(({ timers: { memoryMiB } }) => memoryMiB) * 2 ** 20 },
    },
  ];
}

const nameOf = ({ sessions }: Size): string => `${sessions.toLocaleString('en')} sessions`;

/** How much faster than n·log n the time for the sessions grows from one size to the next ten times as large. */
function growthOf([least, ...sizes]: readonly Size[]): readonly Figure[] {
  const [before, last] = sizes.slice(-2);
  if (!least || !before || !last) return [];
  const timeOf = (size: Size) => size.restarted.processorMs - least.restarted.processorMs;
  const expected = nLogN(last.sessions) / nLogN(before.sessions);
  return [
    {
      id: 'growth',
      what: `growth of a restart from ${nameOf(before)} to ${nameOf(last)}, divided by that of n·log n`,
      value: timeOf(last) / timeOf(before) / expected,
      unit: '×',
      goal: { atMost: 1 },
    },
  ];
}

const REFERENCE = 'the smallest daemon and n·log n';

const nLogN = (n: number): number => n * Math.log2(n);

function plotsOf(sizes: readonly Size[]): readonly Plot[] {
  const [least, ...others] = sizes;
  const last = sizes.at(-1);
  if (!least || !last) return [];
  const points = (of: (size: Size) => number) => sizes.map(size => [size.sessions, of(size)] as const);
  const x = { title: 'sessions', scale: 'log' } as const;
  const answered = ({ restarted }: Size) => restarted.answeredAfterMs;
  const perLast = (answered(last) - answered(least)) / nLogN(last.sessions);
  const memory = (of: (size: Size) => number) =>
    others.map(size => [size.sessions, Math.max(1, perSession(size, least, of) * 2 ** 20)] as const);
  return [
    {
      name: 'sessions-answer',
      title: 'Time from the start to the first answer',
      x,
      y: { title: 'ms', scale: 'log' },
      lines: {
        'new sessions': points(({ fresh }) => fresh.answeredAfterMs),
        'remembered sessions': points(answered),
        [REFERENCE]: points(({ sessions }) => answered(least) + perLast * nLogN(sessions)),
      },
      references: [REFERENCE],
    },
    {
      name: 'sessions-memory',
      title: 'Resident memory of one session',
      x,
      y: { title: 'bytes', scale: 'log' },
      lines: {
        session: memory(({ restarted: { memoryMiB } }) => memoryMiB),
        'bare setTimeout': memory(({ timers: { memoryMiB } }) => memoryMiB),
      },
    },
  ];
}

export const sessions: Benchmark = async ({ dist, isQuick, progress }): Promise<Findings> => {
  const sizes: Size[] = [];
  for (const size of isQuick ? QUICK_SIZES : SIZES) {
    progress(`${size} sessions`);
    sizes.push(await measure(size, dist));
  }
  const least = sizes[0];
  const figures = least ? sizes.flatMap(size => figuresOf(size, least)) : [];
  return { figures: [...figures, ...growthOf(sizes)], plots: plotsOf(sizes) };
};
