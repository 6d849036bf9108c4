import type { Benchmark, Figure, Plot } from '../benchmark.ts';
import { killBusy, type Lost } from './attempts/kill.ts';
import { bareLoop, rateOf, type Rate } from './attempts/rate.ts';

// Attempts through the whole path: alarm, gate, save, call, save, history, notice, and the messages to all clients.
// Beside it: the same number of asynchronous calls at one time, each with an append and an fdatasync.

const CLIENTS = 3;
const DEFAULT_CONCURRENCY = 3;
const HIGH_CONCURRENCY = 256;
const GOAL = 3_000;

type Point = { readonly sessions: number; readonly concurrency: number; readonly ours: Rate; readonly loop: Rate };

export const attempts: Benchmark = async ({ dist, isQuick, progress }) => {
  const ms = isQuick ? 2_000 : 8_000;
  const measure = async (sessions: number, concurrency: number): Promise<Point> => {
    progress(`${sessions} sessions, ${concurrency} attempts at one time`);
    const loop = await bareLoop(concurrency, ms / 4);
    return { sessions, concurrency, loop, ours: await rateOf({ sessions, concurrency, dist, clients: CLIENTS }, ms) };
  };
  const byConcurrency: Point[] = [];
  for (const concurrency of isQuick ? [HIGH_CONCURRENCY] : [DEFAULT_CONCURRENCY, 16, 64, HIGH_CONCURRENCY])
    byConcurrency.push(await measure(1_000, concurrency));
  const points = isQuick ? byConcurrency : [...byConcurrency, await measure(10_000, HIGH_CONCURRENCY)];

  const kills: Lost[] = [];
  for (let kill = 0; kill < (isQuick ? 1 : 5); kill += 1) {
    progress(`kill ${kill + 1}`);
    kills.push(await killBusy({ sessions: 1_000, concurrency: HIGH_CONCURRENCY, dist }, 2_000 + 400 * kill));
  }
  return { figures: [...points.flatMap(figuresOf), ...figuresOfKills(kills)], plots: [plotOf(byConcurrency)] };
};

function figuresOf({ sessions, concurrency, ours, loop }: Point): readonly Figure[] {
  const id = `attempts/${sessions}-sessions/${concurrency}-at-once`;
  const isHigh = concurrency === HIGH_CONCURRENCY;
  const title = `attempts of ${sessions.toLocaleString('en')} sessions, ${concurrency} at one time`;
  return [
    {
      id: `${id}/rate`,
      what: title,
      value: ours.perSecond,
      unit: '/s',
      beside: { 'append + fdatasync': loop.perSecond },
      ...(isHigh && { goal: { atLeast: GOAL } }),
      ...(concurrency === DEFAULT_CONCURRENCY && { note: 'the default; each attempt waits twice for the disk' }),
    },
    {
      id: `${id}/processor`,
      what: '… processor time of each',
      value: ours.processorUs,
      unit: 'µs',
      beside: { 'append + fdatasync': loop.processorUs },
      ...(isHigh && { note: `of all its threads, with ${CLIENTS} clients` }),
    },
    { id: `${id}/bytes`, what: '… what each made the system write', value: ours.storageBytes, unit: 'B' },
  ];
}

function figuresOfKills(kills: readonly Lost[]): readonly Figure[] {
  const sum = (name: keyof Lost) => kills.reduce((total, lost) => total + lost[name], 0);
  const goal = { atMost: 0 };
  const among = `among ${sum('announced')}, in ${kills.length} kills`;
  return [
    {
      id: 'attempts/kill/not-saved',
      what: 'announced but not saved',
      value: sum('notSaved'),
      unit: '',
      goal,
      note: among,
    },
    {
      id: 'attempts/kill/not-in-history',
      what: 'announced but not in the history',
      value: sum('notInHistory'),
      unit: '',
      goal,
      note: among,
    },
    {
      id: 'attempts/kill/asked-unsaved',
      what: 'made before they were saved',
      value: sum('askedUnsaved'),
      unit: '',
      goal,
      note: `among ${sum('asked')}, in ${kills.length} kills`,
    },
  ];
}

const plotOf = (points: readonly Point[]): Plot => ({
  name: 'attempts',
  title: 'Attempts a second, 1,000 sessions that are always due, 3 clients',
  x: { title: 'attempts at one time', scale: 'log' },
  y: { title: 'a second', scale: 'log' },
  lines: {
    'the whole path': points.map(({ concurrency, ours }) => [concurrency, ours.perSecond]),
    'append + fdatasync': points.map(({ concurrency, loop }) => [concurrency, loop.perSecond]),
  },
});
