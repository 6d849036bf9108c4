import { randomUUID } from 'node:crypto';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { inTurn } from '../../sdk/base/in-turn.ts';
import type { FleetContext, FleetTrouble } from '../../sdk/plugin/fleet.ts';
import type { Acceptable } from '../../sdk/plugin/fleet.ts';
import { openDatabase, type Database } from './database.ts';
import { Listeners } from './listeners.ts';
import { migrate } from './migrate.ts';
import type { Seal } from './seal.ts';
import { BEAT, LEAVE } from './statements.ts';
import { FleetError, NAME_TAKEN, troubleOf } from './trouble.ts';
import { Validity } from './validity.ts';

/** A lease ends when its machine was not heard for so long. */
export const LEASE_MS = 90_000;
const BEAT_MS = LEASE_MS / 3;
const FIRST_RETRY_MS = 2_000;
const MAX_RETRY_MS = BEAT_MS;

export type Secrets = { readonly url: string; readonly seal: Seal };

export type ConnectionParts = {
  readonly machine: string;
  readonly accept: readonly Acceptable[];
  readonly context: FleetContext;
  readonly secrets: () => Promise<Secrets>;
  readonly leaseMs?: number | undefined;
};

/** What is known to have changed in the database, by its counters, and whether a letter waits. */
export type Beat = { readonly shown: string; readonly held: string; readonly has_letters: boolean };

/** Keeps this machine alive in the database, and says when that is reached and what has changed in it. */
export class Connection {
  readonly machine: string;
  readonly run = randomUUID();
  /** Until when this machine is alive for others, as far as it knows. */
  readonly validity: Validity;
  readonly onTrouble = new Listeners<FleetTrouble | undefined>();
  /** The database is reached after it was not. */
  readonly onReached = new Listeners<void>();
  readonly onBeat = new Listeners<Beat>();
  /** A notice of the channel: `kind:machine`. */
  readonly onNotice = new Listeners<string>();
  readonly #inTurn = inTurn();
  readonly #beatMs: number;
  #database: Database | undefined;
  #secrets: Secrets | undefined;
  #stopListening: Cleanup | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #trouble: FleetTrouble | undefined;
  #isClosed = false;
  #isFirst = true;

  constructor(private readonly parts: ConnectionParts) {
    this.machine = parts.machine;
    const leaseMs = parts.leaseMs ?? LEASE_MS;
    this.#beatMs = Math.min(BEAT_MS, leaseMs / 3);
    this.validity = new Validity(leaseMs);
  }

  get seal(): Seal {
    if (!this.#secrets) throw new FleetError(this.#trouble ?? troubleOf(undefined));
    return this.#secrets.seal;
  }

  get trouble(): FleetTrouble | undefined {
    return this.#trouble;
  }

  start(): void {
    void this.beat();
  }

  /** Runs a statement. An error says that the database is not reached, which the next heartbeat finds out too. */
  async query<Row extends Record<string, unknown>>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    if (!this.#database) throw new FleetError(this.#trouble ?? troubleOf(undefined));
    return this.#database.query<Row>(text, values);
  }

  /** Resolves with whether this machine is alive in the database. */
  readonly beat = (): Promise<boolean> => this.#inTurn(() => this.#beat());

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#inTurn(async () => {
      this.validity.end();
      await this.#stopListening?.();
      await this.#database?.query(LEAVE, [this.machine, this.run]).catch(() => undefined);
      await this.#database?.close();
    });
  }

  async #beat(): Promise<boolean> {
    if (this.#isClosed) return false;
    clearTimeout(this.#timer);
    try {
      await this.#reach();
      this.#failures = 0;
      this.#schedule(this.#beatMs);
      return true;
    } catch (error) {
      this.#failures += 1;
      this.#setTrouble(troubleOf(error));
      this.parts.context.log.debug({ err: error }, 'the database of the fleet was not reached');
      this.#schedule(Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10)));
      return false;
    }
  }

  async #reach(): Promise<void> {
    const { context, accept } = this.parts;
    this.#secrets ??= await this.parts.secrets();
    const isNew = !this.#database || this.#trouble !== undefined;
    this.#database ??= await openDatabase(this.#secrets.url);
    if (isNew) await migrate(this.#database, this.#secrets.seal.check);
    const sentAt = this.validity.now();
    const { machine, run } = this;
    const values = [machine, context.instance, run, context.version, accept, this.validity.leaseMs, this.#isFirst];
    const [beat] = await this.#database.query<Beat>(BEAT, values);
    if (!beat) {
      this.validity.end();
      throw new FleetError(NAME_TAKEN);
    }
    this.#isFirst = false;
    this.validity.extend(sentAt);
    await this.#listen(this.#database);
    this.#setTrouble(undefined);
    if (isNew) this.onReached.emit();
    this.onBeat.emit(beat);
  }

  /** Without it, as through some poolers, news comes with the heartbeat. */
  async #listen(database: Database): Promise<void> {
    if (this.#stopListening) return;
    const onEnd = () => {
      this.#stopListening = undefined;
      if (!this.#isClosed) this.#schedule(FIRST_RETRY_MS);
    };
    this.#stopListening = await database.listen('keepalive', notice => this.onNotice.emit(notice), onEnd);
  }

  /** Spread, so that the machines of a fleet do not return all at once. */
  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.beat(), delayMs * (0.7 + 0.3 * Math.random()));
    this.#timer.unref();
  }

  #setTrouble(trouble: FleetTrouble | undefined): void {
    if (this.#trouble?.reason === trouble?.reason) return;
    this.#trouble = trouble;
    this.onTrouble.emit(trouble);
  }
}
