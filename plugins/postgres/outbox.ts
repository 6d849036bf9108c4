import { isDeepStrictEqual } from 'node:util';
import type { Attempt, Notice, Session } from '../../sdk/contract/session.ts';
import type { Holding } from '../../sdk/plugin/fleet.ts';

/** More attempts than these are not kept while the database is away: the newest are. */
const MAX_ATTEMPTS = 1_000;

/** What is put, and what is gone. */
export type Change<T> = { readonly put: readonly T[]; readonly gone: readonly string[] };

export type Changes = {
  readonly sessions: Change<Session>;
  readonly notices: Change<Notice>;
  readonly holdings: Change<Holding>;
  readonly attempts: readonly Attempt[];
  /** Whether it is everything, so that what is not in it is gone. */
  readonly isAll: boolean;
};

/** Things of one kind by id, and which of them have changed since they were last sent. */
class Shown<T> {
  readonly #all = new Map<string, T>();
  readonly #changed = new Set<string>();

  put(id: string, value: T | undefined): void {
    if (isDeepStrictEqual(value, this.#all.get(id))) return;
    if (value === undefined) this.#all.delete(id);
    else this.#all.set(id, value);
    this.#changed.add(id);
  }

  /** What is known there already is not sent. */
  settle(id: string, isKnown: (value: T) => boolean): void {
    const value = this.#all.get(id);
    if (value !== undefined && isKnown(value)) this.#changed.delete(id);
  }

  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  take(isAll: boolean): Change<T> {
    const ids = isAll ? [...this.#all.keys()] : [...this.#changed];
    const gone = [...this.#changed].filter(id => !this.#all.has(id));
    this.#changed.clear();
    return { put: ids.flatMap(id => this.#all.get(id) ?? []), gone };
  }

  /** What could not be sent is sent again, as it is then. */
  restore(ids: Iterable<string>): void {
    for (const id of ids) this.#changed.add(id);
  }
}

/** Everything that this machine shows, and which of it is not sent yet. */
export class Outbox {
  readonly sessions = new Shown<Session>();
  readonly notices = new Shown<Notice>();
  readonly holdings = new Shown<Holding>();
  #attempts: readonly Attempt[] = [];
  #isAll = true;

  record(attempt: Attempt): void {
    this.#attempts = [...this.#attempts, attempt].slice(-MAX_ATTEMPTS);
  }

  /** Everything is sent again: the database may have forgotten it. */
  repeat(): void {
    this.#isAll = true;
  }

  get isEmpty(): boolean {
    const shown = [this.sessions, this.notices, this.holdings];
    return !this.#isAll && this.#attempts.length === 0 && !shown.some(({ hasChanged }) => hasChanged);
  }

  /** Takes what is to be sent. `restore` puts it back after a failure. */
  take(): { readonly changes: Changes; readonly restore: () => void } {
    const isAll = this.#isAll;
    const [sessions, notices] = [this.sessions.take(isAll), this.notices.take(isAll)];
    const changes = { sessions, notices, holdings: this.holdings.take(isAll), attempts: this.#attempts, isAll };
    this.#attempts = [];
    this.#isAll = false;
    const restore = () => {
      this.#isAll ||= isAll;
      this.#attempts = [...changes.attempts, ...this.#attempts].slice(-MAX_ATTEMPTS);
      this.sessions.restore([...sessions.put.map(({ id }) => id), ...sessions.gone]);
      this.notices.restore([...notices.put.map(({ id }) => id), ...notices.gone]);
      this.holdings.restore([...changes.holdings.put.map(({ session }) => session), ...changes.holdings.gone]);
    };
    return { changes, restore };
  }
}
