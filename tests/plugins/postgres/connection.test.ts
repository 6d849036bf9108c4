import { afterAll, beforeAll, describe, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../support/fleet/postgres.ts';
import { startProxy } from '../../support/fleet/proxy.ts';
import { attemptOf, holdingOf, openMachine, sessionOf, type Machine } from '../../support/fleet/machine.ts';
import { onTestFinished } from '../../support/running-test.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function disturbed(machine: string) {
  const url = await server.database();
  const proxy = await startProxy(server.port);
  onTestFinished(() => proxy.close());
  return { url, proxy, machine: openMachine({ url: proxy.url(url), machine }) };
}

const shown = async (machine: Machine): Promise<readonly string[]> => {
  const rows = await machine.directory.list().catch(() => []);
  return rows.flatMap(({ machine: name, sessions }) => sessions.map(({ id }) => `${name}/${id}`));
};

const connections = async (url: string) => {
  const [row] = await server.run(
    url,
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'session-keepalive'`,
  );
  return Number(row?.['n']);
};

describe.concurrent('a machine whose database is trouble', () => {
  test('shows what happened while the database was not reached, once it is again', async ({ expect }) => {
    const { url, proxy, machine } = await disturbed('laptop');
    machine.directory.putSession(sessionOf('first'));
    await expect.poll(() => shown(machine)).toEqual(['laptop/first']);
    proxy.partition();
    machine.directory.putSession(sessionOf('second'));
    machine.directory.removeSession('first');
    machine.directory.record(attemptOf('second'));
    await expect.poll(() => machine.trouble()?.reason).toBe('the database does not answer');
    proxy.partition(false);
    await expect.poll(() => shown(machine)).toEqual(['laptop/second']);
    await expect.poll(() => machine.directory.history({ limit: 10 })).toHaveLength(1);
    expect(machine.trouble()).toBeUndefined();
    expect(await connections(url)).toBeLessThanOrEqual(4);
  });

  test('keeps no more than four connections through many cuts, and loses no attempt', async ({ expect }) => {
    const { url, proxy, machine } = await disturbed('laptop');
    await expect.poll(() => machine.directory.list().catch(() => [])).toHaveLength(1);
    const counts: number[] = [];
    for (let cut = 1; cut <= 20; cut++) {
      machine.directory.record(attemptOf(`cut-${cut}`));
      if (cut % 2 === 0) proxy.cut();
      else proxy.cutAfter(3);
      await expect.poll(() => shown(machine).then(() => machine.directory.list().catch(() => []))).toHaveLength(1);
      counts.push(await connections(url), proxy.open());
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(4);
    const recorded = async () => (await machine.directory.history({ limit: 100 })).map(({ attempt: { id } }) => id);
    await expect.poll(async () => new Set(await recorded().catch(() => []))).toHaveLength(20);
  });

  test('answers at once that the database does not answer, after the first time', async ({ expect }) => {
    const { proxy, machine } = await disturbed('laptop');
    await expect.poll(() => machine.directory.list().catch(() => [])).toHaveLength(1);
    proxy.partition();
    const first = machine.lease.acquire(holdingOf('own', 'login'));
    await expect(first).resolves.toEqual({ status: 'unreachable', reason: 'the database does not answer' });
    await expect.poll(() => machine.trouble()?.reason).toBe('the database does not answer');
    const taken = proxy.taken();
    for (let ask = 0; ask < 100; ask++) await machine.lease.acquire(holdingOf('own', 'login'));
    expect(proxy.taken()).toBeLessThanOrEqual(taken + 1);
  });
});
