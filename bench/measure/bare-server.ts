import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The name of the peer in figures. */
export const BARE = 'Node with http and ws';

const PROGRAM = fileURLToPath(new URL('bare-server-process.js', import.meta.url));

/** Starts the least that a daemon with our API can be. Resolves when it listens. */
export async function startBareServer(): Promise<ChildProcess> {
  const server = fork(PROGRAM, { stdio: 'ignore', execArgv: [] });
  await once(server, 'message');
  return server;
}
