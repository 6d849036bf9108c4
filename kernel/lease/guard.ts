import { once } from 'node:events';
import { Lifecycle, scoped } from 'tsyringe';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import type { HeldLogin, Instant } from '../../sdk/contract/session.ts';
import type { Answer, Holding, Lease, Right, SessionOfMachine } from '../../sdk/plugin/fleet.ts';
import { deferredTo, deferredToFleet, deferredToFormer, deferredToMachine } from '../../lifecycle/deferred.ts';
import type { AttemptResult } from '../../lifecycle/event.ts';
import { placesHere, storePlace, type Places } from './store-place.ts';

/** Opens the lease of the fleet, and the identity of this installation. */
export type Opened = { readonly lease: Lease; readonly instance: string; readonly machine: string };

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
const RETRY_HELD_MS = 30_000;

/** Asks the fleet before a refresh token is spent. Without a fleet, it allows everything and does nothing. */
@scoped(Lifecycle.ContainerScoped)
export class FleetGuard {
  #open: (() => Promise<Opened | undefined>) | undefined;
  #opened: Opened | undefined;
  #places: Places | undefined;
  readonly #held = new Map<string, string>();
  /** Of attempts under way. Each is aborted when its right is settled. */
  readonly #rights = new Set<AbortSignal>();
  #machine: string | undefined;

  /** `open` connects to the fleet when the first attempt needs it. */
  use(open: (() => Promise<Opened | undefined>) | undefined): void {
    this.#open = open;
    this.#opened = undefined;
    this.#held.clear();
  }

  /** Resolves when no attempt holds a right that was given until now. */
  async settled(): Promise<void> {
    await Promise.all([...this.#rights].map(right => once(right, 'abort')));
  }

  /** From now on, what sessions hold is shown to the fleet. */
  follow(opened: Opened): void {
    this.#opened = opened;
    this.#places = placesHere(opened.instance);
    this.#held.clear();
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

  async acquire(asked: Asked): Promise<Permit> {
    const { id, login, sharedWith, now } = asked;
    if (!this.#open || !login?.refresh || login.observes) return {};
    // A session that asks is kept, also if it was shown as halted before.
    this.#held.delete(id);
    const answer = await this.#ask(id, login, this.#open);
    if (!answer) return {};
    if (answer.status === 'granted') return { right: this.#counted(answer.right) };
    if (answer.status === 'unreachable') {
      const other = (answer.other && nameOf(answer.other)) ?? sharedWith;
      if (other !== undefined) return { refused: deferredToFleet(other, answer.reason, now) };
      if (login.storeWith === undefined) return {};
      return { refused: renewedElsewhere(asked) ?? deferredToFleet(login.storeWith, answer.reason, now) };
    }
    const { other, spent, isSameStore } = answer.share;
    const holder = nameOf(other);
    if (spent && holder === `${this.#machine}/${id}`) return { refused: deferredToFormer(id, now) };
    if (isSameStore) return { refused: renewedElsewhere(asked) ?? deferredToMachine(holder, now) };
    const deferred = deferredTo({ holder, spent }, id, now);
    // Until it is known here who keeps the login, or again if the holder has ended, nothing else ends the wait.
    return { refused: spent ? deferred : { ...deferred, retryAt: now + RETRY_HELD_MS } };
  }

  /** A fleet that cannot be opened, as with an option that is not valid, is one that is not reached. */
  async #ask(id: string, login: HeldLogin, open: () => Promise<Opened | undefined>): Promise<Answer | undefined> {
    try {
      const opened = await open();
      this.#places ??= opened && placesHere(opened.instance);
      this.#machine = opened?.machine;
      const holding = this.#holdingOf(id, login, true);
      return opened && holding && (await opened.lease.acquire(holding));
    } catch {
      return { status: 'unreachable', reason: 'its plugin could not be started' };
    }
  }

  /** The right, until it is settled. */
  #counted(right: Right): Right {
    const ended = new AbortController();
    this.#rights.add(ended.signal);
    const settle = async (after: string | undefined) => {
      try {
        return await right.settle(after);
      } finally {
        this.#rights.delete(ended.signal);
        ended.abort();
      }
    };
    return { ...right, settle };
  }

  #holdingOf(session: string, login: HeldLogin | undefined, isKept: boolean): Holding | undefined {
    if (!this.#places || login?.refresh === undefined || login.observes) return undefined;
    const store = storePlace(login.store ?? session, this.#places);
    return { session, login: login.refresh, store, isKept, spent: login.spent.slice(0, MAX_SPENT) };
  }
}

/** The credential in the store lasts long enough: another machine that uses the store has renewed it. */
function renewedElsewhere({ seen, goodUntil }: Asked): AttemptResult | undefined {
  const expiresAt = seen?.expiresAt?.getTime();
  const isGood = expiresAt !== undefined && expiresAt > goodUntil;
  return isGood ? { outcome: 'fresh', expiresAt, askedNobody: true } : undefined;
}

/** A session of another machine, in notices and hints. */
export const nameOf = ({ machine, session }: SessionOfMachine): string => `${machine}/${session}`;
