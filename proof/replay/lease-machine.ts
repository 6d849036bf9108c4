import { holdingRight } from '../../kernel/lease/holding-right.ts';
import { DatabaseClock } from '../../plugins/postgres/database-clock.ts';
import { Validity, type Moment } from '../../plugins/postgres/validity.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Right } from '../../sdk/plugin/fleet.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';

export const LEASE_MS = 90_000;

/** The statements of the plugin, on a database with a clock that the trace sets. */
export type LeaseDatabase = {
  now: number;
  /** `look` shows the row of a login, `prefer` makes a machine the one that has held it for longest. */
  readonly run: (
    statement: 'beat' | 'acquire' | 'settle' | 'look' | 'prefer',
    values: readonly unknown[],
  ) => Promise<Record<string, unknown>>;
};

/** Changes how a machine counts its lease, to see a replay fail. */
export type CountFrom = (sentAt: Moment, arrivedAt: Moment) => Moment;

/** A machine with a copy of the login. It does one step of its heartbeat or of its attempt at a time. */
export class LeaseMachine {
  #run = 0;
  #isFirst = true;
  #sentAt: Moment | undefined;
  #asked: { readonly validity: Validity; readonly lost: AbortSignal } | undefined;
  #answer: string | undefined;
  #granted: { readonly right: Right; readonly epoch: string } | undefined;
  #validity: Validity;
  #clock: DatabaseClock;

  constructor(
    private readonly name: string,
    private readonly login: string,
    private readonly database: LeaseDatabase,
    private readonly countFrom: CountFrom,
  ) {
    this.#validity = new Validity(LEASE_MS, this.#now);
    this.#clock = new DatabaseClock(LEASE_MS, this.#now);
  }

  readonly #now = (): Moment => ({ wall: this.database.now, running: this.database.now, up: this.database.now });

  /** What it believes: it may send now. */
  get hasRight(): boolean {
    return this.#granted?.right.isValid() ?? false;
  }

  /** Its heartbeat leaves, and arrives in the database. */
  async beat(): Promise<void> {
    this.#sentAt = this.#now();
    await this.database.run('beat', [this.name, this.name, this.#id, '1', [], LEASE_MS, this.#isFirst]);
    this.#isFirst = false;
  }

  /** The answer to its heartbeat arrives. */
  hear(): void {
    if (this.#sentAt) this.#validity.extend(this.countFrom(this.#sentAt, this.#now()));
    this.#sentAt = undefined;
  }

  /** An attempt begins: what it is given counts only until its leases end. */
  ask(): void {
    this.#asked = { validity: this.#validity, lost: this.#validity.lost };
  }

  /** Whether the database gives it the lease. */
  async take(): Promise<boolean> {
    // The model leaves open who of the living has held the login for longest, and so comes first.
    await this.database.run('prefer', [this.name, this.login]);
    const values = [this.name, this.#id, 'own', this.login, this.name, LEASE_MS, this.#clock.expected];
    const { epoch, alive, at } = await this.database.run('acquire', values);
    if (alive === true) this.#clock.note(Number(at));
    this.#answer = alive === true && typeof epoch === 'string' ? epoch : undefined;
    return this.#answer !== undefined;
  }

  /** The answer of the database arrives. */
  learn(): void {
    const { validity, lost } = this.#asked ?? {};
    if (!validity || !lost || this.#answer === undefined) return;
    const isValid = () => validity.isValid() && !lost.aborted;
    this.#granted = { right: { lost, isValid, settle: async () => false }, epoch: this.#answer };
  }

  /** Whether a request to the vendor leaves. */
  send(context: ProviderContext): Promise<boolean> {
    return asking(() => holdingRight(context, this.#granted?.right).fetch('https://vendor.example/token'));
  }

  /** Whether the database records that the token is spent. */
  async settle(): Promise<boolean> {
    const after = `${this.login}+`;
    const values = [this.name, this.#id, 'own', this.login, this.name, this.#granted?.epoch, after];
    return (await this.database.run('settle', values))['holds'] === true;
  }

  /** The attempt is over. */
  rest(): void {
    this.#asked = undefined;
    this.#answer = undefined;
    this.#granted = undefined;
  }

  /** It ends without a word. What runs then is another process. */
  end(): void {
    this.rest();
    this.#validity.end();
    this.#validity = new Validity(LEASE_MS, this.#now);
    this.#clock = new DatabaseClock(LEASE_MS, this.#now);
    this.#sentAt = undefined;
    this.#isFirst = true;
    this.#run += 1;
  }

  get #id(): string {
    return `${this.name}.${this.#run}`;
  }
}

async function asking(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (error instanceof KeepaliveError && error.code === 'KA_FLEET_LOST') return false;
    throw error;
  }
}
