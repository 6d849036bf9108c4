import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type KeepaliveClient } from '../sdk/client/client.ts';

export const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

export type Daemon = {
  readonly process: ChildProcess;
  readonly client: KeepaliveClient;
  readonly home: string;
  readonly answeredAfterMs: number;
};

/** Starts the compiled daemon with this many sessions in a temporary home, and waits for its first answer. */
export async function startDaemon(sessions: number): Promise<Daemon> {
  const home = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  await writeFile(join(home, 'keepalive.config.mjs'), configuration(sessions));
  const started = performance.now();
  const process = fork(join(DIST, 'kernel/main.js'), ['--home', home], { stdio: 'ignore', cwd: home });
  await once(process, 'message');
  const client = await connect({ endpointFile: join(home, 'endpoint.json') });
  await client.request('kernel/info');
  return { process, client, home, answeredAfterMs: performance.now() - started };
}

export async function stopDaemon({ process, client, home }: Daemon): Promise<void> {
  const ended = once(process, 'exit');
  await client.request('kernel/stop');
  await ended;
  client.close();
  await rm(home, { recursive: true });
}

/** Sessions that stay fresh for an hour and cost nothing to refresh. */
const configuration = (sessions: number): string => `
  const session = index => ({
    kind: 'provider', id: 'session-' + index, displayName: 'Session ' + index,
    refresh: async ({ now }) => ({ status: 'fresh', expiresAt: new Date(now() + 3_600_000) }),
  });
  export default { plugins: Array.from({ length: ${sessions} }, (_, index) => session(index)) };
`;
