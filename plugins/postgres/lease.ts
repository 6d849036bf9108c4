import { isDeepStrictEqual } from 'node:util';
import { withTimeout } from '../../sdk/base/timeout.ts';
import type { Answer, Holding, Lease, Right, Share } from '../../sdk/plugin/fleet.ts';
import type { Connection } from './connection.ts';
import { DatabaseClock } from './database-clock.ts';
import { ACQUIRE, FIND, SETTLE, SHARES } from './lease-statements.ts';
import { Listeners } from './listeners.ts';
import type { Outbox } from './outbox.ts';
import type { Sender } from './sender.ts';
import { NAME_TAKEN, troubleOf } from './trouble.ts';

/** An attempt does not wait longer for the database. */
const ACQUIRE_LIMIT_MS = 8_000;

type Found = { readonly machine: string; readonly session: string; readonly store: string; readonly spent: boolean };
type Acquired = {
  readonly epoch: string | null;
  readonly alive: boolean;
  readonly at: number;
  readonly found: Found | null;
};
type Marked = Pick<Holding, 'session' | 'login' | 'store'>;

type ShareRow = {
  readonly session: string;
  readonly machine: string;
  readonly other: string;
  readonly is_ours: boolean;
  readonly spent: boolean;
  readonly same_store: boolean;
  readonly at: number;
};

/** The leases of this machine, in rows of the database. */
export class PostgresLease implements Lease {
  readonly #onShares = new Listeners<readonly Share[]>();
  readonly #clock: DatabaseClock;
  /** Unknown until the database knows what is held here. */
  #shares: readonly Share[] | undefined;
  #isShown = false;
  #isLooking = false;
  #hasNews = false;
  #held = '';

  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #sender: () => Sender;

  constructor(connection: Connection, outbox: Outbox, sender: () => Sender) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#sender = sender;
    this.#clock = new DatabaseClock(connection.validity.leaseMs, connection.validity.now);
    connection.onBeat.add(({ held }) => {
      // A machine that ends changes nothing: what is shared with it is read again with each heartbeat.
      if (held !== this.#held || this.#shares?.length) void this.#look();
      this.#held = held;
    });
    connection.onNotice.add(notice => {
      if (notice.startsWith('held:') && notice !== `held:${connection.machine}`) void this.#look();
    });
  }

  hold(session: string, holding: Holding | undefined): void {
    this.#outbox.holdings.put(session, holding);
    this.#sender().soon();
  }

  readonly onShares = (listener: (shares: readonly Share[]) => void) => {
    this.#sender().begin();
    if (this.#shares) listener(this.#shares);
    return this.#onShares.add(listener);
  };

  async acquire(holding: Holding): Promise<Answer> {
    this.#outbox.holdings.put(holding.session, holding);
    try {
      const limit = { ms: ACQUIRE_LIMIT_MS, what: 'the lease of a login' };
      return await withTimeout(() => this.#acquire(holding), limit);
    } catch (error) {
      return this.#unreachable(error);
    }
  }

  /** The database knows what is held here. */
  shown(isShared: boolean): void {
    const isFirst = !this.#isShown;
    this.#isShown = true;
    if (isFirst || isShared || this.#shares?.length) void this.#look();
  }

  /** Reads what is shared now, and once more if there was news meanwhile. */
  async #look(): Promise<void> {
    this.#hasNews = true;
    if (!this.#isShown || this.#isLooking) return;
    this.#isLooking = true;
    while (this.#hasNews) {
      this.#hasNews = false;
      await this.#readShares();
    }
    this.#isLooking = false;
  }

  async #readShares(): Promise<void> {
    const rows = await this.#connection.query<ShareRow>(SHARES, [this.#connection.machine]).catch(() => undefined);
    if (!rows) return;
    if (rows[0]) this.#clock.note(rows[0].at);
    const shares = rows.map(shareOf);
    if (isDeepStrictEqual(shares, this.#shares)) return;
    this.#shares = shares;
    this.#onShares.emit(shares);
  }

  async #acquire(holding: Holding): Promise<Answer> {
    const connection = this.#connection;
    if (!connection.validity.isValid() && !(await connection.beat())) return this.#withoutName(holding);
    const marked = this.#marked(holding);
    const { lost } = connection.validity;
    const row = await this.#take(marked);
    if (row.epoch === null) return { status: 'held', share: refusal(marked, row.found) };
    const { epoch } = row;
    const isValid = () => connection.validity.isValid() && !lost.aborted;
    const settle = (after: string | undefined) => this.#settle(holding, after, epoch);
    return { status: 'granted', right: { lost, isValid, settle } satisfies Right };
  }

  /** Asks again if another machine took the lease in this moment, because that was not to be seen yet. */
  async #take(marked: Marked): Promise<Acquired> {
    const row = await this.#ask(marked);
    return row.epoch === null && !row.found ? this.#ask(marked) : row;
  }

  async #ask({ session, login, store }: Marked): Promise<Acquired> {
    const { machine, run, validity } = this.#connection;
    const values = [machine, run, session, login, store, validity.leaseMs, this.#clock.expected];
    const [row] = await this.#connection.query<Acquired>(ACQUIRE, values);
    if (!row?.alive) throw new Error('this machine is not alive in the database');
    this.#clock.note(row.at);
    return row;
  }

  /** Another daemon uses the name of this machine. It may run in a copy of this home, with the same logins. */
  async #withoutName(holding: Holding): Promise<Answer> {
    const connection = this.#connection;
    if (connection.trouble?.reason !== NAME_TAKEN.reason) return this.#unreachable(undefined);
    const { session, login, store } = this.#marked(holding);
    const [found] = await connection.query<Found>(FIND, [login, store]);
    if (!found) return this.#unreachable(undefined);
    if (found.spent) return { status: 'held', share: refusal({ session, login, store }, found) };
    return { ...this.#unreachable(undefined), other: { machine: found.machine, session: found.session } };
  }

  #unreachable(error: unknown): Answer & { readonly status: 'unreachable' } {
    const { reason } = this.#connection.trouble ?? troubleOf(error);
    return { status: 'unreachable', reason };
  }

  async #settle(holding: Holding, after: string | undefined, epoch: string): Promise<boolean> {
    if (after === undefined || after === holding.login) return true;
    const { machine, run, seal } = this.#connection;
    const { session, login, store } = this.#marked(holding);
    const values = [machine, run, session, login, store, epoch, seal.mark('login', after)];
    const [row] = await this.#connection.query<{ readonly holds: boolean }>(SETTLE, values);
    if (!row?.holds) return false;
    this.#outbox.holdings.settle(session, shown => isRenewal(shown, holding, after));
    return true;
  }

  #marked({ session, login, store }: Holding): Marked {
    const { seal } = this.#connection;
    return { session, login: seal.mark('login', login), store: seal.mark('store', store) };
  }
}

/** What the database knows of a holding once its renewal is settled. */
const isRenewal = ({ login, store, isKept, spent }: Holding, before: Holding, after: string): boolean =>
  login === after &&
  store === before.store &&
  isKept &&
  spent.every(token => token === before.login || before.spent.includes(token));

function refusal({ session, store }: Marked, found: Found | null): Share {
  const other = { machine: found?.machine ?? 'another machine', session: found?.session ?? session };
  return { session, other, holder: 'other', spent: found?.spent ?? false, isSameStore: found?.store === store };
}

const shareOf = ({ session, machine, other, is_ours, spent, same_store }: ShareRow): Share => ({
  session,
  other: { machine, session: other },
  holder: is_ours ? 'us' : 'other',
  spent,
  isSameStore: same_store,
});
