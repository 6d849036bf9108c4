import { FleetGuard, type Permit } from '../../kernel/lease/guard.ts';
import { holdingRight } from '../../kernel/lease/holding-right.ts';
import { Connection } from '../../plugins/postgres/connection.ts';
import { PostgresLease } from '../../plugins/postgres/lease.ts';
import { HOLD } from '../../plugins/postgres/lease-statements.ts';
import { Outbox } from '../../plugins/postgres/outbox.ts';
import { sealWith } from '../../plugins/postgres/seal.ts';
import { Sender } from '../../plugins/postgres/sender.ts';
import type { Moment } from '../../plugins/postgres/validity.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { Wire, type LeaseDatabase } from './lease-wire.ts';

const SEAL = sealWith('the key of the fleet in replays');
/** The name of a login in the database. */
export const markOf = (login: string): string => SEAL.mark('login', login);

const nothing = () => undefined;
const LOG = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export type MachineParts = {
  readonly name: string;
  readonly login: string;
  readonly database: LeaseDatabase;
  /** The clocks of the machine, by the time of the trace. */
  readonly clock: (now: number) => number;
};

/** The code under test, in one process: the guard of the kernel, and the lease and the connection of the plugin. */
class Process {
  readonly guard = new FleetGuard();
  readonly connection: Connection;
  readonly wire: Wire;

  constructor({ name, login, database, clock }: MachineParts) {
    this.wire = new Wire(database, SEAL.check, () => database.run('prefer', [name, markOf(login)]));
    const now = (): Moment => {
      const time = clock(database.now);
      return { wall: time, running: time, up: time };
    };
    const context = { log: LOG, version: '1', instance: name, conceal: nothing, readSecret: async () => '' };
    const secrets = async () => ({ url: '', seal: SEAL });
    this.connection = new Connection({ machine: name, accept: [], context, secrets, open: this.wire.open, now });
    const outbox = new Outbox();
    const sender = new Sender(this.connection, outbox, nothing);
    const lease = new PostgresLease(this.connection, outbox, () => sender);
    this.guard.use(async () => ({ lease, instance: name, machine: name }));
  }
}

/** A machine with a copy of the login. It does one step of its heartbeat or of its attempt at a time. */
export class LeaseMachine {
  #process: Process;
  #beating: Promise<unknown> | undefined;
  #asking: Promise<unknown> | undefined;
  #leaving: Promise<unknown> | undefined;
  #permit: Permit | undefined;

  constructor(private readonly parts: MachineParts) {
    this.#process = new Process(parts);
  }

  /** What it believes: it may send now. */
  get hasRight(): boolean {
    return this.#permit?.right?.isValid() ?? false;
  }

  /** Its heartbeat leaves, and arrives in the database. */
  async beat(): Promise<void> {
    const { connection, wire } = this.#process;
    this.#beating = connection.beat();
    await Promise.race([wire.heart.arrival(), this.#beating]);
  }

  /** The answer to its heartbeat arrives. */
  async hear(): Promise<void> {
    this.#process.wire.heart.open('hears');
    await this.#beating;
  }

  /** An attempt begins. */
  async ask(): Promise<void> {
    const { guard, wire } = this.#process;
    const { name, login, database } = this.parts;
    wire.begin();
    const held = { refresh: login, store: `/${name}/store`, spent: [] };
    // That the login is shared is known. Otherwise a machine that does not reach the database goes on without it.
    const asked = { id: 'own', login: held, sharedWith: 'another', seen: undefined, goodUntil: 0, now: database.now };
    this.#asking = guard.acquire(asked).then(permit => (this.#permit = permit));
    await Promise.race([wire.attempt.arrival(), this.#asking]);
  }

  /** Whether the database gives it the lease. If not, the guard must refuse the attempt. */
  async take(): Promise<boolean | undefined> {
    const { attempt } = this.#process.wire;
    attempt.open('arrives');
    await Promise.race([attempt.arrival(), this.#asking]);
    return attempt.operation === 'answer' || (this.#permit?.refused ? false : undefined);
  }

  /** The answer of the database arrives. */
  async learn(): Promise<void> {
    this.#process.wire.attempt.open('learns');
    await this.#asking;
  }

  /** The answer is lost, or what it has to record. */
  async lose(): Promise<void> {
    const { wire } = this.#process;
    if (wire.attempt.operation === undefined) {
      wire.loses = true;
      await this.settle().catch(nothing);
      wire.loses = false;
    } else {
      wire.attempt.open('loses');
      await this.#asking;
    }
  }

  /** Whether a request to the vendor leaves. */
  async send(context: ProviderContext): Promise<boolean> {
    const { right } = this.#permit ?? {};
    const isSent = await asking(() => holdingRight(context, right).fetch('https://vendor.example/token'));
    if (!isSent) await right?.settle(this.parts.login);
    return isSent;
  }

  /** Whether the database records that the token is spent. */
  async settle(): Promise<boolean | undefined> {
    return this.#permit?.right?.settle(`${this.parts.login}+`);
  }

  /** It says what it holds: a successor of the login, which it has spent. */
  async tell(): Promise<void> {
    const { machine, run } = this.#process.connection;
    const [login, store] = [markOf(`${this.parts.login}+`), SEAL.mark('store', machine)];
    const row = { session: 'own', login, store, kept: true, spent: [markOf(this.parts.login)] };
    await this.#process.connection.query(HOLD, [machine, run, JSON.stringify([row]), [], false]);
  }

  /** It is about to end in order, once no attempt has a right. */
  async close(): Promise<void> {
    const { guard, connection, wire } = this.#process;
    await guard.settled();
    this.#leaving = connection.close();
    if (!this.#beating || wire.heart.operation === undefined) await wire.heart.arrival();
  }

  /** It gives up its leases. What runs then is another process. */
  async leave(): Promise<void> {
    this.#process.wire.heart.open('leaves');
    await this.#leaving;
    this.#renew();
  }

  /** The attempt is over. */
  rest(): void {
    this.#asking = undefined;
    this.#permit = undefined;
  }

  /** It ends without a word. What runs then is another process. */
  async end(): Promise<void> {
    const { connection, wire } = this.#process;
    wire.cut();
    await connection.close();
    this.#renew();
  }

  #renew(): void {
    this.rest();
    this.#beating = undefined;
    this.#leaving = undefined;
    this.#process = new Process(this.parts);
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
