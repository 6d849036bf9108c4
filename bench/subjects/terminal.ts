import type { Benchmark, Figure, Plot } from '../benchmark.ts';
import { daemonAlone, runInPipe, runOnTerminal, SIZE, watchOnTerminal } from './terminal/programs.ts';
import { CHANGES, Sampled, sampleInTurns, settled, type Costs, type Program } from './terminal/sample.ts';

// Measures what it costs to show sessions, beside a daemon that shows nothing. `keepalive run` is a daemon and its
// view in one process, `status --watch` is the view alone.

const SIZES = [10, 1_000, 10_000];
const ALONE = 'the daemon alone';
const LOAD = `while ${CHANGES} sessions a second change`;

type Measured = {
  readonly sessions: number;
  readonly alone: Costs;
  readonly piped: Costs;
  readonly live: Costs;
  readonly watch: Costs;
};

async function measure(dist: string, sessions: number, ms: number): Promise<Measured> {
  const start = [daemonAlone(dist, sessions), runInPipe(dist, sessions), runOnTerminal(dist, sessions)] as const;
  const daemons = await Promise.all(start);
  await Promise.all(daemons.map(({ client }) => settled(client)));
  const sampled = (program: Program) => new Sampled(program, sessions);
  const [alone, piped, live] = [sampled(daemons[0]), sampled(daemons[1]), sampled(daemons[2])];
  await sampleInTurns([alone, piped, live], ms);
  // After that, because the daemon notifies the view too.
  const view = watchOnTerminal(dist, daemons[0]);
  const watch = sampled(view);
  await sampleInTurns([watch], ms);
  const measured = { sessions, alone: alone.costs, piped: piped.costs, live: live.costs, watch: watch.costs };
  view.kill();
  for (const { stop } of daemons) await stop();
  return measured;
}

function figuresOf({ sessions, alone, piped, live, watch }: Measured): readonly Figure[] {
  const who = `${sessions} sessions`;
  const frames = { unit: '/s', goal: { atMost: 10 } } as const;
  const share = { unit: '%', goal: { atMost: 5 } } as const;
  const lines = { unit: '', goal: { atMost: SIZE.rows } } as const;
  return [
    {
      id: `terminal/piped-busy/${sessions}`,
      what: `processor share of \`run\` in a pipe with ${who} ${LOAD}`,
      value: piped.busy,
      unit: '%',
      beside: { [ALONE]: alone.busy },
      goal: { of: ALONE, atMost: 1.05 },
    },
    {
      id: `terminal/piped-idle/${sessions}`,
      what: '… while nothing happens',
      value: piped.idle,
      unit: '%',
      beside: { [ALONE]: alone.idle },
    },
    {
      id: `terminal/piped-memory/${sessions}`,
      what: '… and its memory',
      value: piped.memoryMiB,
      unit: 'MiB',
      beside: { [ALONE]: alone.memoryMiB },
    },
    {
      id: `terminal/live-busy/${sessions}`,
      what: `processor share of the view of \`run\` on a terminal with ${who} ${LOAD}`,
      value: live.busy - alone.busy,
      ...share,
      note: `the whole process ${live.busy.toFixed(1)} %, less the daemon alone`,
    },
    { id: `terminal/live-frames/${sessions}`, what: '… its frames', value: live.framesPerSecond, ...frames },
    { id: `terminal/live-lines/${sessions}`, what: '… lines in a frame', value: live.linesPerFrame, ...lines },
    {
      id: `terminal/watch-busy/${sessions}`,
      what: `processor share of \`status --watch\` on a terminal with ${who} ${LOAD}`,
      value: watch.busy,
      ...share,
    },
    { id: `terminal/watch-frames/${sessions}`, what: '… its frames', value: watch.framesPerSecond, ...frames },
    { id: `terminal/watch-lines/${sessions}`, what: '… lines in a frame', value: watch.linesPerFrame, ...lines },
    { id: `terminal/watch-memory/${sessions}`, what: '… and its memory', value: watch.memoryMiB, unit: 'MiB' },
  ];
}

function plotOf(sizes: readonly Measured[]): Plot {
  const line = (of: 'alone' | 'piped' | 'live' | 'watch') => sizes.map(one => [one.sessions, one[of].busy] as const);
  return {
    name: 'terminal',
    title: `Processor time ${LOAD}`,
    x: { title: 'sessions', scale: 'log' },
    y: { title: '% of a core' },
    lines: {
      [ALONE]: line('alone'),
      'run, in a pipe': line('piped'),
      'run, on a terminal': line('live'),
      'status --watch': line('watch'),
    },
  };
}

export const terminal: Benchmark = async ({ dist, isQuick, progress }) => {
  const sizes: Measured[] = [];
  for (const sessions of isQuick ? SIZES.slice(0, 2) : SIZES) {
    progress(`${sessions} sessions`);
    sizes.push(await measure(dist, sessions, isQuick ? 2_000 : 6_000));
  }
  return { figures: sizes.flatMap(figuresOf), plots: [plotOf(sizes)] };
};
