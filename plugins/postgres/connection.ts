import { randomUUID } from 'node:crypto';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { joined } from '../../sdk/base/in-turn.ts';
import { withTimeout } from '../../sdk/base/timeout.ts';
import type { Acceptable, FleetContext, FleetTrouble } from '../../sdk/plugin/fleet.ts';
import { Access, type Secrets } from './access.ts';
import type { Database, OpenDatabase } from './database.ts';
import { Listeners } from './listeners.ts';
import { beatMs, retryMs } from './retry.ts';
import type { Seal } from './seal.ts';
import { BEAT, FORGET, LEAVE } from './statements.ts';
import { failureOf, FleetError, NAME_TAKEN, SILENT } from './trouble.ts';
import { Validity, type Moment } from './validity.ts';

/** A lease ends when its machine was not heard for so long. */
export const LEASE_MS = 90_000;
const BEAT_MS = LEASE_MS / 3;
/** Giving up the leases may not hold up the end of the daemon. */
const LEAVE_MS = 2_000;

export type ConnectionParts = {
  readonly machine: string;
  readonly accept: readonly Acceptable[];
  readonly context: FleetContext;
  readonly secrets: () => Promise<Secrets>;
  readonly leaseMs?: number | undefined;
  /** Another database, or other clocks: those of a replay. */
  readonly open?: OpenDatabase | undefined;
  readonly now?: (() => Moment) | undefined;
};

/** What is known to have changed in the database, by its counters, and whether a letter waits. */
export type Beat = { readonly shown: string; readonly held: string; readonly has_letters: boolean };
type BeatRow = Beat & { readonly is_new: boolean };

/** Keeps this machine alive in the database, and says when that is reached and what has changed in it. */
export class Connection {
  readonly machine: string;
  readonly run = randomUUID();
  /** Until when this machine is alive for others, as far as it knows. */
  readonly validity: Validity;
  readonly onTrouble = new Listeners<FleetTrouble | undefined>();
  /** The database is reached after it was not, or may have lost what it was given. */
  readonly onReached = new Listeners<void>();
  readonly onBeat = new Listeners<Beat>();
  /** A notice of the channel: `kind:machine`. */
  readonly onNotice = new Listeners<string>();
  readonly #access: Access;
  readonly #beatMs: number;
  #stopListening: Cleanup | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #trouble: FleetTrouble | undefined;
  #refusal: FleetTrouble | undefined;
  #announced: FleetTrouble | undefined;
  #isClosed = false;
  /** May take the row of this machine from another run of this installation. */
  #mayTake = true;
  #last: Beat | undefined;

  readonly #parts: ConnectionParts;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.machine = parts.machine;
    this.#access = new Access(parts.secrets, parts.open);
    const leaseMs = parts.leaseMs ?? LEASE_MS;
    this.#beatMs = Math.min(BEAT_MS, leaseMs / 3);
    this.validity = new Validity(leaseMs, parts.now);
  }

  get seal(): Seal {
    const { seal } = this.#access;
    if (!seal) throw new FleetError(this.#trouble ?? SILENT);
    return seal;
  }

  get trouble(): FleetTrouble | undefined {
    return this.#trouble;
  }

  /** What this machine shows was refused, though it is alive there: a full disk can do that. Or it was taken. */
  noteShown(error: unknown): void {
    this.#refusal = error === undefined ? undefined : failureOf(error).trouble;
    if (!this.#trouble) this.#tell();
  }

  start(): void {
    void this.beat();
  }

  /**
   * Runs a statement. Throws `FleetError`, at once while the database does not answer, or is not for this machine. One
   * that is read-only or full still shows what it has, and so does one in which another daemon has this name.
   */
  async query<Row extends Record<string, unknown>>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    if (!this.#access.database) await this.beat();
    const { database } = this.#access;
    const isRefused = this.#trouble?.isLasting && this.#trouble !== NAME_TAKEN;
    if (!database || isRefused || this.#trouble === SILENT) throw new FleetError(this.#trouble ?? SILENT);
    try {
      return await database.query<Row>(text, values);
    } catch (error) {
      // Those who ask next need not wait as long to find out.
      if (failureOf(error).trouble === SILENT) void this.beat();
      throw error;
    }
  }

  /** Resolves with whether this machine is alive in the database: at once if it was not reached a moment ago. */
  readonly beat = async (): Promise<boolean> => (this.#trouble ? false : this.#beatNow());

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.validity.end();
    await this.#stopListening?.();
    // If it does not arrive, the leases end by themselves.
    const leave = () => this.#leave();
    await withTimeout(leave, { ms: LEAVE_MS, what: 'giving up the leases' }).catch(() => undefined);
    await this.#access.close();
  }

  async #leave(): Promise<void> {
    // A heartbeat that is under way would otherwise arrive later, and renew them.
    await this.#beatNow();
    if (!this.#trouble) await this.#access.database?.query(LEAVE, [this.machine, this.run]);
  }

  /** One at a time: a call during a heartbeat gets its result. */
  readonly #beatNow = joined(() => this.#beat());

  async #beat(): Promise<boolean> {
    if (this.#isClosed) return false;
    clearTimeout(this.#timer);
    try {
      await this.#reach();
      this.#failures = 0;
      this.#schedule(beatMs(this.#beatMs, Math.random()));
      return true;
    } catch (error) {
      const { trouble, code } = failureOf(error);
      this.#access.doubt();
      this.#failures += 1;
      this.#parts.context.log.debug({ reason: trouble.reason, code }, 'the database of the fleet was not reached');
      this.#setTrouble(trouble);
      this.#schedule(retryMs(this.#failures, this.#beatMs, Math.random()));
      return false;
    }
  }

  async #reach(): Promise<void> {
    const wasDoubted = this.#access.isDoubted;
    try {
      await this.#hear();
    } catch (error) {
      this.#access.doubt();
      // Another server may have taken over, or a file may have changed. Then everything is read again at once.
      if (wasDoubted || !failureOf(error).trouble.isLasting) throw error;
      await this.#hear();
    }
  }

  async #hear(): Promise<void> {
    const isDoubted = this.#access.isDoubted;
    const database = await this.#access.open();
    const sentAt = this.validity.now();
    const { is_new: isRowNew, ...beat } = await this.#show(database, isDoubted);
    if (this.#isClosed) return;
    if (isRowNew) await database.query(FORGET, [this.machine, this.#parts.context.instance]);
    this.#mayTake = true;
    this.validity.extend(sentAt);
    const hasForgotten = isDoubted || isRowNew || hasGoneBack(this.#last, beat);
    this.#last = beat;
    this.#setTrouble(undefined);
    if (hasForgotten) this.onReached.emit();
    this.onBeat.emit(beat);
    await this.#listen(database);
  }

  async #show(database: Database, isDoubted: boolean): Promise<BeatRow> {
    const { context, accept } = this.#parts;
    const { machine, run } = this;
    const values = [machine, context.instance, run, context.version, accept, this.validity.leaseMs];
    const mayTake = this.#mayTake && isDoubted;
    const [row] = await database.query<BeatRow>(BEAT, [...values, mayTake]);
    if (row) return row;
    // A copy of this home that runs elsewhere would otherwise take it back, and so on.
    this.#mayTake = false;
    this.validity.end();
    throw new FleetError(NAME_TAKEN);
  }

  /** Without it, as through some poolers, or where no connection is free, news comes with the heartbeat. */
  async #listen(database: Database): Promise<void> {
    if (this.#stopListening || this.#isClosed) return;
    const onEnd = () => {
      this.#stopListening = undefined;
      this.#access.doubt();
      this.#schedule(retryMs(0, this.#beatMs, Math.random()));
    };
    try {
      this.#stopListening = await database.listen('keepalive', notice => this.onNotice.emit(notice), onEnd);
    } catch (error) {
      this.#parts.context.log.debug({ code: failureOf(error).code }, 'news of the fleet comes with the heartbeat');
    }
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#beatNow(), delayMs);
    this.#timer.unref();
  }

  #setTrouble(trouble: FleetTrouble | undefined): void {
    this.#trouble = trouble;
    this.#tell();
  }

  #tell(): void {
    const trouble = this.#trouble ?? this.#refusal;
    if (this.#announced?.reason === trouble?.reason) return;
    this.#announced = trouble;
    this.onTrouble.emit(trouble);
  }
}

/** Counters only grow, unless an older copy of the data has taken over. */
const hasGoneBack = (last: Beat | undefined, { shown, held }: Beat): boolean =>
  last !== undefined && (BigInt(shown) < BigInt(last.shown) || BigInt(held) < BigInt(last.held));
