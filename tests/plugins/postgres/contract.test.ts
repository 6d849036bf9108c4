import { afterAll, beforeAll } from 'vitest';
import { testFleet } from '../../support/fleet/contract.ts';
import { MemoryFleet } from '../../support/fleet/memory.ts';
import { startPostgres, type PostgresServer } from '../../support/fleet/postgres.ts';
import { postgresFleet } from '../../support/fleet/postgres-fleet.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

testFleet('PostgreSQL', () => postgresFleet(server));
testFleet('memory', async () => new MemoryFleet());
