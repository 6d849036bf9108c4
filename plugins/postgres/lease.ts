import { isDeepStrictEqual } from 'node:util';
import { withTimeout } from '../../sdk/base/timeout.ts';
import type { Answer, Holding, Lease, Right, Share } from '../../sdk/plugin/fleet.ts';
import type { Connection } from './connection.ts';
import { Listeners } from './listeners.ts';
import type { Outbox } from './outbox.ts';
import type { Sender } from './sender.ts';
import { ACQUIRE, SETTLE, SHARES } from './statements.ts';
import { troubleOf } from './trouble.ts';

/** An attempt does not wait longer for the database. */
const ACQUIRE_LIMIT_MS = 8_000;

type Found = { readonly machine: string; readonly session: string; readonly store: string; readonly spent: boolean };
type Acquired = { readonly epoch: string | null; readonly found: Found | null; readonly alive: boolean };

type ShareRow = {
  readonly session: string;
  readonly store: string;
  readonly holder_machine: string | null;
  readonly holder_session: string | null;
  readonly holder_store: string | null;
  readonly spent: boolean | null;
  readonly alive: boolean;
  readonly other_machine: string | null;
  readonly other_session: string | null;
  readonly other_store: string | null;
  readonly is_first: boolean | null;
};

/** The leases of this machine, in rows of the database. */
export class PostgresLease implements Lease {
  readonly #onShares = new Listeners<readonly Share[]>();
  #shares: readonly Share[] = [];
  #held = '';

  constructor(
    private readonly connection: Connection,
    private readonly outbox: Outbox,
    private readonly sender: () => Sender,
  ) {
    connection.onBeat.add(({ held }) => {
      // A machine that ends changes nothing: what is shared with it is read again with each heartbeat.
      if (held !== this.#held || this.#shares.length > 0) void this.look();
      this.#held = held;
    });
    connection.onNotice.add(notice => {
      if (notice.startsWith('held:') && notice !== `held:${connection.machine}`) void this.look();
    });
  }

  hold(session: string, holding: Holding | undefined): void {
    this.outbox.holdings.put(session, holding);
    this.sender().soon();
  }

  readonly onShares = (listener: (shares: readonly Share[]) => void) => {
    listener(this.#shares);
    return this.#onShares.add(listener);
  };

  async acquire(holding: Holding): Promise<Answer> {
    try {
      const limit = { ms: ACQUIRE_LIMIT_MS, what: 'the lease of a login' };
      return await withTimeout(() => this.#acquire(holding), limit);
    } catch (error) {
      const { reason } = this.connection.trouble ?? troubleOf(error);
      return { status: 'unreachable', reason };
    }
  }

  /** Reads what is shared now. */
  async look(): Promise<void> {
    const rows = await this.connection.query<ShareRow>(SHARES, [this.connection.machine]).catch(() => undefined);
    const shares = rows?.flatMap(row => shareOf(row, this.connection.machine) ?? []);
    if (!shares || isDeepStrictEqual(shares, this.#shares)) return;
    this.#shares = shares;
    this.#onShares.emit(shares);
  }

  async #acquire(holding: Holding): Promise<Answer> {
    const { connection } = this;
    if (!connection.validity.isValid() && !(await connection.beat()))
      return { status: 'unreachable', reason: (connection.trouble ?? troubleOf(undefined)).reason };
    const { machine, run, seal, validity } = connection;
    const login = seal.mark('login', holding.login);
    const store = seal.mark('store', holding.store);
    const { lost } = validity;
    const [row] = await connection.query<Acquired>(ACQUIRE, [machine, run, holding.session, login, store]);
    if (!row?.alive) throw new Error('this machine is not alive in the database');
    if (row.epoch === null) return { status: 'held', share: refusal(holding.session, store, row.found) };
    const isValid = () => validity.isValid() && !lost.aborted;
    const settle = (after: string | undefined) => this.#settle(holding, after, row.epoch ?? '');
    return { status: 'granted', right: { lost, isValid, settle } satisfies Right };
  }

  async #settle(holding: Holding, after: string | undefined, epoch: string): Promise<boolean> {
    if (after === undefined || after === holding.login) return true;
    const { machine, run, seal } = this.connection;
    const marks = [seal.mark('login', holding.login), seal.mark('store', holding.store)];
    const values = [machine, run, holding.session, ...marks, epoch, seal.mark('login', after)];
    const [row] = await this.connection.query<{ readonly holds: boolean }>(SETTLE, values);
    return row?.holds ?? false;
  }
}

/** The lease was taken in this moment if nothing was found. */
function refusal(session: string, store: string, found: Found | null): Share {
  const other = { machine: found?.machine ?? '', session: found?.session ?? '' };
  return { session, other, holder: 'other', spent: found?.spent ?? false, isSameStore: found?.store === store };
}

function shareOf(row: ShareRow, machine: string): Share | undefined {
  const { session, store, holder_machine: holder, holder_session: holding, other_machine, other_session } = row;
  if (row.spent && holder !== null && holding !== null)
    return { session, other: { machine: holder, session: holding }, holder: 'other', spent: true, isSameStore: false };
  if (other_machine === null || other_session === null) return undefined;
  const other = { machine: other_machine, session: other_session };
  const isOurs = row.alive ? holder === machine : !row.is_first;
  const isSameStore = row.other_store === store;
  return { session, other, holder: isOurs ? 'us' : 'other', spent: false, isSameStore };
}
