import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Figure } from '../benchmark.ts';
import { startPostgres, type PostgresServer } from '../../tests/support/fleet/postgres.ts';
import { SHARES } from '../../plugins/postgres/lease-statements.ts';
import { fleetOf, type Fleet } from './fleet/machines.ts';
import { processorMsOf } from './fleet/server-costs.ts';

// Measures what a fleet costs its database. The machines are the plugin itself, all in this process.

const SIZE = { full: { machines: 50, sessions: 2_000 }, quick: { machines: 5, sessions: 200 } };
const WINDOW_MS = { full: 60_000, quick: 10_000 };

export const fleet: Benchmark = async ({ isQuick, progress }) => {
  const mode = isQuick ? 'quick' : 'full';
  const { machines, sessions } = SIZE[mode];
  const server = await startPostgres({ settings: { max_connections: 300 } });
  try {
    const url = await server.database();
    progress(`${machines} machines with ${sessions} sessions each show them`);
    const made = await fleetOf(url, machines, sessions);
    const published = await publication(server, url, machines * sessions);
    progress(`they are idle for ${WINDOW_MS[mode] / 1_000} s`);
    const idle = await idleCosts(server, url, WINDOW_MS[mode], machines);
    progress('they are asked');
    const asked = await answers(made, server, url);
    const renewed = await renewals(server, made);
    await made.close();
    return { figures: [...published, ...idle, ...asked, ...renewed] };
  } finally {
    await server.stop();
  }
};

async function publication(server: PostgresServer, url: string, wanted: number): Promise<readonly Figure[]> {
  const [began, before] = [performance.now(), processorMsOf(server.pid)];
  const count = async () => {
    const text = `SELECT (SELECT count(*) FROM keepalive.sessions) AS s,
      (SELECT count(*) FROM keepalive.holdings) AS h`;
    const [row] = await server.run(url, text).catch(() => []);
    return Math.min(Number(row?.['s'] ?? 0), Number(row?.['h'] ?? 0));
  };
  while ((await count()) < wanted) await sleep(200);
  return [
    { id: 'fleet/shown', what: `all show ${wanted} sessions`, value: (performance.now() - began) / 1_000, unit: 's' },
    {
      id: 'fleet/shown-processor',
      what: 'the database computes for that',
      value: (processorMsOf(server.pid) - before) / 1_000,
      unit: 's',
    },
  ];
}

async function writesOf(server: PostgresServer, url: string): Promise<number> {
  await server.run(url, 'SELECT pg_sleep(2)');
  const text = `SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::int AS n FROM pg_stat_user_tables`;
  return Number((await server.run(url, text))[0]?.['n']);
}

async function idleCosts(
  server: PostgresServer,
  url: string,
  ms: number,
  machines: number,
): Promise<readonly Figure[]> {
  await sleep(ms / 6);
  const [writes, processor, began] = [await writesOf(server, url), processorMsOf(server.pid), performance.now()];
  await sleep(ms);
  const passed = performance.now() - began;
  const percent = ((processorMsOf(server.pid) - processor) / passed) * 100;
  const perMachine = (((await writesOf(server, url)) - writes) / machines / passed) * 30_000;
  return [
    { id: 'fleet/idle', what: 'idle: of a core', value: percent, unit: '%', goal: { atMost: 5 } },
    // A heartbeat comes every 30 to 33 s.
    {
      id: 'fleet/writes',
      what: 'idle: writes of a machine in 30 s',
      value: perMachine,
      unit: '',
      goal: { atMost: 1.05 },
    },
  ];
}

async function answers({ list, acquire }: Fleet, server: PostgresServer, url: string): Promise<readonly Figure[]> {
  const look = () => server.run(url, SHARES, ['machine-0']);
  return [
    { id: 'fleet/list', what: 'list of all sessions', value: await timeOf(list), unit: 'ms' },
    { id: 'fleet/shares', what: 'what one machine shares', value: await timeOf(look), unit: 'ms' },
    { id: 'fleet/lease', what: 'the lease of a login', value: await timeOf(acquire), unit: 'ms' },
  ];
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return times.toSorted((a, b) => a - b)[2] ?? NaN;
}

/** A renewal is a lease, its end, and what the machine shows of it, which all others hear of. */
async function renewals(server: PostgresServer, { renew }: Fleet): Promise<readonly Figure[]> {
  const rounds = 20;
  const before = processorMsOf(server.pid);
  for (let round = 0; round < rounds; round++) {
    await renew(round);
    await sleep(1_500);
  }
  const each = (processorMsOf(server.pid) - before) / rounds;
  return [{ id: 'fleet/renewal', what: 'the database computes for a renewal', value: each, unit: 'ms' }];
}
