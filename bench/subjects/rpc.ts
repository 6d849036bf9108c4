import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { Benchmark, Figure } from '../benchmark.ts';
import { median } from '../measure/statistics.ts';
import { compareCalls } from './rpc/calls.ts';
import { callsPerSecond } from './rpc/caller.ts';
import { compareFanOut } from './rpc/fan-out.ts';
import { startServers } from './rpc/servers.ts';

// Measures the API beside other servers that give the same answers. Each server has its own process. All of them are
// called by the same client, so that only the server differs.

const SESSIONS = 100;

/** The daemon by the client of frontends and third parties. */
async function measureOurClient(client: KeepaliveClient, rounds: number, ms: number): Promise<Figure> {
  const get = (onAnswer: () => void): void => void client.request('session/get', { id: 'session-50' }).then(onAnswer);
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round += 1) rates.push(await callsPerSecond({ inFlight: 16, ms }, get));
  return {
    id: 'client/16',
    what: 'session/get by our client, 16 in flight',
    value: median(rates.slice(1)),
    unit: '/s',
  };
}

export const rpc: Benchmark = async ({ dist, progress, isQuick }) => {
  const [ms, rounds] = isQuick ? [100, 1] : [300, 9];
  const { servers, client } = await startServers(SESSIONS, dist);
  const calls = await compareCalls(servers, { rounds, ms, progress });
  const ourClient = await measureOurClient(client, rounds, ms);
  const fanOut = await compareFanOut(servers, SESSIONS, progress);
  for (const server of servers) await server.stop();
  return {
    figures: [...calls.figures, ourClient, ...fanOut.figures],
    plots: [calls.plot, fanOut.plot],
  };
};
