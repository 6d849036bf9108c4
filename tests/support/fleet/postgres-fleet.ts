import { vi } from 'vitest';
import postgres from '../../../plugins/postgres/index.ts';
import type { Directory, FleetConnection, FleetContext } from '../../../sdk/plugin/fleet.ts';
import { silentLog } from '../../../runtime/log/silent-log.ts';
import { onTestFinished } from '../running-test.ts';
import type { TestFleet } from './machines.ts';
import type { PostgresServer } from './postgres.ts';
import { FLEET_KEY } from './scene.ts';

const contextOf = (instance: string): FleetContext => ({
  log: silentLog(),
  version: '1',
  instance,
  conceal: () => undefined,
  readSecret: async () => FLEET_KEY,
});

/** Opens a machine through the plugin. It connects in the background, and ends with the test. */
export function startMachine(url: string, machine: string, instance: string): FleetConnection {
  const opened = postgres({ url, machine, keyFile: '/not/read' }).open(contextOf(instance));
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= opened.close());
  onTestFinished(close);
  return { ...opened, close };
}

/** The same, once the database knows the machine. */
export async function openMachine(url: string, machine: string, instance = machine): Promise<FleetConnection> {
  const connection = startMachine(url, machine, instance);
  await vi.waitUntil(() => isHere(connection.directory), { timeout: 15_000 });
  return connection;
}

const isHere = (directory: Directory) =>
  directory.list().then(
    machines => machines.some(({ isHere: here }) => here),
    () => false,
  );

/** A fleet in an empty database. */
export async function postgresFleet(server: PostgresServer): Promise<TestFleet> {
  const url = await server.database();
  return {
    open: machine => openMachine(url, machine),
    // As after the duration of a lease in which it was not heard.
    async lose(machine) {
      const past = "SET alive_until = keepalive.clock() - interval '1 second'";
      await server.run(url, `UPDATE keepalive.machines ${past} WHERE machine = $1`, [machine]);
      const taken = "SET taken_at = keepalive.clock() - interval '2 minutes'";
      await server.run(url, `UPDATE keepalive.logins ${taken} WHERE machine = $1`, [machine]);
    },
  };
}
