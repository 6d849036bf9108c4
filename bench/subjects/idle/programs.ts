import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../measure/environment.ts';
import { BARE, startBareServer } from '../../measure/bare-server.ts';
import { startDaemon, startIn } from '../../measure/daemon.ts';

/** A program that runs and does nothing. */
export type Idle = { readonly name: string; readonly pid: number; readonly stop: () => Promise<void> };

/** A daemon without clients. */
export async function daemonWith(sessions: number, { dist }: Environment): Promise<Idle> {
  const { process, client, home } = await startDaemon(sessions, { dist });
  client.close();
  return idle(daemonName(sessions), process, home);
}

export const daemonName = (sessions: number): string => `daemon with ${sessions} sessions`;

/** A daemon whose sessions each watch a credential file that does not change. */
export async function watchingDaemon(sessions: number, { dist }: Environment): Promise<Idle> {
  const home = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
  const expiry = Math.floor(Date.now() / 1_000) + 86_400;
  const plugins = Array.from({ length: sessions }, (_, index) => {
    const file = join(home, `token-${index}.json`);
    const paths = { access: 'access', refresh: 'refresh', expiresAt: 'expiresAt' };
    return ['oauth', { id: `session-${index}`, file, tokenEndpoint: 'http://127.0.0.1:9/', clientId: 'bench', paths }];
  });
  for (let index = 0; index < sessions; index += 1) {
    const token = { access: `access-${index}`, refresh: `refresh-${index}`, expiresAt: expiry };
    await writeFile(join(home, `token-${index}.json`), JSON.stringify(token), { mode: 0o600 });
  }
  await writeFile(join(home, 'keepalive.config.mjs'), `export default ${JSON.stringify({ plugins })};`);
  const { process, client } = await startIn(home, dist);
  client.close();
  return idle(WATCHING, process, home);
}

export const WATCHING = 'daemon with 1000 watched files';

export async function bareServer(): Promise<Idle> {
  return idle(BARE, await startBareServer());
}

/** The agents that this machine has, in the foreground. */
export async function agents({ find }: Environment): Promise<readonly Idle[]> {
  const found = Object.entries(AGENTS).map(async ([name, args]) => {
    const program = find(name);
    if (!program) return [];
    const folder = await mkdtemp(join(tmpdir(), 'keepalive-bench-'));
    const env = { ...process.env, HOME: folder, OIDC_CONFIG_DIR: folder, TMPDIR: folder };
    return [idle(name, spawn(program, args(folder), { stdio: 'ignore', env }), folder)];
  });
  return (await Promise.all(found)).flat();
}

const AGENTS: Readonly<Record<string, (folder: string) => readonly string[]>> = {
  'ssh-agent': folder => ['-D', '-a', join(folder, 'agent')],
  'oidc-agent': () => ['--console'],
};

function idle(name: string, child: ChildProcess, folder?: string): Idle {
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} did not start.`);
  return {
    name,
    pid,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      if (folder !== undefined) await rm(folder, { recursive: true });
    },
  };
}
