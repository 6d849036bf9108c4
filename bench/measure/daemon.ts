import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type KeepaliveClient } from '../../sdk/client/client.ts';
import { readEndpoint } from '../../sdk/client/endpoint.ts';

const POLL_MS = 5;

export type Daemon = {
  readonly process: ChildProcess;
  readonly client: KeepaliveClient;
  readonly home: string;
  readonly answeredAfterMs: number;
};

/** What the configuration of a measured daemon says beside its sessions. */
type Options = { readonly dist: string; readonly concurrency?: number };

/** Starts the compiled daemon with this many sessions in a temporary home, and waits for its first answer. */
export const startDaemon = (sessions: number, { dist, concurrency = 3 }: Options): Promise<Daemon> =>
  startConfigured(configuration(sessions, concurrency), dist);

/** The same with this configuration, the text of a module. */
export async function startConfigured(configuration: string, dist: string): Promise<Daemon> {
  const home = await homeWith(configuration);
  try {
    return await startIn(home, dist);
  } catch (error) {
    await rm(home, { recursive: true });
    throw error;
  }
}

/** A temporary home with this configuration. */
export async function homeWith(configuration: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  await writeFile(join(home, 'keepalive.config.mjs'), configuration);
  return home;
}

/**
 * Starts the daemon in a home that has a configuration, and what an earlier run has left. Its first answer may come
 * before it is ready: many sessions are still being started then.
 */
export async function startIn(home: string, dist: string): Promise<Daemon> {
  const begun = performance.now();
  const child = fork(join(dist, 'kernel/main.js'), {
    stdio: 'ignore',
    cwd: home,
    env: environmentOf(home),
    execArgv: [],
  });
  const answered = async () => {
    const client = await firstClient(join(home, 'endpoint.json'), child);
    await client.request('kernel/info');
    return { client, answeredAfterMs: performance.now() - begun };
  };
  const [answer] = await Promise.all([answered(), readied(child)]);
  return { process: child, home, ...answer };
}

async function readied(process: ChildProcess): Promise<void> {
  const [{ failed }] = (await once(process, 'message')) as [{ readonly failed?: { readonly text: string } }];
  if (failed) throw new Error(failed.text);
}

/** Polls, as `keepalive start` does. The file may still be that of an earlier run. */
async function firstClient(endpointFile: string, process: ChildProcess): Promise<KeepaliveClient> {
  while (process.exitCode === null && process.signalCode === null) {
    const endpoint = await readEndpoint(endpointFile).catch(() => undefined);
    if (endpoint?.pid === process.pid) return connect({ endpointFile });
    await sleep(POLL_MS);
  }
  throw new Error('The daemon ended before it answered.');
}

/** Nothing of the user who measures is looked at. */
const environmentOf = (home: string): NodeJS.ProcessEnv => ({ ...process.env, HOME: home, KEEPALIVE_HOME: home });

export async function stopDaemon(daemon: Daemon): Promise<void> {
  await haltDaemon(daemon);
  await rm(daemon.home, { recursive: true });
}

/** Stops the daemon and leaves its home for the next start. */
export async function haltDaemon({ process, client }: Daemon): Promise<void> {
  const ended = once(process, 'exit');
  await client.request('kernel/stop');
  await ended;
  client.close();
}

/** Sessions that stay fresh for an hour and cost nothing to refresh. */
export const configuration = (sessions: number, concurrency: number): string => `
  const session = index => ({
    kind: 'provider', id: 'session-' + index, displayName: 'Session ' + index,
    refresh: async ({ now }) => ({ status: 'fresh', expiresAt: new Date(now() + 3_600_000) }),
  });
  const plugins = Array.from({ length: ${sessions} }, (_, index) => session(index));
  export default { concurrency: ${concurrency}, plugins };
`;
