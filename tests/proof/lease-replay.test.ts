import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { replayLease } from '../../proof/replay/lease-replay.ts';
import { leaseTracesIn } from '../../proof/replay/lease-trace.ts';
import type { Divergence } from '../../proof/replay/replay.ts';
import { ACQUIRE, SETTLE } from '../../plugins/postgres/lease-statements.ts';
import { startPostgres, type PostgresServer } from '../support/fleet/postgres.ts';
import { SimulatedDatabase, simulatedTables } from '../support/fleet/simulated-fleet.ts';
import { realContext } from '../support/real-context.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

type Altered = { readonly acquire?: string; readonly settle?: string; readonly clock?: (now: number) => number };

/** Where the statements part from the model. */
async function divergences({ clock, ...altered }: Altered = {}): Promise<readonly Divergence[]> {
  const packed = await readFile(join(import.meta.dirname, '../../proof/traces/lease.txt.gz'));
  const traces = [...leaseTracesIn(gunzipSync(packed).toString().split('\n'))];
  expect(traces).toHaveLength(500);
  const url = await server.database();
  await simulatedTables(url);
  const database = await SimulatedDatabase.open(url, altered);
  const context = realContext(tmpdir(), { fetch: async () => Response.json({}) });
  const parted: Divergence[] = [];
  for (const [nth, steps] of traces.entries()) {
    const divergence = await replayLease(database, steps, { name: `login-${nth}`, context, clock });
    if (divergence) parted.push(divergence);
    if (parted.length > 3) break;
  }
  await database.close();
  return parted;
}

test('the statements of the lease take 500 traces of the model as the model does', async () => {
  expect(await divergences()).toEqual([]);
}, 300_000);

const ALTERED: readonly (readonly [string, Altered, RegExp])[] = [
  ['counts by a clock that stands', { clock: () => 0 }, /^the (rights|answer)/],
  ['takes a lease that is in use', { acquire: ACQUIRE.replaceAll('NOT (l.run <>', 'true OR NOT (l.run <>') }, /answer/],
  [
    'records also if it does not hold the lease',
    { settle: SETTLE.replace(/epoch = \$6.*\$2/, '$6::bigint > 0') },
    /answer/,
  ],
];

test.for(ALTERED)('a lease that %s parts from the model', { timeout: 300_000 }, async ([, altered, difference]) => {
  expect((await divergences(altered))[0]?.difference).toMatch(difference);
});
