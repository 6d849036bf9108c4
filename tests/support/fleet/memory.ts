import { KeepaliveError } from '../../../sdk/contract/errors.ts';
import type { FleetAttempt } from '../../../sdk/contract/rpc.ts';
import type { Attempt, Notice, Session } from '../../../sdk/contract/session.ts';
import type { Answer, Directory, Holding, Lease, Letter, Share } from '../../../sdk/plugin/fleet.ts';
import type { Machine, TestFleet } from './machines.ts';

type Held = Holding & { readonly machine: string; readonly since: number };
type Login = { machine: string; session: string; store: string; isSpent: boolean; isTaken: boolean };
type Shown = { readonly sessions: Map<string, Session>; readonly notices: Map<string, Notice> };

/** The smallest fleet that keeps the promises of `Lease` and `Directory`: in one process, without a clock. */
export class MemoryFleet implements TestFleet {
  readonly #alive = new Set<string>();
  readonly #held = new Map<string, Held>();
  readonly #logins = new Map<string, Login>();
  readonly #shown = new Map<string, Shown>();
  readonly #attempts: FleetAttempt[] = [];
  readonly #looks = new Set<() => void>();
  readonly #changes = new Set<() => void>();
  readonly #readers = new Map<string, Set<(letter: Letter) => void>>();
  #now = 0;

  async open(machine: string): Promise<Machine> {
    this.#alive.add(machine);
    this.#shown.set(machine, { sessions: new Map(), notices: new Map() });
    const close = async () => this.lose(machine);
    return { lease: this.#lease(machine), directory: this.#directory(machine), close };
  }

  async lose(machine: string): Promise<void> {
    this.#alive.delete(machine);
    this.#look();
  }

  #lease(machine: string): Lease {
    return {
      hold: (session, holding) => {
        if (holding) this.#hold(machine, holding);
        else this.#held.delete(`${machine}/${session}`);
        this.#look();
      },
      acquire: async holding => this.#acquire(machine, holding),
      onShares: listener => {
        const look = () => listener([...this.#held.values()].flatMap(held => this.#shareOf(held, machine) ?? []));
        this.#looks.add(look);
        look();
        return () => void this.#looks.delete(look);
      },
    };
  }

  #hold(machine: string, holding: Holding): void {
    const key = `${machine}/${holding.session}`;
    const before = this.#held.get(key);
    const isSame = before?.login === holding.login && before.isKept >= holding.isKept;
    this.#held.set(key, { ...holding, machine, since: isSame ? before.since : (this.#now += 1) });
    const { session, store } = holding;
    for (const token of holding.spent)
      if (!this.#logins.get(token)?.isSpent)
        this.#logins.set(token, { machine, session, store, isSpent: true, isTaken: true });
  }

  #acquire(machine: string, holding: Holding): Answer {
    this.#hold(machine, { ...holding, isKept: true });
    const { session, login, store } = holding;
    const mine = this.#held.get(`${machine}/${session}`);
    const share = mine && this.#shareOf(mine, machine);
    this.#look();
    if (share?.holder === 'other') return { status: 'held', share };
    this.#logins.set(login, { machine, session, store, isSpent: false, isTaken: true });
    const settle = async (after: string | undefined) => {
      if (after === undefined || after === login) return true;
      this.#logins.set(login, { machine, session, store, isSpent: true, isTaken: true });
      this.#logins.set(after, { machine, session, store, isSpent: false, isTaken: true });
      this.#hold(machine, { ...holding, login: after });
      this.#look();
      return true;
    };
    return { status: 'granted', right: { lost: new AbortController().signal, isValid: () => true, settle } };
  }

  #isKept({ machine, isKept }: Held): boolean {
    return isKept && this.#alive.has(machine);
  }

  #shareOf(mine: Held, machine: string): Share | undefined {
    if (mine.machine !== machine) return undefined;
    const { session, store } = mine;
    const found = this.#logins.get(mine.login);
    const to = (other: Pick<Held, 'machine' | 'session' | 'store'>, holder: Share['holder'], spent = false): Share => ({
      session,
      other: { machine: other.machine, session: other.session },
      holder,
      spent,
      isSameStore: other.store === store,
    });
    if (found?.isSpent && found.store !== store) return to(found, 'other', true);
    const others = [...this.#held.values()].filter(one => one.machine !== machine);
    const copies = others.filter(({ login }) => login === mine.login);
    const holder = copies.find(one => one.machine === found?.machine && one.session === found.session);
    if (holder && this.#isKept(holder)) return to(holder, 'other');
    const first = copies.toSorted((a, b) => Number(this.#isKept(b)) - Number(this.#isKept(a)) || a.since - b.since)[0];
    if (first) {
      const isFirst = found?.machine !== machine && this.#isKept(first) && (!mine.isKept || first.since < mine.since);
      return to(first, isFirst ? 'other' : 'us');
    }
    const isReturned = ({ login, store: where }: Held) => {
      const spender = this.#logins.get(login);
      return spender?.isSpent && spender.machine === machine && spender.session === session && where !== store;
    };
    const returned = others.find(isReturned);
    return returned && to(returned, 'us', true);
  }

  #look(): void {
    for (const look of this.#looks) look();
  }

  #directory(machine: string): Directory {
    const here = () => this.#shown.get(machine);
    const changed = (change: () => unknown) => {
      change();
      for (const listener of this.#changes) listener();
    };
    return {
      putSession: ({ account: _account, ...session }) => changed(() => here()?.sessions.set(session.id, session)),
      removeSession: id => changed(() => here()?.sessions.delete(id)),
      putNotice: notice => changed(() => here()?.notices.set(notice.id, notice)),
      removeNotice: id => changed(() => here()?.notices.delete(id)),
      record: (attempt: Attempt) => changed(() => this.#attempts.unshift({ machine, attempt })),
      list: async () =>
        [...this.#shown].map(([name, { sessions, notices }]) => ({
          machine: name,
          version: '1',
          accepts: [],
          seenAt: 0,
          ...(name === machine && { isHere: true as const }),
          sessions: [...sessions.values()],
          notices: [...notices.values()],
        })),
      history: async ({ machine: of, id, limit }) =>
        this.#attempts
          .filter(one => (of ?? one.machine) === one.machine && (id ?? one.attempt.id) === one.attempt.id)
          .slice(0, limit),
      onChange: listener => {
        this.#changes.add(listener);
        return () => void this.#changes.delete(listener);
      },
      ...this.#post(machine),
    };
  }

  #post(machine: string): Pick<Directory, 'find' | 'send' | 'attend' | 'onLetter'> {
    const listeners = this.#readers.get(machine) ?? new Set();
    this.#readers.set(machine, listeners);
    return {
      find: async name => {
        if (this.#alive.has(name)) return { machine: name, run: name };
        const code = this.#shown.has(name) ? 'KA_FLEET_SILENT' : 'KA_FLEET_MACHINE_NOT_FOUND';
        throw new KeepaliveError(code, { machine: name });
      },
      send: async (to, content) => {
        for (const read of this.#readers.get(to.machine) ?? []) read({ from: { machine, run: machine }, content });
      },
      attend: () => () => undefined,
      onLetter: listener => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
  }
}
