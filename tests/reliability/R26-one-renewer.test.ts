import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../support/fleet/postgres.ts';
import { Renewer, SimulatedDatabase, simulatedTables } from '../support/fleet/simulated-fleet.ts';
import { seededRandom } from '../support/clock/simulated-clock.ts';
import { IS_TORTURE, times } from '../support/runs.ts';

const RENEWERS = 16;
const AT_ONCE = IS_TORTURE ? 8 : 2;
const DAY_MS = 86_400_000;
const STEPS = 14;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

type Sent = { readonly by: Renewer; readonly isValid: () => boolean; isRecorded: boolean };

/** Sixteen machines with copies of one login, which is another one each day, so that all have it. */
class World {
  sent = 0;
  /** A token was sent again though the one who sent it first had the right, or had recorded it. */
  twice = 0;
  /** A token was sent again because who sent it first ended, or was cut off, before that was recorded. */
  unfenced = 0;
  #tokens = new Map<string, Sent>();
  readonly #renewers: readonly Renewer[];

  constructor(
    private readonly database: SimulatedDatabase,
    private readonly random: () => number,
    private readonly options: { readonly name: string; readonly isFenced: boolean },
  ) {
    this.#renewers = Array.from({ length: RENEWERS }, (_, nth) => new Renewer(`${options.name}-${nth}`, database));
  }

  async day(nth: number): Promise<void> {
    const { database } = this;
    const below = (limit: number) => this.#below(limit);
    this.#tokens = new Map();
    const awake = Array.from({ length: 2 + below(3) }, () => this.#renewers[below(RENEWERS)]).flatMap(one => one ?? []);
    for (const one of awake) await one.beat();
    for (let step = 0; step < STEPS; step += 1) {
      const one = awake[below(awake.length)];
      if (one) await this.#act(one, `${this.options.name}/${nth}`);
      if (below(2) === 0) database.now += below(10) === 0 ? below(200_000) : below(30_000);
    }
    for (const one of awake) {
      one.isPartitioned = false;
      one.attempt = undefined;
    }
    database.now += DAY_MS;
  }

  #below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  async #act(one: Renewer, login: string): Promise<void> {
    switch (this.#below(14)) {
      case 0:
        return one.die();
      case 1:
        return void (one.isPartitioned = !one.isPartitioned);
      case 2:
        return one.setClock((this.#below(3) - 1) * 600_000);
      case 3:
        return this.#sleep(one, this.#below(300_000));
      case 4:
        return one.stop();
      case 5:
      case 6:
      case 7:
        return one.beat();
      default:
        return this.#renew(one, login);
    }
  }

  #sleep(one: Renewer, ms: number): void {
    this.database.now += ms;
    one.sleep(ms);
  }

  /** The next part of an attempt. Anything may happen between two parts. */
  async #renew(one: Renewer, login: string): Promise<void> {
    const { attempt } = one;
    if (!attempt) return one.acquire(login);
    if (!attempt.isSent) return this.#send(one, attempt);
    const sent = this.#tokens.get(attempt.right.login);
    if ((await one.settle()) && sent?.by === one) sent.isRecorded = true;
  }

  #send(one: Renewer, attempt: NonNullable<Renewer['attempt']>): void {
    const { login, isValid } = attempt.right;
    if (this.options.isFenced && !isValid()) return void (one.attempt = undefined);
    attempt.isSent = true;
    this.sent += 1;
    const before = this.#tokens.get(login);
    const isOther = before !== undefined && before.by !== one;
    if (isOther && (before.isRecorded || (before.by.attempt?.isSent && before.isValid()))) this.twice += 1;
    else if (isOther) this.unfenced += 1;
    if (!before) this.#tokens.set(login, { by: one, isValid, isRecorded: false });
  }

  async end(): Promise<void> {
    for (const one of this.#renewers) one.end();
    await this.database.close();
  }
}

/** Lives many days, on several connections at once. */
async function lived(days: number, isFenced: boolean) {
  const url = await server.database();
  await simulatedTables(url);
  const worlds = await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, nth) => {
      const database = await SimulatedDatabase.open(url);
      const world = new World(database, seededRandom(26 + nth), { name: `m${nth}`, isFenced });
      for (let day = 0; day < days / AT_ONCE; day += 1) await world.day(day);
      await world.end();
      return world;
    }),
  );
  const sum = (of: (world: World) => number) => worlds.reduce((all, world) => all + of(world), 0);
  return { sent: sum(world => world.sent), twice: sum(({ twice }) => twice), unfenced: sum(world => world.unfenced) };
}

test('R26: of sixteen machines that hold one login, two never spend it while a lease holds', async ({ annotate }) => {
  const days = times(200, 20_000);
  const { sent, twice, unfenced } = await lived(days, true);
  expect(twice).toBe(0);
  expect(sent).toBeGreaterThan(days / 10);
  await annotate(
    `${days} simulated days of ${RENEWERS} machines, ${sent} tokens sent, 0 twice while a lease held, ` +
      `${unfenced} after a machine ended before its answer was recorded`,
  );
}, 3_600_000);

test('R26, control: without a look at its lease before it sends, a machine that was stopped spends it again', async ({
  annotate,
}) => {
  const days = times(200, 4_000);
  const { sent, twice } = await lived(days, false);
  expect(twice).toBeGreaterThan(0);
  await annotate(`${days} simulated days without the look: ${twice} of ${sent} tokens were sent twice`);
}, 3_600_000);
