import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark, Figure, Plot } from '../benchmark.ts';
import { costsOf } from '../measure/process-costs.ts';
import { countSyncs } from '../measure/syncs.ts';
import { append, ours, wholeFile, type OpenSaver } from './states/savers.ts';
import { change, type Arrival } from './states/workload.ts';

// Measures what a change of a session costs on disk, beside an append to a plain log and beside writing the whole file.

const SIZES = [10, 1_000, 100_000] as const;
const SAVERS = { ours, append, 'whole file': wholeFile } as const satisfies Record<string, OpenSaver>;
type Name = keyof typeof SAVERS;

type Costs = { readonly bytes: number; readonly perSecond: number; readonly syncs: number };

/** The costs of one change among that many sessions. */
async function costsAmong(sessions: number, name: Name, arrival: Arrival, run: Run): Promise<Costs> {
  const folder = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  const saver = await SAVERS[name](folder, sessions);
  const changes = run.changesOf(sessions, name, arrival);
  await change(saver, { sessions, changes: 1, arrival });
  const before = { bytes: costsOf(process.pid).writtenBytes, syncs: run.syncs(), at: performance.now() };
  await change(saver, { sessions, changes, arrival });
  const seconds = (performance.now() - before.at) / 1_000;
  const bytes = (costsOf(process.pid).writtenBytes - before.bytes) / changes;
  await saver.close();
  await rm(folder, { recursive: true });
  return { bytes, perSecond: changes / seconds, syncs: (run.syncs() - before.syncs) / changes };
}

type Run = {
  readonly syncs: () => number;
  readonly changesOf: (sessions: number, name: Name, arrival: Arrival) => number;
};

const CHANGES: Readonly<Record<Arrival, number>> = { sparse: 500, burst: 20_000 };

/** Fewer of the whole file, which takes up to a second to write. */
function changesOf(sessions: number, name: Name, arrival: Arrival, isQuick: boolean): number {
  const most = isQuick ? 200 : CHANGES[arrival];
  if (name !== 'whole file') return most;
  return sessions < 10_000 ? Math.min(most, 1_000) : most / 100;
}

type Opening = { readonly seconds: number; readonly processorSeconds: number };

/** In a new process, because this one has a large heap by now. */
async function opening(sessions: number): Promise<Opening> {
  const folder = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  await (await ours(folder, sessions)).close();
  const child = fork(fileURLToPath(new URL('./states/open.js', import.meta.url)), [folder], { execArgv: [] });
  const [found]: Opening[] = await once(child, 'message');
  await once(child, 'exit');
  await rm(folder, { recursive: true });
  if (!found) throw new Error('The process did not open the states.');
  return found;
}

export const states: Benchmark = async ({ progress, isQuick }) => {
  const run: Run = {
    syncs: await countSyncs(),
    changesOf: (sessions, name, arrival) => changesOf(sessions, name, arrival, isQuick),
  };
  const figures: Figure[] = [];
  const lines: Record<string, [number, number][]> = {};
  for (const arrival of ['sparse', 'burst'] as const) {
    for (const sessions of isQuick ? SIZES.slice(0, 2) : SIZES) {
      progress(`${sessions} sessions, ${arrival}`);
      const costs = {
        ours: await costsAmong(sessions, 'ours', arrival, run),
        append: await costsAmong(sessions, 'append', arrival, run),
        'whole file': await costsAmong(sessions, 'whole file', arrival, run),
      };
      for (const [name, { bytes }] of Object.entries(costs))
        (lines[`${name}, ${arrival}`] ??= []).push([sessions, Math.round(bytes)]);
      figures.push(...figuresOf(sessions, arrival, costs));
    }
  }
  return { figures: [...figures, ...(await openings(isQuick))], plots: [plotOf(lines)] };
};

function figuresOf(sessions: number, arrival: Arrival, costs: Readonly<Record<Name, Costs>>): readonly Figure[] {
  const when = arrival === 'burst' ? '100 changes at once' : 'a change now and then';
  const figure = (member: keyof Costs) => ({
    value: costs.ours[member],
    beside: { append: costs.append[member], 'whole file': costs['whole file'][member] },
  });
  const id = (what: string): string => `states/${what}-${arrival}/${sessions}`;
  return [
    {
      id: id('bytes'),
      what: `bytes written per change, ${when}, ${sessions} sessions`,
      ...figure('bytes'),
      unit: 'B',
      goal: { atMost: 2_048 },
    },
    { id: id('syncs'), what: `… syncs per change`, ...figure('syncs'), unit: '' },
    { id: id('rate'), what: `… changes per second`, ...figure('perSecond'), unit: '/s' },
  ];
}

async function openings(isQuick: boolean): Promise<readonly Figure[]> {
  const sessions = isQuick ? 1_000 : 100_000;
  const { seconds, processorSeconds } = await opening(sessions);
  const what = `opening the states of ${sessions} sessions`;
  return [
    { id: `states/open/${sessions}`, what, value: seconds, unit: 's', goal: { atMost: 3 } },
    { id: `states/open-processor/${sessions}`, what: '… its processor time', value: processorSeconds, unit: 's' },
  ];
}

const plotOf = (lines: Plot['lines']): Plot => ({
  name: 'states-bytes-per-change',
  title: 'Bytes written per change of a session',
  x: { title: 'sessions', scale: 'log' },
  y: { title: 'bytes', scale: 'log' },
  lines,
});
