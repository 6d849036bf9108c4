import type { Client, Pool, QueryResultRow } from 'pg';
import type { Cleanup } from '../../sdk/base/cleanup.ts';

/** A statement or a connection that takes longer counts as unreachable. */
export const LIMIT_MS = 5_000;

/** The database as the parts of this plugin use it. */
export interface Database {
  /** Runs one statement, which is a transaction of its own. */
  query<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs several statements in one transaction. */
  script(text: string): Promise<void>;
  /** Calls with each notice of the channel. `onEnd` is called once, when the connection has ended. */
  listen(channel: string, onNotice: (payload: string) => void, onEnd: () => void): Promise<Cleanup>;
  close(): Promise<void>;
}

export async function openDatabase(url: string): Promise<Database> {
  // Only a daemon with a fleet loads it.
  const { default: pg } = await import('pg');
  const options = {
    connectionString: withTls(url),
    application_name: 'session-keepalive',
    connectionTimeoutMillis: LIMIT_MS,
    query_timeout: LIMIT_MS,
    keepAlive: true,
  };
  const pool: Pool = new pg.Pool({ ...options, max: 3, idleTimeoutMillis: 60_000, allowExitOnIdle: true });
  // The next statement reports it.
  pool.on('error', () => undefined);
  return {
    async query<Row extends QueryResultRow>(text: string, values: readonly unknown[]) {
      return (await pool.query<Row>(text, [...values])).rows;
    },
    async script(text) {
      await pool.query(text);
    },
    async listen(channel, onNotice, onEnd) {
      const client: Client = new pg.Client(options);
      client.on('error', () => undefined);
      client.on('notification', ({ payload = '' }) => onNotice(payload));
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      client.once('end', onEnd);
      return () => client.end();
    },
    close: () => pool.end(),
  };
}

/** Certificates are verified, unless the address says otherwise. A socket of this machine needs none. */
function withTls(text: string): string {
  const url = new URL(text);
  if (url.searchParams.has('sslmode') || url.hostname === '' || isLoopback(url.hostname)) return text;
  url.searchParams.set('sslmode', 'verify-full');
  return url.href;
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.');
