import type { Figure, Plot } from '../../benchmark.ts';
import { costsOf } from '../../measure/process-costs.ts';
import { mean, median } from '../../measure/statistics.ts';
import { Caller, type Load } from './caller.ts';
import { figureOf, linesOf, type ByServer } from './comparison.ts';
import type { Measured } from './servers.ts';

type Calls = {
  /** Answered calls a second. */
  readonly rate: number;
  /** The server's processor time for a call, in microseconds. */
  readonly processor: number;
};

type Rounds = { readonly rounds: number; readonly ms: number; readonly progress: (text: string) => void };

const IN_FLIGHT = [1, 4, 16, 64];
const GET = { method: 'session/get', params: { id: 'session-50' } };

/** How many calls a second each server answers on one connection. */
export async function compareCalls(
  servers: readonly Measured[],
  { rounds, ms, progress }: Rounds,
): Promise<{ readonly figures: readonly Figure[]; readonly plot: Plot }> {
  const measure = (load: Omit<Load, 'ms'>): Promise<ByServer<Calls>> => {
    progress(`${load.method}, ${load.inFlight} in flight`);
    return measureCalls(servers, { ...load, ms }, rounds);
  };
  // The first calls of a process are slow, and the daemon has just started.
  await measure({ ...GET, inFlight: 16 });
  const small: [number, ByServer<Calls>][] = [];
  for (const inFlight of IN_FLIGHT) small.push([inFlight, await measure({ ...GET, inFlight })]);
  const info = await measure({ method: 'kernel/info', params: {}, inFlight: 16 });
  const list = await measure({ method: 'session/list', params: {}, inFlight: 1 });
  return {
    figures: [
      ...small.flatMap(([inFlight, results]) => figuresOf(`small/${inFlight}`, { ...GET, inFlight }, results)),
      ...figuresOf('info/16', { method: 'kernel/info', inFlight: 16 }, info),
      ...figuresOf('list', { method: 'session/list', inFlight: 1 }, list, 0.95),
    ],
    plot: {
      name: 'rpc-calls',
      title: 'Small calls on one connection',
      x: { title: 'calls in flight', scale: 'log' },
      y: { title: 'answers a second' },
      lines: linesOf(small, ({ rate }) => rate),
    },
  };
}

function figuresOf(
  id: string,
  { method, inFlight }: Pick<Load, 'method' | 'inFlight'>,
  results: ByServer<Calls>,
  atLeast = 0.7,
): readonly Figure[] {
  const rate = { id, what: `${method}, ${inFlight} in flight`, unit: '/s', goal: { of: 'ws', atLeast } } as const;
  const processor = { id: `${id}/processor`, what: '… processor time of a call', unit: 'µs' } as const;
  return [figureOf(rate, results, calls => calls.rate), figureOf(processor, results, calls => calls.processor)];
}

/** Puts this load on each server, in rounds of alternating order, after one to warm up. */
async function measureCalls(servers: readonly Measured[], load: Load, rounds: number): Promise<ByServer<Calls>> {
  const results = new Map(servers.map(({ name }): [string, Calls[]] => [name, []]));
  for (const server of servers) await measureOnce(server, load);
  for (let round = 0; round < rounds; round += 1)
    for (const server of round % 2 === 0 ? servers : servers.toReversed())
      results.get(server.name)?.push(await measureOnce(server, load));
  return new Map(
    [...results].map(([name, calls]) => [
      name,
      { rate: median(calls.map(({ rate }) => rate)), processor: mean(calls.map(({ processor }) => processor)) },
    ]),
  );
}

async function measureOnce(server: Measured, load: Load): Promise<Calls> {
  const caller = await Caller.connect(server);
  const before = costsOf(server.pid).processorMs;
  const rate = await caller.rate(load);
  const processorMs = costsOf(server.pid).processorMs - before;
  caller.close();
  return { rate, processor: (processorMs / load.ms / rate) * 1e6 };
}
