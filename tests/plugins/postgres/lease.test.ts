import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DatabaseClock } from '../../../plugins/postgres/database-clock.ts';
import type { Lease } from '../../../sdk/plugin/fleet.ts';
import { holding } from '../../support/fleet/machines.ts';
import { openMachine, startMachine } from '../../support/fleet/postgres-fleet.ts';
import { startPostgres, type PostgresServer } from '../../support/fleet/postgres.ts';
import { session } from '../../support/fleet/shown.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const granted = async (lease: Lease, held: ReturnType<typeof holding>) => {
  const answer = await lease.acquire(held);
  if (answer.status !== 'granted') throw new Error(`the lease was not granted: ${answer.status}`);
  return answer.right;
};

test('an attempt, with what it changes and shows, is three statements', async () => {
  const url = await server.database();
  const { lease, directory } = await openMachine(url, 'a');
  lease.hold('own', holding('a', 'r0'));
  directory.putSession(session('own'));
  lease.onShares(() => undefined);
  const held = () => server.run(url, 'SELECT * FROM keepalive.holdings');
  await expect.poll(held).toHaveLength(1);
  await expect.poll(() => server.run(url, 'SELECT * FROM keepalive.sessions')).toHaveLength(1);
  const ran = vi.spyOn(pg.Client.prototype, 'query');
  const texts = () => ran.mock.calls.map(([text]) => text).filter(text => /keepalive/.test(String(text)));
  const right = await granted(lease, holding('a', 'r0'));
  lease.hold('own', holding('a', 'r1', { spent: ['r0'] }));
  await right.settle('r1');
  directory.putSession({ ...session('own'), displayName: 'Renewed' });
  const shown = () => texts().filter(text => String(text).includes('INSERT INTO keepalive.sessions'));
  await expect.poll(shown).toHaveLength(1);
  expect(texts().length).toBeLessThanOrEqual(3);
  ran.mockRestore();
  expect(await held()).toHaveLength(1);
});

test('the epoch grows with each change of the holder, and with nothing else', async () => {
  const url = await server.database();
  const [a, b] = await Promise.all(['a', 'b'].map(name => openMachine(url, name)));
  if (!a || !b) throw new Error('no machines');
  const epoch = async () => (await server.run(url, 'SELECT epoch FROM keepalive.logins'))[0]?.['epoch'];
  await granted(a.lease, holding('a', 'r0'));
  await granted(a.lease, holding('a', 'r0'));
  expect(await epoch()).toBe('1');
  await a.close();
  await granted(b.lease, holding('b', 'r0'));
  expect(await epoch()).toBe('2');
});

test('who lost the lease hears so when the renewal is recorded', async () => {
  const url = await server.database();
  const a = await openMachine(url, 'a');
  const right = await granted(a.lease, holding('a', 'r0'));
  await server.run(url, `UPDATE keepalive.logins SET epoch = epoch + 1, machine = 'b', run = 'another'`);
  expect(await right.settle('r1')).toBe(false);
  expect(await server.run(url, `SELECT * FROM keepalive.logins WHERE spent_at IS NOT NULL`)).toEqual([]);
});

test('a copy of a home that runs under the same name waits for the logins of the other only', async () => {
  const url = await server.database();
  const own = await openMachine(url, 'laptop', 'the home');
  await granted(own.lease, holding('laptop', 'r0'));
  own.lease.hold('other', holding('laptop', 'r5', { session: 'other' }));
  own.lease.onShares(() => undefined);
  await expect.poll(() => server.run(url, 'SELECT * FROM keepalive.holdings')).toHaveLength(2);
  const copy = startMachine(url, 'laptop', 'a copy of it');
  const asked = async (login: string) => {
    const answer = await copy.lease.acquire(holding('clone', login));
    return answer.status === 'unreachable' ? [answer.reason, answer.other] : answer.status;
  };
  const reason = 'another daemon uses the name of this machine';
  await expect.poll(() => asked('r0')).toEqual([reason, { machine: 'laptop', session: 'own' }]);
  expect(await asked('r5')).toEqual([reason, { machine: 'laptop', session: 'other' }]);
  expect(await asked('alone')).toEqual([reason, undefined]);
  await (await granted(own.lease, holding('laptop', 'r0'))).settle('r1');
  expect(await asked('r0')).toBe('held');
});

test('a clock of the database that is set ahead or back ends no lease', async () => {
  const url = await server.database();
  const [a, b] = await Promise.all(['a', 'b'].map(name => openMachine(url, name)));
  if (!a || !b) throw new Error('no machines');
  await granted(a.lease, holding('a', 'r0'));
  // It has seen the clock before it is set.
  await granted(b.lease, holding('b', 'own'));
  for (const by of ['10 minutes', '-10 minutes']) {
    const clock = `SELECT clock_timestamp() + interval '${by}'`;
    await server.run(
      url,
      `CREATE OR REPLACE FUNCTION keepalive.clock() RETURNS timestamptz LANGUAGE sql AS $$ ${clock} $$`,
    );
    await server.run(
      url,
      `UPDATE keepalive.machines SET seen_at = keepalive.clock(),
      alive_until = keepalive.clock() + interval '90 seconds' WHERE machine = 'b'`,
    );
    expect(await b.lease.acquire(holding('b', 'r0'))).toMatchObject({
      status: 'held',
      share: { other: { machine: 'a', session: 'own' } },
    });
  }
});

test('after the clock of the database was set, no lease ends by it until every machine was heard again', () => {
  let now = 0;
  const clock = new DatabaseClock(90_000, () => ({ wall: now, running: now, up: now }));
  const seen = [clock.expected];
  for (const [passed, at] of [
    [0, 1_000_000],
    [30_000, 1_030_500],
    [30_000, 1_660_000],
    [89_000, 1_749_000],
    [2_000, 1_751_000],
  ] as const) {
    now += passed;
    clock.note(at);
    seen.push(clock.expected);
  }
  expect(seen).toEqual([null, 1_000_000, 1_030_500, 0, 0, 1_751_000]);
});

test('a command that asks for one lease removes nothing that its machine has shown', async () => {
  const url = await server.database();
  const daemon = await openMachine(url, 'a');
  daemon.lease.hold('other', holding('a', 'r5', { session: 'other' }));
  daemon.lease.onShares(() => undefined);
  const held = () => server.run(url, 'SELECT session, kept FROM keepalive.holdings ORDER BY session');
  await expect.poll(held).toHaveLength(1);
  await daemon.close();
  const command = await openMachine(url, 'a');
  const right = await granted(command.lease, holding('a', 'r0'));
  command.lease.hold('own', holding('a', 'r1', { spent: ['r0'] }));
  expect(await right.settle('r1')).toBe(true);
  await command.close();
  expect(await held()).toEqual([
    { session: 'other', kept: true },
    { session: 'own', kept: true },
  ]);
});
