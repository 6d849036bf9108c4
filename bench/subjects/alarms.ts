import type { Benchmark, Figure, Goal, Plot, Unit } from '../benchmark.ts';
import type { Measured } from './alarms/processes.ts';
import { keyOf, measureLateness, measureSleep, sizesOf, type Pattern, type Results } from './alarms/trials.ts';
import type { Runs } from './alarms/after-sleep.ts';
import { CANDIDATES } from './alarms/candidates.ts';

// Measures the scheduler of the kernel beside other ways to be called at a time. Each candidate and each number of
// alarms has its own process, so that none warms up or fills the memory of another.

type Measure = {
  readonly id: string;
  readonly what: string;
  readonly unit: Unit;
  readonly of: (measured: Measured) => number;
  readonly pattern: Pattern;
  readonly goal?: Goal;
};

const belowTimers: Goal = { of: 'setTimeout', atMost: 1 };
const asTimers: Goal = { of: 'setTimeout', atMost: 1.5 };

const MEASURES: readonly Measure[] = [
  {
    id: 'memory',
    what: 'memory of each',
    unit: 'B',
    of: ({ bytesEach }) => bytesEach,
    pattern: 'at once',
    goal: belowTimers,
  },
  {
    id: 'memory-spread',
    what: 'memory of each, due at different times',
    unit: 'B',
    of: ({ bytesEach }) => bytesEach,
    pattern: 'spread',
    goal: belowTimers,
  },
  { id: 'add', what: 'time to set them', unit: 'ms', of: ({ addMs }) => addMs, pattern: 'at once', goal: belowTimers },
  { id: 'lateness-p50', what: 'median lateness, due at once', unit: 'ms', of: ({ p50 }) => p50, pattern: 'at once' },
  {
    id: 'lateness-p99',
    what: 'p99 lateness, due at once',
    unit: 'ms',
    of: ({ p99 }) => p99,
    pattern: 'at once',
    goal: asTimers,
  },
  { id: 'spread-p50', what: 'median lateness, due over 2 s', unit: 'ms', of: ({ p50 }) => p50, pattern: 'spread' },
  {
    id: 'spread-p99',
    what: 'p99 lateness, due over 2 s',
    unit: 'ms',
    of: ({ p99 }) => p99,
    pattern: 'spread',
    goal: asTimers,
  },
];

const PEERS = Object.keys(CANDIDATES).filter(name => name !== 'ours');

export const alarms: Benchmark = async environment => {
  const results = await measureLateness(environment);
  const runs = await measureSleep(environment);
  const sizes = sizesOf(environment.isQuick);
  return {
    figures: [
      ...MEASURES.flatMap(measure => sizes.map(count => figureOf(measure, count, results))),
      ...growthOf(results, sizes),
      ...sleepFigures(runs),
    ],
    plots: MEASURES.filter(({ id }) => PLOTTED.includes(id)).map(measure => plotOf(measure, sizes, results)),
  };
};

function valuesOf({ pattern, of }: Measure, count: number, results: Results) {
  const value = (name: string): number | undefined => {
    const measured = results.get(keyOf(pattern, count, name));
    return measured && of(measured);
  };
  return { ours: value('ours') ?? NaN, beside: present(value) };
}

/** The peers with a value. */
const present = (value: (peer: string) => number | undefined): Readonly<Record<string, number>> =>
  Object.fromEntries(PEERS.flatMap(peer => (value(peer) === undefined ? [] : [[peer, value(peer) ?? NaN]])));

function figureOf(measure: Measure, count: number, results: Results): Figure {
  const { id, what, unit, goal } = measure;
  const { ours, beside } = valuesOf(measure, count, results);
  return {
    id: `alarms/${id}/${count}`,
    what: `${count.toLocaleString('en')} alarms: ${what}`,
    value: ours,
    unit,
    beside,
    ...(goal && { goal }),
  };
}

/** How much ten times as many alarms cost. n·log n allows 12.5 times as much from 10,000 to 100,000. */
function growthOf(results: Results, sizes: readonly number[]): readonly Figure[] {
  const [large = 0, small = 0] = sizes.toReversed();
  if (!small) return [];
  const atMost = Number(((large * Math.log(large)) / (small * Math.log(small))).toFixed(1));
  return MEASURES.filter(({ id }) => ['add', 'lateness-p99'].includes(id)).map(measure => ({
    id: `alarms/growth-${measure.id}`,
    what: `${measure.what}: ${large.toLocaleString('en')} alarms instead of ${small.toLocaleString('en')}`,
    value: valuesOf(measure, large, results).ours / valuesOf(measure, small, results).ours,
    unit: '×',
    goal: { atMost },
  }));
}

function sleepFigures(runs: ReadonlyMap<string, Runs>): readonly Figure[] {
  const ours = runs.get('ours');
  if (!ours) return [];
  const figure = (id: keyof Runs, what: string, more: Pick<Figure, 'unit'> & Partial<Figure>): Figure => ({
    id: `alarms/sleep-${id}`,
    what: `after a day asleep, ${what}`,
    value: ours[id],
    beside: present(peer => runs.get(peer)?.[id]),
    ...more,
  });
  return [
    figure('fewest', 'fewest runs of an alarm that rings every minute', { unit: '', goal: { atLeast: 1 } }),
    figure('most', 'most runs of one', { unit: '', goal: { atMost: 1 } }),
    figure('firstMs', 'the first run', {
      unit: 'ms',
      note: 'a bare timer waits for the rest of its time: here seconds, with longer timers hours',
    }),
  ];
}

const PLOTTED = ['memory', 'add', 'lateness-p99'];

function plotOf(measure: Measure, sizes: readonly number[], results: Results): Plot {
  const points = (name: string) =>
    sizes.flatMap(count => {
      const measured = results.get(keyOf(measure.pattern, count, name));
      return measured ? [[count, measure.of(measured)] as const] : [];
    });
  return {
    name: `alarms-${measure.id}`,
    title: `Alarms: ${measure.what}`,
    x: { title: 'alarms', scale: 'log' },
    y: { title: measure.unit, scale: 'log' },
    lines: Object.fromEntries(['ours', ...PEERS].map(name => [name, points(name)])),
  };
}
