import { Lifecycle, scoped } from 'tsyringe';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import type { HeldLogin, Instant } from '../../sdk/contract/session.ts';
import type { Holding, Lease, Right, Share } from '../../sdk/plugin/fleet.ts';
import { deferredTo, deferredToFleet, deferredToMachine } from '../../lifecycle/deferred.ts';
import type { AttemptResult } from '../../lifecycle/event.ts';
import { placesHere, storePlace, type Places } from './store-place.ts';

/** Opens the lease of the fleet, and the identity of this installation. */
export type Opened = { readonly lease: Lease; readonly instance: string };

/** May the attempt spend the login? Neither member: there is no fleet, or it is not reached and not needed. */
export type Permit = { readonly right?: Right; readonly refused?: AttemptResult };

type Asked = {
  readonly id: string;
  readonly login: HeldLogin | undefined;
  /** The session of another machine that is known to hold the same login. */
  readonly sharedWith: string | undefined;
  readonly seen: Inspection | undefined;
  /** A credential that lasts until then needs no renewal. */
  readonly goodUntil: Instant;
  readonly now: Instant;
};

const MAX_SPENT = 5;

/** Asks the fleet before a refresh token is spent. Without a fleet, it allows everything and does nothing. */
@scoped(Lifecycle.ContainerScoped)
export class FleetGuard {
  #open: (() => Promise<Opened | undefined>) | undefined;
  #opened: Opened | undefined;
  #places: Places | undefined;
  readonly #held = new Map<string, string>();
  /** Sessions whose store another machine sees as well. */
  #sameStore: ReadonlyMap<string, string> = new Map();

  /** `open` connects to the fleet when the first attempt needs it. */
  use(open: (() => Promise<Opened | undefined>) | undefined): void {
    this.#open = open;
    this.#opened = undefined;
    this.#held.clear();
    this.#sameStore = new Map();
  }

  /** From now on, what sessions hold is shown to the fleet. */
  follow(opened: Opened): void {
    this.#opened = opened;
    this.#places = placesHere(opened.instance);
    this.#held.clear();
  }

  noteShares(shares: readonly Share[]): void {
    const same = shares.filter(({ isSameStore }) => isSameStore);
    this.#sameStore = new Map(same.map(({ session, other }) => [session, nameOf(other)]));
  }

  /** Shows the fleet what a session holds. */
  hold(id: string, login: HeldLogin | undefined, isKept: boolean): void {
    if (!this.#opened) return;
    const holding = this.#holdingOf(id, login, isKept);
    const text = JSON.stringify(holding) ?? '';
    if (this.#held.get(id) === text || (!holding && !this.#held.has(id))) return;
    this.#held.set(id, text);
    this.#opened.lease.hold(id, holding);
  }

  async acquire({ id, login, sharedWith, seen, goodUntil, now }: Asked): Promise<Permit> {
    if (!this.#open || !login?.refresh || login.observes) return {};
    const opened = await this.#open();
    this.#places ??= opened && placesHere(opened.instance);
    const holding = this.#holdingOf(id, login, true);
    if (!opened || !holding) return {};
    const answer = await opened.lease.acquire(holding);
    if (answer.status === 'granted') return { right: answer.right };
    if (answer.status === 'unreachable') {
      const other = sharedWith ?? this.#sameStore.get(id);
      return other === undefined ? {} : { refused: deferredToFleet(other, answer.reason, now) };
    }
    const { other, spent, isSameStore } = answer.share;
    if (!isSameStore) return { refused: deferredTo({ holder: nameOf(other), spent }, id, now) };
    const expiresAt = seen?.expiresAt?.getTime();
    const isGood = expiresAt !== undefined && expiresAt > goodUntil;
    return {
      refused: isGood ? { outcome: 'fresh', expiresAt, askedNobody: true } : deferredToMachine(nameOf(other), now),
    };
  }

  #holdingOf(session: string, login: HeldLogin | undefined, isKept: boolean): Holding | undefined {
    if (!this.#places || login?.refresh === undefined || login.observes) return undefined;
    const store = storePlace(login.store ?? session, this.#places);
    return { session, login: login.refresh, store, isKept, spent: login.spent.slice(0, MAX_SPENT) };
  }
}

/** A session of another machine, in notices and hints. */
export const nameOf = ({ machine, session }: Share['other']): string => `${machine}/${session}`;
