import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Figure, Goal, Plot, Unit } from '../benchmark.ts';
import { BARE } from '../measure/bare-server.ts';
import { costsBetween, snapshotOf, type IdleCosts } from './idle/costs.ts';
import { agents, bareServer, daemonName, daemonWith, WATCHING, watchingDaemon } from './idle/programs.ts';
import type { Idle } from './idle/programs.ts';

// Measures what programs cost that have nothing to do. All run at the same time, so each has the same machine.

const SESSIONS = [10, 100, 1_000];
const WATCHED = 1_000;
/** The first attempts are not idle. A program has settled when it has written nothing for this long. */
const SETTLED_AFTER_MS = 10_000;
const SETTLE_LIMIT_MS = 180_000;
const WINDOW_MS = { full: 600_000, quick: 30_000 };

export const idle: Benchmark = async environment => {
  const { progress } = environment;
  const mode = environment.isQuick ? 'quick' : 'full';
  const programs = [await bareServer(), ...(await agents(environment)), await watchingDaemon(WATCHED, environment)];
  for (const sessions of SESSIONS) programs.push(await daemonWith(sessions, environment));
  progress(`${programs.length} programs settle`);
  await settle(programs);
  progress(`they are idle for ${WINDOW_MS[mode] / 1_000} s`);
  const costs = await costsOver(programs, WINDOW_MS[mode]);
  await Promise.all(programs.map(program => program.stop()));
  return { figures: figuresOf(costs), plots: [memoryPlot(costs)] };
};

async function settle(programs: readonly Idle[]): Promise<void> {
  const end = performance.now() + SETTLE_LIMIT_MS;
  const written = () => programs.map(({ pid }) => snapshotOf(pid).used.storageBytes).join(' ');
  for (let before = ''; before !== written() && performance.now() < end; await sleep(SETTLED_AFTER_MS))
    before = written();
}

type Costs = ReadonlyMap<string, IdleCosts>;

async function costsOver(programs: readonly Idle[], ms: number): Promise<Costs> {
  const before = programs.map(({ pid }) => snapshotOf(pid));
  await sleep(ms);
  return new Map(
    programs.map(({ name, pid }, index) => [name, costsBetween(before[index] ?? snapshotOf(pid), snapshotOf(pid))]),
  );
}

type Measure = { readonly what: string; readonly unit: Unit; readonly goal: (name: string) => Goal | undefined };

const MEASURES: Readonly<Record<keyof IdleCosts, Measure>> = {
  memoryMiB: {
    what: 'resident memory',
    unit: 'MiB',
    goal: name => (name === daemonName(100) ? { of: BARE, atMost: 1.4 } : undefined),
  },
  processorPercent: { what: 'of a core', unit: '%', goal: () => ({ atMost: 0.02 }) },
  wakeUpsPerMinute: { what: 'wake-ups', unit: '/min', goal: () => ({ atMost: 15 }) },
  storageBytes: { what: 'written to files', unit: 'B', goal: () => ({ atMost: 0 }) },
};

const OURS = [...SESSIONS.map(daemonName), WATCHING];

function figuresOf(costs: Costs): readonly Figure[] {
  const measures = Object.keys(MEASURES) as (keyof IdleCosts)[];
  return measures.flatMap(id => OURS.map(name => figureOf(id, name, costs)));
}

function figureOf(id: keyof IdleCosts, name: string, costs: Costs): Figure {
  const { what, unit, goal } = MEASURES[id];
  const peers = [...costs].filter(([peer]) => !OURS.includes(peer));
  const limit = name === WATCHING ? undefined : goal(name);
  return {
    id: `idle/${id}/${name.replaceAll(' ', '-')}`,
    what: `${name}: ${what}`,
    value: costs.get(name)?.[id] ?? NaN,
    unit,
    beside: Object.fromEntries(peers.map(([peer, cost]) => [peer, cost[id]])),
    ...(limit && { goal: limit }),
    ...(name === WATCHING && { note: POLLED }),
  };
}

const POLLED = 'it looks at each file every five minutes, because a watch can miss a change';

/** A peer has no sessions, so it is a level line. */
function memoryPlot(costs: Costs): Plot {
  const peers = [...costs.keys()].filter(name => !OURS.includes(name));
  const line = (nameOf: (sessions: number) => string) =>
    SESSIONS.map(sessions => [sessions, costs.get(nameOf(sessions))?.memoryMiB ?? NaN] as const);
  return {
    name: 'idle-memory',
    title: 'Idle: resident memory',
    x: { title: 'sessions', scale: 'log' },
    y: { title: 'MiB' },
    lines: { daemon: line(daemonName), ...Object.fromEntries(peers.map(peer => [peer, line(() => peer)])) },
  };
}
