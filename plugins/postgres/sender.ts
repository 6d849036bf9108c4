import type { Connection } from './connection.ts';
import type { Outbox } from './outbox.ts';
import { HOLD } from './lease-statements.ts';
import { SHOW } from './statements.ts';

/** Changes within this time are sent together. */
const GATHER_MS = 1_000;

/** Sends what this machine shows and holds: together, once it is reached. */
export class Sender {
  #timer: NodeJS.Timeout | undefined;
  #isSending = false;
  #refusals = 0;
  #hasBegun = false;

  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #onHeld: (isShared: boolean) => void;

  /** `onHeld`: the database knows what is held here, and whether another machine holds any of it. */
  constructor(connection: Connection, outbox: Outbox, onHeld: (isShared: boolean) => void) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#onHeld = onHeld;
    connection.onReached.add(() => {
      outbox.repeat();
      this.soon();
    });
    // What was refused is tried again once with each heartbeat.
    connection.onBeat.add(() => {
      if (!outbox.isEmpty && !this.#isSending) this.soon();
    });
  }

  /** Everything was put, so what was not is gone. A kernel that serves one command shows and removes nothing. */
  begin(): void {
    this.#hasBegun = true;
    this.soon();
  }

  soon(): void {
    if (!this.#hasBegun) return;
    this.#timer ??= setTimeout(() => void this.#send(), GATHER_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    if (this.#isSending || this.#outbox.isEmpty || this.#connection.trouble) return;
    this.#isSending = true;
    const { changes, restore } = this.#outbox.take();
    try {
      // The copies of logins are found first.
      await this.#hold(changes);
      await this.#show(changes);
      this.#refusals = 0;
      this.#connection.noteShown(undefined);
      if (!this.#outbox.isEmpty) this.soon();
    } catch (error) {
      restore();
      // If the database is not reached, everything is sent when it is again.
      if (await this.#connection.beat()) this.#refused(error);
    } finally {
      this.#isSending = false;
    }
  }

  /** The first time, the connection may have been lost, and is another one now. */
  #refused(error: unknown): void {
    this.#refusals += 1;
    if (this.#refusals === 1) this.soon();
    else this.#connection.noteShown(error);
  }

  async #show({ sessions, notices, attempts, isAll }: ReturnType<Outbox['take']>['changes']): Promise<void> {
    const { machine, run } = this.#connection;
    const hasChanged = [sessions, notices].some(({ put, gone }) => put.length + gone.length > 0);
    if (!hasChanged && attempts.length === 0 && !isAll) return;
    const shown = [toJsonb(sessions.put), sessions.gone, isAll];
    const raised = [toJsonb(notices.put), notices.gone];
    await this.#connection.query(SHOW, [machine, run, ...shown, ...raised, toJsonb(attempts)]);
  }

  async #hold({ holdings, isAll }: ReturnType<Outbox['take']>['changes']): Promise<void> {
    if (!isAll && holdings.put.length + holdings.gone.length === 0) return;
    const { machine, run, seal } = this.#connection;
    const rows = holdings.put.map(({ session, login, store, isKept, spent }) => ({
      session,
      login: seal.mark('login', login),
      store: seal.mark('store', store),
      kept: isKept,
      spent: spent.map(token => seal.mark('login', token)),
    }));
    const values = [machine, run, toJsonb(rows), holdings.gone, isAll];
    const [held] = await this.#connection.query<{ readonly is_shared: boolean }>(HOLD, values);
    this.#onHeld(held?.is_shared ?? true);
  }
}

/** A value as the database takes it: `jsonb` refuses the character zero, and half of a pair of surrogates. */
const toJsonb = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'string' ? member.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD') : member,
  );
