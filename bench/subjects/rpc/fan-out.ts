import type { Figure, Plot } from '../../benchmark.ts';
import { costsOf } from '../../measure/process-costs.ts';
import { now } from '../../measure/shared-clock.ts';
import { median, percentile } from '../../measure/statistics.ts';
import { Caller } from './caller.ts';
import { figureOf, linesOf, type ByServer } from './comparison.ts';
import { Crowd } from './crowd.ts';
import type { Measured } from './servers.ts';

type FanOut = {
  /** Milliseconds from the request that changes a session until a client has the notification. */
  readonly delays: readonly number[];
  /** What the server's resident memory has grown by since it had no clients. */
  readonly memoryMiB: number;
  /** The server's processor time for one notification. */
  readonly processorMs: number;
};

const CLIENTS = [1, 10, 100, 1_000];
/** Clients are idle for this long before their memory counts. */
const IDLE_MS = 2_000;

/** How long a notification takes to all clients, and what clients cost. */
export async function compareFanOut(
  servers: readonly Measured[],
  sessions: number,
  progress: (text: string) => void,
): Promise<{ readonly figures: readonly Figure[]; readonly plot: Plot }> {
  const bySize = CLIENTS.map((clients): [number, Map<string, FanOut>] => [clients, new Map()]);
  for (const server of servers) {
    progress(`notifications of ${server.name}`);
    const results = await measureFanOut(server, sessions);
    for (const [index, result] of results.entries()) bySize[index]?.[1].set(server.name, result);
  }
  return {
    figures: bySize.flatMap(([clients, results]) => figuresOf(clients, results)),
    plot: {
      name: 'rpc-fan-out',
      title: 'Time until a notification has reached 99 % of the clients',
      x: { title: 'clients', scale: 'log' },
      y: { title: 'milliseconds', scale: 'log' },
      lines: linesOf(bySize, p99Of),
    },
  };
}

const p99Of = ({ delays }: FanOut): number => percentile(delays, 0.99);

function figuresOf(clients: number, results: ByServer<FanOut>): readonly Figure[] {
  const id = `fan-out/${clients}`;
  const limited = (atMost: number) => clients === CLIENTS.at(-1) && { goal: { atMost } };
  const p99 = {
    id: `${id}/p99`,
    what: `a notification to ${clients} clients, p99`,
    unit: 'ms',
    ...limited(50),
  } as const;
  const p50 = { id: `${id}/p50`, what: '… p50', unit: 'ms' } as const;
  const processor = { id: `${id}/processor`, what: '… processor time', unit: 'ms' } as const;
  const memory = { id: `${id}/memory`, what: '… memory of the idle clients', unit: 'MiB', ...limited(40) } as const;
  return [
    figureOf(p99, results, p99Of),
    figureOf(p50, results, ({ delays }) => median(delays)),
    figureOf(processor, results, ({ processorMs }) => processorMs),
    figureOf(memory, results, ({ memoryMiB }) => memoryMiB),
  ];
}

/** Pauses one session after another, with more and more clients. A session can be paused once. */
async function measureFanOut(server: Measured, sessions: number): Promise<readonly FanOut[]> {
  const crowd = new Crowd(server);
  const caller = await Caller.connect(server);
  const alone = costsOf(server.pid);
  const each = Math.floor(sessions / CLIENTS.length);
  const results: FanOut[] = [];
  for (const [index, clients] of CLIENTS.entries()) {
    await crowd.grow(clients);
    await new Promise(resolve => setTimeout(resolve, IDLE_MS));
    const before = costsOf(server.pid);
    const delays: number[] = [];
    for (let session = index * each; session < (index + 1) * each; session += 1) {
      const id = `session-${session}`;
      const arrivals = await crowd.expect(id);
      const started = now();
      caller.call('session/pause', { id }, () => undefined);
      delays.push(...(await arrivals()).map(at => at - started));
    }
    results.push({
      delays,
      memoryMiB: before.memoryMiB - alone.memoryMiB,
      processorMs: (costsOf(server.pid).processorMs - before.processorMs) / each,
    });
  }
  caller.close();
  crowd.leave();
  return results;
}
