import pg from 'pg';
import { openDatabase } from '../../../plugins/postgres/database.ts';
import { DatabaseClock } from '../../../plugins/postgres/database-clock.ts';
import { ACQUIRE, HOLD, SETTLE } from '../../../plugins/postgres/lease-statements.ts';
import { migrate } from '../../../plugins/postgres/migrate.ts';
import { BEAT, FORGET, LEAVE } from '../../../plugins/postgres/statements.ts';
import { Validity, type Moment } from '../../../plugins/postgres/validity.ts';

export const LEASE_MS = 90_000;

/** Makes the tables, with a clock that a connection sets. */
export async function simulatedTables(url: string): Promise<void> {
  const database = await openDatabase(url, () => undefined);
  await migrate(database, 'check');
  await database.script(`
    CREATE OR REPLACE FUNCTION keepalive.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS $$ SELECT to_timestamp(current_setting('test.now')::float8 / 1000) $$`);
  await database.close();
}

/** The statements of the plugin, on a connection with a time of its own. */
export class SimulatedDatabase {
  now = Date.UTC(2026, 0, 1);
  #shown = 0;

  private constructor(
    private readonly client: pg.Client,
    private readonly statements: typeof STATEMENTS,
  ) {}

  /** `altered` statements show that a check finds what is wrong. */
  static async open(url: string, altered: Partial<typeof STATEMENTS> = {}): Promise<SimulatedDatabase> {
    const client = new pg.Client(url);
    await client.connect();
    // Planning each statement again takes most of the time.
    await client.query('SET plan_cache_mode = force_generic_plan');
    await client.query('SET synchronous_commit = off');
    return new SimulatedDatabase(client, { ...STATEMENTS, ...altered });
  }

  async run(name: keyof typeof STATEMENTS, values: readonly unknown[]): Promise<Record<string, unknown>> {
    if (this.#shown !== this.now) {
      await this.client.query({ name: 'now', text: "SELECT set_config('test.now', $1, false)", values: [this.now] });
      this.#shown = this.now;
    }
    const { rows } = await this.client.query({ name, text: this.statements[name], values: [...values] });
    return rows[0] ?? {};
  }

  close(): Promise<void> {
    return this.client.end();
  }
}

/** The row of the login `$1`, and whether the machine `$2` is alive. */
const LOOK = `
  SELECT CASE WHEN l.run <> '' THEN l.machine END AS holder, l.epoch, l.spent_at IS NOT NULL AS spent,
    EXISTS (SELECT FROM keepalive.machines WHERE machine = $2 AND alive_until > keepalive.clock()) AS alive
  FROM (SELECT $1::text AS login) given LEFT JOIN keepalive.logins l USING (login)`;

/** The machine `$1` has held the login `$2` for longer than any other. */
const PREFER = `
  UPDATE keepalive.holdings SET since = CASE
    WHEN machine = $1 THEN 'epoch'::timestamptz ELSE keepalive.clock() + interval '1 hour' END
  WHERE login = $2`;

/** Removes what the machines `$1` have shown. The login of others stays, under names that no other trace has. */
const CLEAR = `
  WITH logins AS (DELETE FROM keepalive.logins WHERE machine = ANY ($1)),
    holdings AS (DELETE FROM keepalive.holdings WHERE machine = ANY ($1))
  DELETE FROM keepalive.machines WHERE machine = ANY ($1)`;

const PLUGIN = { beat: BEAT, leave: LEAVE, forget: FORGET, acquire: ACQUIRE, settle: SETTLE, hold: HOLD };
const STATEMENTS = { ...PLUGIN, look: LOOK, prefer: PREFER, clear: CLEAR };

type Right = { readonly login: string; readonly epoch: unknown; readonly isValid: () => boolean };

/** A renewer: a machine with clocks of its own, which may be wrong, and a copy of each login. */
export class Renewer {
  /** The right that its attempt has, and whether it has sent the token. */
  attempt: { readonly right: Right; isSent: boolean } | undefined;
  isPartitioned = false;
  #run = 0;
  #slept = 0;
  #set = 0;
  #isFirst = true;
  #validity: Validity;
  #clock: DatabaseClock;

  constructor(
    readonly name: string,
    private readonly database: SimulatedDatabase,
  ) {
    this.#validity = new Validity(LEASE_MS, this.#now);
    this.#clock = new DatabaseClock(LEASE_MS, this.#now);
  }

  readonly #now = (): Moment => {
    const { now } = this.database;
    return { wall: now + this.#set, running: now - this.#slept, up: now };
  };

  /** Ends without a word, and runs again as another process. */
  die(): void {
    this.#validity.end();
    this.#validity = new Validity(LEASE_MS, this.#now);
    this.#clock = new DatabaseClock(LEASE_MS, this.#now);
    this.#run += 1;
    this.#isFirst = true;
    this.attempt = undefined;
  }

  setClock(ms: number): void {
    this.#set = ms;
  }

  /** What was slept does not count for the clock that runs. */
  sleep(ms: number): void {
    this.#slept += ms;
  }

  async beat(): Promise<void> {
    if (this.isPartitioned) return;
    const sentAt = this.#validity.now();
    const row = await this.database.run('beat', [this.name, this.name, this.#id, '1', [], LEASE_MS, this.#isFirst]);
    this.#isFirst = false;
    if (row['shown'] === undefined) this.#validity.end();
    else this.#validity.extend(sentAt);
  }

  async stop(): Promise<void> {
    this.#validity.end();
    if (!this.isPartitioned) await this.database.run('leave', [this.name, this.#id]);
    this.die();
  }

  async acquire(login: string): Promise<void> {
    if (this.attempt || this.isPartitioned) return;
    if (!this.#validity.isValid()) await this.beat();
    const { lost } = this.#validity;
    const values = [this.name, this.#id, 'own', login, this.name, LEASE_MS, this.#clock.expected];
    const { epoch, at } = await this.database.run('acquire', values);
    this.#clock.note(Number(at));
    if (epoch === null || epoch === undefined) return;
    const validity = this.#validity;
    this.attempt = { right: { login, epoch, isValid: () => validity.isValid() && !lost.aborted }, isSent: false };
  }

  /** Whether the database has recorded that the token is spent. */
  async settle(): Promise<boolean> {
    const { right } = this.attempt ?? {};
    this.attempt = undefined;
    if (!right || this.isPartitioned) return false;
    const values = [this.name, this.#id, 'own', right.login, this.name, right.epoch, `${right.login}+`];
    return (await this.database.run('settle', values))['holds'] === true;
  }

  end(): void {
    this.#validity.end();
  }

  get #id(): string {
    return `${this.name}.${this.#run}`;
  }
}
