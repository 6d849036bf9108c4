import type { Inspection } from '../sdk/contract/outcome.ts';
import type { HeldLogin, SharedLogin } from '../sdk/contract/session.ts';
import { isAnotherSignIn, seenLogin } from './held-login.ts';

/** A copy that is older than this many renewals, and was never inspected meanwhile, is not recognized. */
const MAX_SPENT = 20;

/** The session that renews a login instead. `spent`: it has spent the refresh token, or may have. */
export type OtherHolder = { readonly holder: string; readonly spent: boolean };

/** A login that a session of another machine holds as well. */
export type RemoteShare = {
  /** That session, as `machine/session`. */
  readonly other: string;
  readonly isHolder: boolean;
  /** The one that is not the holder has a token that is spent, or may be. */
  readonly spent: boolean;
  /** Both use the same store, so there is one login and no copy. */
  readonly isSameStore?: boolean;
};

/** Where the configuration has a session that is kept, and whether it is halted. */
export type Place = { readonly place: number; readonly isHalted: boolean };

/**
 * Which session holds which login, so that one refresh token is never spent from two stores. It owns what is known of
 * logins; a session's record keeps a copy for the next start, which only the event `login` writes.
 * Everything is synchronous, so no other session can act between a comparison and its claim.
 */
export class Logins {
  readonly #held = new Map<string, HeldLogin>();
  /** The sessions that hold a token or have spent it. */
  readonly #byToken = new Map<string, Set<string>>();
  /** The token that a session's attempt may be spending. */
  readonly #spending = new Map<string, string>();
  /** What other machines hold, with the token that it is about. */
  readonly #remote = new Map<string, RemoteShare & { readonly token: string | undefined }>();

  /** `changed` is called for each session whose share in a login may have changed. */
  constructor(
    private readonly placeOf: (id: string) => Place | undefined,
    private readonly changed: (id: string) => void,
  ) {}

  loginOf(id: string): HeldLogin | undefined {
    return this.#held.get(id);
  }

  /** Takes over what an earlier run knew. */
  restore(id: string, login: HeldLogin, shared?: SharedLogin): void {
    this.#put(id, login);
    if (!shared || !isRemote(shared.session)) return;
    const isHolder = shared.holder === shared.session;
    this.#remote.set(id, { other: shared.session, isHolder, spent: shared.spent ?? false, token: login.refresh });
  }

  /** Takes over what other machines hold of the logins here, which is all that is known of it. */
  setRemote(shares: ReadonlyMap<string, RemoteShare>): void {
    const affected = new Set([...this.#remote.keys(), ...shares.keys()]);
    this.#remote.clear();
    for (const [id, share] of shares)
      if (!share.isSameStore) this.#remote.set(id, { ...share, token: this.#held.get(id)?.refresh });
    for (const [id, login] of this.#held) {
      const share = shares.get(id);
      const storeWith = share?.isSameStore ? share.other : undefined;
      if (storeWith === login.storeWith) continue;
      this.#held.set(id, { ...login, storeWith });
      affected.add(id);
    }
    for (const id of affected) this.notify(id);
  }

  /** The session of another machine that holds the session's login as well. */
  remoteOf(id: string): RemoteShare | undefined {
    const remote = this.#remote.get(id);
    return remote && remote.token === this.#held.get(id)?.refresh ? remote : undefined;
  }

  /** Takes over what an inspection found. A store without a login may be in the middle of a change and is ignored. */
  update(id: string, seen: Inspection | undefined): void {
    const former = this.#held.get(id);
    if (!seen || (seen.refreshFingerprint === undefined && !(former && seen.method === 'observe'))) return;
    const before = former ?? { spent: [] };
    const login = seenLogin(seen, before);
    if (login === before) return;
    const isSpent = this.#isSpent(id, before, login);
    const spent = isSpent ? [before.refresh ?? '', ...before.spent] : before.spent;
    const remote = this.remoteOf(id);
    // Until the other machine has signed in separately, it holds what was renewed here.
    if (remote && isSpent && !remote.isHolder) this.#remote.set(id, { ...remote, spent: true, token: login.refresh });
    this.#put(id, { ...login, spent: spent.filter(token => token !== login.refresh).slice(0, MAX_SPENT) });
    this.notify(id, before.refresh);
  }

  /**
   * Whether the token that the store held before may be spent. Another program may have renewed it, so a change means
   * yes, except after a sign-in that is certainly new, or if an older token was put back.
   */
  #isSpent(id: string, before: HeldLogin, { refresh, store, ...signIn }: HeldLogin): boolean {
    if (before.refresh === undefined || refresh === undefined) return false;
    if (refresh === before.refresh || store !== before.store) return false;
    if (this.#spending.get(id) === before.refresh) return true;
    const isOlder = [...(this.#byToken.get(refresh) ?? [])].some(other =>
      this.#held.get(other)?.spent.includes(refresh),
    );
    return !isOlder && !isAnotherSignIn(before, signIn);
  }

  /** The other sessions whose stores held the same refresh token when they were last inspected. */
  copiesOf(id: string): readonly string[] {
    const refresh = this.#held.get(id)?.refresh;
    if (refresh === undefined) return [];
    return this.#otherStoresWith(id, refresh).filter(other => this.#held.get(other)?.refresh === refresh);
  }

  /** Claims the session's current token until `release`, or returns the session that renews it instead. */
  claim(id: string): OtherHolder | undefined {
    const other = this.otherHolderOf(id);
    const { refresh, observes } = this.#held.get(id) ?? {};
    if (!other && !observes && refresh !== undefined) this.#spending.set(id, refresh);
    return other;
  }

  /** Whether an attempt may be spending the session's token. */
  isSpending(id: string): boolean {
    return this.#spending.has(id);
  }

  /** Ends a claim. If the store could not be inspected, the token may be spent and stays claimed until it can. */
  release(id: string, seen: Inspection | undefined): void {
    const claimed = this.#spending.get(id);
    this.update(id, seen);
    if (!seen || claimed === undefined) return;
    this.#spending.delete(id);
    this.notify(id, claimed);
  }

  /** The session that renews this one's login instead. */
  otherHolderOf(id: string): OtherHolder | undefined {
    const mine = this.#held.get(id);
    if (mine?.refresh === undefined || mine.observes) return undefined;
    if (mine.spentBy !== undefined) return { holder: mine.spentBy, spent: true };
    const all = this.#otherStoresWith(id, mine.refresh);
    const spender = all.find(other => this.#held.get(other)?.spent.includes(mine.refresh ?? ''));
    if (spender !== undefined) return { holder: spender, spent: true };
    const others = all.filter(other => !this.#held.get(other)?.observes);
    const busy = others.find(other => this.#spending.get(other) === mine.refresh);
    if (busy !== undefined) return { holder: busy, spent: false };
    const first = this.#firstOf([id, ...others.filter(other => !this.placeOf(other)?.isHalted)]);
    if (others.length > 0 && first !== undefined && first !== id) return { holder: first, spent: false };
    const remote = this.remoteOf(id);
    return remote?.isHolder ? { holder: remote.other, spent: remote.spent } : undefined;
  }

  /** The session that shares this one's login, or shared it until it was renewed. */
  sharedBy(id: string): SharedLogin | undefined {
    const other = this.otherHolderOf(id);
    if (other) return { session: other.holder, holder: other.holder, ...(other.spent && { spent: true }) };
    const mine = this.#held.get(id);
    if (!mine || mine.observes) return undefined;
    const copies = [mine.refresh, ...mine.spent].flatMap(token =>
      token === undefined
        ? []
        : this.#otherStoresWith(id, token).filter(
            other => this.#held.get(other)?.refresh === token && !this.#held.get(other)?.observes,
          ),
    );
    const session = this.#firstOf(copies);
    const remote = this.remoteOf(id);
    if (session === undefined)
      return remote && { session: remote.other, holder: id, ...(remote.spent && { spent: true }) };
    const hasSameToken = this.#held.get(session)?.refresh === mine.refresh;
    if (!hasSameToken) return { session, holder: id, spent: true };
    return { session, holder: this.placeOf(id)?.isHalted && !this.placeOf(session)?.isHalted ? session : id };
  }

  /** Updates all sessions that hold, or held, a token of this session. `former` is a token that it held before. */
  notify(id: string, former?: string): void {
    const affected = new Set([id]);
    for (const token of [former, ...tokensOf(this.#held.get(id))]) {
      for (const other of this.#byToken.get(token ?? '') ?? []) affected.add(other);
    }
    for (const other of affected) this.#rememberSpender(other);
    for (const other of affected) this.changed(other);
  }

  /** Remembers which session spent the token. It stays spent after any number of renewals. */
  #rememberSpender(id: string): void {
    const login = this.#held.get(id);
    const other = this.otherHolderOf(id);
    if (login && other?.spent && login.spentBy === undefined) this.#held.set(id, { ...login, spentBy: other.holder });
  }

  /** The first of these sessions in the configuration; undefined if none is kept. */
  #firstOf(ids: readonly string[]): string | undefined {
    const placed = ids.map(id => ({ id, place: this.placeOf(id)?.place ?? Infinity }));
    const first = placed.toSorted((a, b) => a.place - b.place)[0];
    return first?.place === Infinity ? undefined : first?.id;
  }

  /** Other sessions, with other stores, that hold this token or have spent it. */
  #otherStoresWith(id: string, token: string): readonly string[] {
    const store = this.#held.get(id)?.store;
    const isElsewhere = (other: string) => store === undefined || this.#held.get(other)?.store !== store;
    return [...(this.#byToken.get(token) ?? [])].filter(other => other !== id && isElsewhere(other));
  }

  #put(id: string, login: HeldLogin): void {
    for (const token of tokensOf(this.#held.get(id))) {
      const ids = this.#byToken.get(token);
      ids?.delete(id);
      if (ids?.size === 0) this.#byToken.delete(token);
    }
    this.#held.set(id, login);
    for (const token of tokensOf(login)) this.#byToken.set(token, (this.#byToken.get(token) ?? new Set()).add(id));
  }
}

/** A session of another machine, as `machine/session`: the ids of sessions have no slash. */
const isRemote = (session: string): boolean => session.includes('/');

const tokensOf = (login: HeldLogin | undefined): readonly string[] =>
  login ? [...(login.refresh === undefined ? [] : [login.refresh]), ...login.spent] : [];
