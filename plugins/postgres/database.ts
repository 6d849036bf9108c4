import { Socket } from 'node:net';
import type { Client, ClientConfig, Pool, QueryResultRow } from 'pg';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { withTimeout } from '../../sdk/base/timeout.ts';
import { withTls } from './address.ts';
import { failureOf, FleetError, SILENT } from './trouble.ts';

/** A statement that takes longer, with its connection, counts as unreachable. */
export const LIMIT_MS = 5_000;
/** How long a server may take to say goodbye. */
const GOODBYE_MS = 1_000;

/** The database as the parts of this plugin use it. All throw `FleetError`, whose text has no address and no value. */
export interface Database {
  /** Runs one statement, as one transaction. */
  query<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs several statements in one transaction. */
  script(text: string): Promise<void>;
  /** Calls with each notice of the channel. `onEnd` is called once, when the connection has ended by itself. */
  listen(channel: string, onNotice: (payload: string) => void, onEnd: () => void): Promise<Cleanup>;
  /** Ends all connections, after a moment also those whose server does not answer. */
  close(): Promise<void>;
}

export type OpenDatabase = (url: string, onLost: () => void) => Promise<Database>;

/** `onLost` is called when a connection has ended by itself: what comes after may be another server. */
export async function openDatabase(url: string, onLost: () => void): Promise<Database> {
  // Only a daemon with a fleet loads it.
  const { default: pg } = await import('pg');
  const sockets = new Set<Socket>();
  const options = optionsOf(await reported(() => withTls(url, new pg.Client(url).host)), sockets);
  const pool: Pool = new pg.Pool({ ...options, max: 3, idleTimeoutMillis: 60_000, allowExitOnIdle: true });
  pool.on('error', onLost);
  const limited = <T>(work: () => Promise<T>) =>
    reported(() => withTimeout(work, { ms: LIMIT_MS, what: () => new FleetError(SILENT) }));
  return {
    query: <Row extends QueryResultRow>(text: string, values: readonly unknown[]) =>
      limited(async () => (await pool.query<Row>(text, [...values])).rows),
    script: text => limited(async () => void (await pool.query(text))),
    listen: (channel, onNotice, onEnd) => {
      const client: Client = new pg.Client(options);
      return limited(() => listenWith(client, channel, { onNotice, onEnd }));
    },
    async close() {
      const timer = setTimeout(() => sockets.forEach(socket => socket.destroy()), GOODBYE_MS);
      await pool.end();
      clearTimeout(timer);
      // A listener whose connection is still being made is ended by nothing else.
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The sockets are made here, because `pg` cannot end a connection whose server does not answer. */
const optionsOf = (connectionString: string, sockets: Set<Socket>): ClientConfig => ({
  connectionString,
  application_name: 'session-keepalive',
  connectionTimeoutMillis: LIMIT_MS,
  query_timeout: LIMIT_MS,
  keepAlive: true,
  stream: () => {
    const socket = new Socket();
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  },
});

type Ears = { readonly onNotice: (payload: string) => void; readonly onEnd: () => void };

async function listenWith(client: Client, channel: string, { onNotice, onEnd }: Ears): Promise<Cleanup> {
  let isWanted = true;
  // The end follows.
  client.on('error', () => undefined);
  client.on('notification', ({ payload = '' }) => onNotice(payload));
  const end = () => {
    isWanted = false;
    void client.end();
  };
  try {
    await client.connect();
    client.once('end', () => isWanted && onEnd());
    await client.query(`LISTEN ${channel}`);
  } catch (error) {
    end();
    throw error;
  }
  return end;
}

/** Messages of the server and of the system name hosts, users and values, so none of them leaves this file. */
async function reported<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}
