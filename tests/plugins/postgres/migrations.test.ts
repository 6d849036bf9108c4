import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../../plugins/postgres/database.ts';
import { migrate, type Versions } from '../../../plugins/postgres/migrate.ts';
import { CURRENT, MIGRATIONS } from '../../../plugins/postgres/migrations.ts';
import { schemaFor } from '../../support/fleet/rights.ts';
import { attemptOf, holdingOf, openMachine, sessionOf, type Machine } from '../../support/fleet/machine.ts';
import { startPostgres, systemPrograms, type PostgresServer } from '../../support/fleet/postgres.ts';
import { onTestFinished } from '../../support/running-test.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function databaseAt(url: string) {
  const database = await openDatabase(url, () => undefined);
  onTestFinished(() => database.close());
  return database;
}

const machines = async (machine: Machine) => (await machine.directory.list().catch(() => [])).length;

/** Uses every statement once. */
async function expectUse(machine: Machine, other: Machine): Promise<void> {
  await expect.poll(() => machines(machine)).toBe(2);
  machine.directory.putSession(sessionOf('own'));
  machine.lease.hold('own', holdingOf('own', 'login'));
  machine.directory.record(attemptOf('own'));
  const answer = await machine.lease.acquire(holdingOf('own', 'login'));
  if (answer.status !== 'granted') throw new Error(`the lease was not granted: ${answer.status}`);
  expect(await answer.right.settle('next login')).toBe(true);
  machine.lease.hold('own', holdingOf('own', 'next login'));
  const letters: unknown[] = [];
  other.directory.onLetter(({ content }) => void letters.push(content));
  await machine.directory.send(await machine.directory.find('other'), { text: 'hello' });
  await expect.poll(() => letters).toEqual([{ text: 'hello' }]);
  await expect.poll(() => other.directory.history({ limit: 9 })).toHaveLength(1);
  other.lease.hold('copy', holdingOf('copy', 'next login'));
  const shares: unknown[] = [];
  machine.lease.onShares(all => void shares.push(...all));
  await expect.poll(() => shares).toContainEqual(expect.objectContaining({ session: 'own', holder: 'us' }));
}

/** A version that is not made yet. It only adds. */
const NEXT: Versions = {
  current: CURRENT + 1,
  newest: CURRENT + 2,
  steps: {
    ...MIGRATIONS,
    [CURRENT + 1]: `ALTER TABLE keepalive.machines ADD COLUMN system text; CREATE TABLE keepalive.added (id int)`,
  },
};

test('eight machines make the tables of an empty database at once', async () => {
  const url = await server.database();
  const all = Array.from({ length: 8 }, (_, index) => openMachine({ url, machine: `machine-${index}` }));
  for (const machine of all) await expect.poll(() => machines(machine)).toBe(8);
  expect(all.flatMap(({ troubles }) => troubles.filter(trouble => trouble))).toEqual([]);
  expect(await server.run(url, 'SELECT version FROM keepalive.meta')).toEqual([{ version: CURRENT }]);
});

test('this version works on with the tables of the next one, and not with those of the one after', async () => {
  const url = await server.database();
  const machine = openMachine({ url });
  await expect.poll(() => machines(machine)).toBe(1);
  const database = await databaseAt(url);
  const [meta] = await server.run(url, 'SELECT key_check FROM keepalive.meta');
  const check = String(meta?.['key_check']);
  await migrate(database, check, NEXT);
  expect(await server.run(url, 'SELECT version FROM keepalive.meta')).toEqual([{ version: CURRENT + 1 }]);
  await expectUse(machine, openMachine({ url, machine: 'other' }));
  expect(machine.troubles.filter(trouble => trouble)).toEqual([]);
  await server.run(url, `UPDATE keepalive.meta SET version = ${CURRENT + 2}`);
  const later = openMachine({ url, machine: 'later' });
  await expect.poll(() => later.trouble()?.action).toBe('Update Session Keepalive here.');
});

test('a version whose statements fail changes nothing', async () => {
  const url = await server.database();
  const database = await databaseAt(url);
  await migrate(database, 'check');
  const broken = {
    ...NEXT,
    steps: { ...MIGRATIONS, [CURRENT + 1]: 'CREATE TABLE keepalive.added (id int); SELECT 1/0' },
  };
  await expect(migrate(database, 'check', broken)).rejects.toMatchObject({ code: '22012' });
  await migrate(database, 'check');
  expect(await server.run(url, `SELECT to_regclass('keepalive.added') AS added`)).toEqual([{ added: null }]);
});

test('a user with the documented rights uses the tables of another, and cannot change them', async () => {
  const url = await server.database();
  const name = new URL(url).pathname.slice(1);
  await server.run(url, 'CREATE ROLE keepalive_owner LOGIN; CREATE ROLE keepalive_app LOGIN');
  await server.run(
    url,
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO keepalive_owner`,
  );
  await server.run(url, schemaFor({ database: name, owner: 'keepalive_owner', app: 'keepalive_app' }));
  const as = (user: string) => url.replace('owner@', `${user}@`);
  const early = openMachine({ url: as('keepalive_app'), machine: 'early' });
  await expect.poll(() => early.trouble()?.reason).toBe('the tables of the fleet cannot be created');
  await migrate(await databaseAt(as('keepalive_owner')), '').catch(() => undefined);
  await server.run(as('keepalive_owner'), 'UPDATE keepalive.meta SET key_check = NULL');
  await early.close();
  const [machine, other] = ['laptop', 'other'].map(one => openMachine({ url: as('keepalive_app'), machine: one }));
  if (!machine || !other) throw new Error('two machines were opened');
  await server.run(url, `DELETE FROM keepalive.machines WHERE machine = 'early'`);
  await expectUse(machine, other);
  expect([...machine.troubles, ...other.troubles].filter(trouble => trouble)).toEqual([]);
  for (const change of [
    'DROP TABLE keepalive.letters',
    'CREATE TABLE keepalive.more (id int)',
    'TRUNCATE keepalive.attempts',
  ])
    await expect(server.run(as('keepalive_app'), change)).rejects.toMatchObject({ code: '42501' });
});

test.runIf(systemPrograms())(
  'the PostgreSQL of this system works as well (needs one in /usr/lib/postgresql)',
  async () => {
    const system = await startPostgres({ programs: systemPrograms() });
    onTestFinished(() => system.stop());
    const url = await system.database();
    const machine = openMachine({ url });
    await expectUse(machine, openMachine({ url, machine: 'other' }));
    expect(machine.troubles.filter(trouble => trouble)).toEqual([]);
  },
);
