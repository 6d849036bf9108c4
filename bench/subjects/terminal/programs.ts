import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn as spawnOnTerminal } from '@lydell/node-pty';
import { connect, type KeepaliveClient } from '../../../sdk/client/client.ts';
import { Frames } from './frames.ts';
import type { Program } from './sample.ts';

/** A running daemon, whatever program it is in. */
export type Daemon = Program & { readonly home: string; readonly stop: () => Promise<void> };

export const SIZE = { cols: 120, rows: 40 };

const DAEMON = 'kernel/main.js';
const CLI = 'plugins/ui-cli/main.js';

/** `keepalived`: the daemon alone. */
export const daemonAlone = (dist: string, sessions: number): Promise<Daemon> =>
  startDaemon(sessions, home => spawnQuietly([join(dist, DAEMON), '--home', home], home));

/** `keepalive run`, with its output in a pipe. */
export const runInPipe = (dist: string, sessions: number): Promise<Daemon> =>
  startDaemon(sessions, home =>
    spawnQuietly([join(dist, CLI), 'run', '--home', home], home, ['ignore', 'pipe', 'ignore']),
  );

/** `keepalive run` on a terminal. */
export const runOnTerminal = (dist: string, sessions: number): Promise<Daemon> =>
  startDaemon(sessions, home => openTerminal([join(dist, CLI), 'run', '--home', home], home));

/** `keepalive status --watch` on a terminal, beside a running daemon. */
export function watchOnTerminal(dist: string, { home, client }: Daemon): Program & Pick<Running, 'kill'> {
  return { ...openTerminal([join(dist, CLI), 'status', '--watch', '--home', home], home), client };
}

type Running = {
  readonly pid: number;
  readonly frames: Frames;
  readonly ended: Promise<unknown>;
  readonly kill: () => void;
};

function spawnQuietly(args: readonly string[], cwd: string, stdio: StdioOptions = 'ignore'): Running {
  const child = spawn(process.execPath, args, { cwd, env: environment(cwd), stdio });
  child.stdout?.resume();
  return { pid: child.pid ?? NaN, frames: new Frames(), ended: once(child, 'exit'), kill: () => void child.kill() };
}

function openTerminal(args: readonly string[], cwd: string): Running {
  const terminal = spawnOnTerminal(process.execPath, [...args], { ...SIZE, cwd, env: environment(cwd) });
  const frames = new Frames();
  terminal.onData(text => frames.add(text));
  const ended = new Promise(resolve => terminal.onExit(resolve));
  return { pid: terminal.pid, frames, ended, kill: () => terminal.kill() };
}

const environment = (home: string) => ({ ...process.env, HOME: home, KEEPALIVE_HOME: home, TERM: 'xterm-256color' });

async function startDaemon(sessions: number, start: (home: string) => Running): Promise<Daemon> {
  const home = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  await writeFile(join(home, 'keepalive.config.mjs'), configuration(sessions));
  const { pid, frames, ended } = start(home);
  const client = await firstConnection(join(home, 'endpoint.json'));
  const stop = async () => {
    await client.request('kernel/stop');
    await ended;
    client.close();
    await rm(home, { recursive: true });
  };
  return { pid, home, client, frames, stop };
}

async function firstConnection(endpointFile: string): Promise<KeepaliveClient> {
  for (let tries = 0; tries < 600; tries += 1) {
    const client = await connect({ endpointFile }).catch(() => undefined);
    if (client) return client;
    await sleep(100);
  }
  throw new Error('The daemon did not start within a minute.');
}

/** Sessions that are fresh at each attempt, and may be attempted ten times a second. */
const configuration = (sessions: number): string => `
  const session = index => ({
    kind: 'provider', id: 'session-' + index, displayName: 'Session ' + index,
    refresh: async ({ now }) => ({ status: 'fresh', expiresAt: new Date(now() + 3_600_000) }),
  });
  const plugins = Array.from({ length: ${sessions} }, (_, index) => session(index));
  export default { concurrency: 16, policy: { minInterval: '100ms' }, plugins };
`;
