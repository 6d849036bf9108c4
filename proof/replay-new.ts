import { tmpdir } from 'node:os';
import { startPostgres } from '../tests/support/fleet/postgres.ts';
import { SimulatedDatabase, simulatedTables } from '../tests/support/fleet/simulated-fleet.ts';
import { realContext } from '../tests/support/real-context.ts';
import { walk } from './record.ts';
import { replayLease } from './replay/lease-replay.ts';
import { leaseTracesIn } from './replay/lease-trace.ts';
import { replayAll, type Divergence } from './replay/replay.ts';
import { tracesIn } from './replay/trace.ts';

/** New traces, until there are enough. The same seed gives the same ones. */
function* walks<T>(read: (lines: readonly string[]) => Iterable<T>, how: Walks): Generator<T> {
  let done = 0;
  for (let { seed } = how; ; seed += 1) {
    for (const trace of read(walk(how.model, seed))) {
      if (done === how.count) return;
      done += 1;
      yield trace;
    }
  }
}

type Walks = { readonly model: 'redeem' | 'lease'; readonly count: number; readonly seed: number };

/** Prints where traces part from the model, and how far the replay is. */
class Tally {
  parted = 0;
  #replayed = 0;

  constructor(private readonly count: number) {}

  readonly found = (divergence: Divergence | undefined): void => {
    this.#replayed += 1;
    if (divergence) {
      this.parted += 1;
      console.log(`Step ${divergence.step}, ${divergence.difference}\n  ${divergence.taken.join('\n  ')}`);
    }
    if (this.#replayed === this.count || this.#replayed % 1_000 === 0)
      console.log(`${this.#replayed} traces were replayed, ${this.parted} parted from the model.`);
  };
}

/** Replays new traces of redeem on the code. Returns how many parted from the model. */
export async function replayRedeem(count: number, seed: number): Promise<number> {
  const tally = new Tally(count);
  await replayAll(walks(tracesIn, { model: 'redeem', count, seed }), tally);
  return tally.parted;
}

/** Replays new traces of the lease, on a PostgreSQL server of its own. Returns how many parted from the model. */
export async function replayLeases(count: number, seed: number): Promise<number> {
  const tally = new Tally(count);
  const server = await startPostgres();
  try {
    const url = await server.database();
    await simulatedTables(url);
    const database = await SimulatedDatabase.open(url);
    const context = realContext(tmpdir(), { fetch: async () => Response.json({}) });
    let nth = 0;
    for (const steps of walks(leaseTracesIn, { model: 'lease', count, seed }))
      tally.found(await replayLease(database, steps, { name: `login-${(nth += 1)}`, context }));
    await database.close();
  } finally {
    await server.stop();
  }
  return tally.parted;
}
