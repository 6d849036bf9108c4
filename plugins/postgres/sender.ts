import type { Connection } from './connection.ts';
import type { Outbox } from './outbox.ts';
import { HOLD } from './lease-statements.ts';
import { NOTIFY, SHOW } from './statements.ts';

/** Changes within this time are sent together. */
const GATHER_MS = 1_000;

/** Sends what this machine shows and holds: together, once it is reached. */
export class Sender {
  #timer: NodeJS.Timeout | undefined;
  #isSending = false;
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
    } catch {
      restore();
      // It notes the trouble, and when that has ended, everything is sent.
      await this.#connection.beat();
    }
    this.#isSending = false;
    if (!this.#outbox.isEmpty) this.soon();
  }

  async #show({ sessions, notices, attempts, isAll }: ReturnType<Outbox['take']>['changes']): Promise<void> {
    const { machine, run } = this.#connection;
    const hasChanged = [sessions, notices].some(({ put, gone }) => put.length + gone.length > 0);
    if (!hasChanged && attempts.length === 0 && !isAll) return;
    const shown = [JSON.stringify(sessions.put), sessions.gone, isAll];
    const raised = [JSON.stringify(notices.put), notices.gone];
    await this.#connection.query(SHOW, [machine, run, ...shown, ...raised, JSON.stringify(attempts)]);
    await this.#connection.query(NOTIFY, [`shown:${machine}`]);
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
    const values = [machine, run, JSON.stringify(rows), holdings.gone, isAll];
    const [held] = await this.#connection.query<{ readonly is_shared: boolean }>(HOLD, values);
    this.#onHeld(held?.is_shared ?? true);
  }
}
