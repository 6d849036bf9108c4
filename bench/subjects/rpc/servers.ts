import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import type { Session } from '../../../sdk/contract/session.ts';
import { startDaemon, stopDaemon } from '../../measure/daemon.ts';
import { CHANGED, type Known } from './answers.ts';

/** The daemon has no native add-on for ws. rpc-websockets installs one here, and every peer would use it. */
const WITHOUT_ADD_ON = { ...process.env, WS_NO_BUFFER_UTIL: '1' };

/** How clients connect to a server. */
export type Address = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What a client sends first, to get notifications. */
  readonly greeting?: string;
};

export type Measured = Address & { readonly name: string; readonly pid: number; readonly stop: () => Promise<void> };

export const OURS = 'ours';
export const PEERS = ['ws', 'vscode-jsonrpc', 'rpc-websockets'] as const;

/** The daemon with this many sessions, a client of ours, and each peer with the same sessions. */
export async function startServers(
  count: number,
  dist: string,
): Promise<{ readonly servers: readonly Measured[]; readonly client: KeepaliveClient }> {
  const daemon = await startDaemon(count, { dist });
  const { client, home, process } = daemon;
  await untilAttempted(() => client.request('session/list'));
  const known = { info: await client.request('kernel/info'), sessions: await client.request('session/list') };
  const { url, token } = JSON.parse(await readFile(join(home, 'endpoint.json'), 'utf8'));
  const headers = { authorization: `Bearer ${token}` };
  const ours = { name: OURS, pid: process.pid ?? NaN, url, headers, stop: () => stopDaemon(daemon) };
  return { servers: [ours, ...(await Promise.all(PEERS.map(name => startPeer(name, known))))], client };
}

/** Until nothing but the measured calls happens in the daemon. */
async function untilAttempted(list: () => Promise<readonly Session[]>): Promise<void> {
  while ((await list()).some(({ state }) => state.name !== 'alive')) await new Promise(next => setTimeout(next, 100));
}

async function startPeer(name: (typeof PEERS)[number], known: Known): Promise<Measured> {
  const module = name === 'ws' ? 'raw-ws' : name;
  const child = fork(fileURLToPath(new URL('peer.js', import.meta.url)), [module], {
    execArgv: [],
    env: WITHOUT_ADD_ON,
  });
  child.send(known);
  const failed = once(child, 'exit').then(() => Promise.reject(new Error(`The server of ${name} did not start.`)));
  const [port] = await Promise.race([once(child, 'message'), failed]);
  const subscribe = { jsonrpc: '2.0', id: 'subscribe', method: 'rpc.on', params: [CHANGED] };
  return {
    name,
    pid: child.pid ?? NaN,
    url: `ws://127.0.0.1:${port}`,
    headers: {},
    ...(name === 'rpc-websockets' && { greeting: JSON.stringify(subscribe) }),
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
