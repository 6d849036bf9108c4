import { afterAll, beforeAll, describe, test, type TestContext } from 'vitest';
import { startPostgres, type PostgresServer } from '../../support/fleet/postgres.ts';
import { startProxy } from '../../support/fleet/proxy.ts';
import { attemptOf, holdingOf, openMachine, sessionOf, type Machine } from '../../support/fleet/machine.ts';
import { onTestFinished } from '../../support/running-test.ts';

let server: PostgresServer;
beforeAll(async () => {
  const rules = 'host all locked 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n';
  server = await startPostgres({ files: { 'pg_hba.conf': rules } });
  await server.run(await server.database(), `CREATE ROLE locked LOGIN PASSWORD 'first-canary'; CREATE ROLE bare LOGIN`);
});
afterAll(() => server.stop());

const as = (url: string, user: string) => url.replace('owner@', `${user}@`);
const reached = (machine: Machine) =>
  machine.directory.list().then(
    () => true,
    () => false,
  );
/** A database that a machine has made the tables in, and has left. */
async function prepared({ expect }: Pick<TestContext, 'expect'>): Promise<string> {
  const url = await server.database();
  const first = openMachine({ url, machine: 'first' });
  await expect.poll(() => reached(first)).toBe(true);
  await first.close();
  return url;
}

type Row = {
  readonly is: string;
  readonly reason: string;
  /** Brings it about, and returns the address. */
  readonly make: (url: string) => Promise<string | void>;
  readonly key?: string;
  /** What it has is still shown. */
  readonly isReadable?: true;
};

const ROWS: readonly Row[] = [
  {
    is: 'refuses the password',
    reason: 'the database refuses this user',
    make: async url => as(url, 'locked:wrong-canary'),
  },
  { is: 'does not exist', reason: 'there is no such database', make: async url => `${url}missing` },
  { is: 'gives the user no right', reason: 'the database user lacks a right', make: async url => as(url, 'bare') },
  {
    is: 'is read-only',
    reason: 'the database is read-only',
    isReadable: true,
    make: url => alter(url, 'SET default_transaction_read_only = on'),
  },
  {
    is: 'was changed by a newer version',
    reason: 'a newer version of Session Keepalive has changed the database',
    make: url => sql(url, 'UPDATE keepalive.meta SET version = 3'),
  },
  {
    is: 'lacks a table',
    reason: 'the tables of the fleet are not as this program made them',
    make: url => sql(url, 'DROP TABLE keepalive.machines'),
  },
  {
    is: 'lacks a column',
    reason: 'the tables of the fleet are not as this program made them',
    make: url => sql(url, 'ALTER TABLE keepalive.machines DROP COLUMN accepts'),
  },
  {
    is: 'has a column of another type',
    reason: 'the tables of the fleet are not as this program made them',
    make: url => sql(url, 'ALTER TABLE keepalive.machines ALTER COLUMN accepts TYPE int USING 1'),
  },
  {
    is: 'has no connection left',
    reason: 'the database has no room for another connection',
    make: async url => {
      await alter(url, 'CONNECTION LIMIT 0');
      await sql(url, 'ALTER ROLE bare NOSUPERUSER; GRANT ALL ON SCHEMA keepalive TO bare');
      return as(url, 'bare');
    },
  },
  {
    is: 'has no disk left',
    reason: 'the disk of the database is full',
    isReadable: true,
    make: url => sql(url, full('machines')),
  },
  {
    is: 'belongs to a fleet with another key',
    reason: 'the key of this machine is not the key of the fleet',
    make: async () => undefined,
    key: 'another-key-canary-0123456789',
  },
];

const sql = async (url: string, text: string) => void (await server.run(url, text));
const alter = async (url: string, change: string) =>
  sql(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} ${change}`);
const full = (table: string) => `
  CREATE OR REPLACE FUNCTION keepalive.full() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no space left on canary' USING ERRCODE = '53100'; END $$;
  CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON keepalive.${table} EXECUTE FUNCTION keepalive.full()`;

describe.concurrent('a database that', () => {
  test.for(ROWS)(
    '$is is said to, and no message of the server is shown',
    async ({ reason, make, key, isReadable }, { expect }) => {
      const url = await prepared({ expect });
      const address = (await make(url)) ?? url;
      const machine = openMachine({ url: address, machine: 'laptop', ...(key !== undefined && { key }) });
      await expect.poll(() => machine.trouble()?.reason).toBe(reason);
      await expect(machine.lease.acquire(holdingOf('own', 'login'))).resolves.toEqual({
        status: 'unreachable',
        reason,
      });
      const history = machine.directory.history({ limit: 1 });
      if (isReadable) await expect(history).resolves.toEqual([]);
      else await expect(history).rejects.toMatchObject({ code: 'KA_FLEET_UNREACHABLE', details: { reason } });
      expect(machine.log.join('\n')).not.toMatch(/canary|127\.0\.0\.1|postgres:|fleet\d/);
    },
  );
});

describe.concurrent('a machine', () => {
  test('shows everything again to a server that has taken over with older data', async ({ expect }) => {
    const other = await startPostgres();
    onTestFinished(() => other.stop());
    const [url, old] = [await server.database(), await other.database()];
    const older = openMachine({ url: old, machine: 'laptop', lease: '10m' });
    await expect.poll(() => reached(older)).toBe(true);
    await other.run(old, `UPDATE keepalive.machines SET run = 'an older run'`);
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    const machine = openMachine({ url: proxy.url(url), machine: 'laptop' });
    machine.directory.putSession(sessionOf('own'));
    const shown = async () => (await machine.directory.list()).flatMap(({ sessions }) => sessions.map(({ id }) => id));
    await expect.poll(() => shown().catch(() => [])).toEqual(['own']);
    proxy.lead(other.port);
    machine.files['/url'] = proxy.url(old);
    proxy.cut();
    const there = async () => other.run(old, 'SELECT session FROM keepalive.sessions');
    await expect.poll(there).toEqual([{ session: 'own' }]);
  });

  test('keeps what a full disk refuses, and shows it when there is room', async ({ expect }) => {
    const url = await prepared({ expect });
    await sql(url, full('attempts'));
    const machine = openMachine({ url });
    machine.directory.record(attemptOf('own'));
    await expect.poll(() => machine.trouble()?.reason).toBe('the disk of the database is full');
    await expect(machine.lease.acquire(holdingOf('own', 'login'))).resolves.toMatchObject({ status: 'granted' });
    await sql(url, 'DROP TRIGGER full_disk ON keepalive.attempts');
    await expect.poll(() => machine.directory.history({ limit: 9 })).toHaveLength(1);
    await expect.poll(() => machine.trouble()).toBeUndefined();
  });

  test('shows a text that the database refuses in parts', async ({ expect }) => {
    const machine = openMachine({ url: await server.database() });
    machine.directory.record(attemptOf('own', { message: 'zero \0 half \uD800 end' }));
    const messages = async () =>
      (await machine.directory.history({ limit: 9 })).map(({ attempt: { message } }) => message);
    await expect.poll(() => messages().catch(() => [])).toEqual(['zero  half \uFFFD end']);
  });

  test('goes on while the clock of the database jumps', async ({ expect }) => {
    const url = await prepared({ expect });
    const machine = openMachine({ url });
    const clock = (by: string) =>
      sql(
        url,
        `CREATE OR REPLACE FUNCTION keepalive.clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS
         'SELECT clock_timestamp() ${by}'`,
      );
    const answer = async () => (await machine.lease.acquire(holdingOf('own', 'login'))).status;
    await expect.poll(answer).toBe('granted');
    for (const by of [`+ interval ''10 minutes''`, `- interval ''10 minutes''`, '']) {
      await clock(by);
      await expect.poll(answer).toBe('granted');
      const silent = async () => (await machine.directory.list()).filter(({ isSilent }) => isSilent);
      await expect.poll(async () => (await silent()).map(({ machine: name }) => name)).not.toContain('laptop');
    }
    expect(machine.troubles.filter(trouble => trouble)).toEqual([]);
  });

  test('uses the name of another machine only when that one is gone', async ({ expect }) => {
    const url = await server.database();
    const one = openMachine({ url, instance: 'one' });
    await expect.poll(() => reached(one)).toBe(true);
    const other = openMachine({ url, instance: 'other' });
    await expect.poll(() => other.trouble()?.reason).toBe('another daemon uses the name of this machine');
    await one.close();
    await expect.poll(() => other.trouble()).toBeUndefined();
  });

  test('leaves its name to the last of two copies of one home, and takes it again after that', async ({ expect }) => {
    const url = await server.database();
    const one = openMachine({ url, instance: 'same' });
    await expect.poll(() => reached(one)).toBe(true);
    const copy = openMachine({ url, instance: 'same' });
    await expect.poll(() => one.trouble()?.reason).toBe('another daemon uses the name of this machine');
    expect(copy.trouble()).toBeUndefined();
    await copy.close();
    await expect.poll(() => one.trouble()).toBeUndefined();
  });

  test('reads its files again when the database refuses what they said', async ({ expect }) => {
    const url = await prepared({ expect });
    await sql(url, 'GRANT ALL ON SCHEMA keepalive TO locked; GRANT ALL ON ALL TABLES IN SCHEMA keepalive TO locked');
    await sql(url, 'GRANT ALL ON ALL SEQUENCES IN SCHEMA keepalive TO locked');
    const machine = openMachine({ url: as(url, 'locked:first-canary') });
    await expect.poll(() => reached(machine)).toBe(true);
    await sql(url, `ALTER ROLE locked PASSWORD 'second-canary'`);
    machine.files['/url'] = as(url, 'locked:second-canary');
    await sql(url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'locked'`);
    machine.directory.putSession(sessionOf('own'));
    await expect.poll(() => server.run(url, 'SELECT session FROM keepalive.sessions')).toEqual([{ session: 'own' }]);
    expect(machine.troubles.filter(trouble => trouble?.isLasting)).toEqual([]);
    expect(machine.concealed).toEqual(expect.arrayContaining(['first-canary', 'second-canary']));
  });
});
