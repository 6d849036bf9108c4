import type { Notice } from '../../sdk/contract/session.ts';

const NONE: readonly Notice[] = [];

/** The notices that are raised, by id and by session: each change of a session looks at its own. */
export class ActiveNotices {
  readonly #byId = new Map<string, Notice>();
  readonly #bySession = new Map<string, readonly Notice[]>();

  /** In the order in which they were raised. */
  all(): readonly Notice[] {
    return [...this.#byId.values()];
  }

  of(session: string): readonly Notice[] {
    return this.#bySession.get(session) ?? NONE;
  }

  get(id: string): Notice | undefined {
    return this.#byId.get(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Adds a notice, or replaces the one with its id. */
  put(notice: Notice): void {
    this.#byId.set(notice.id, notice);
    this.#bySession.set(notice.session, [...this.#others(notice), notice]);
  }

  delete(notice: Notice): void {
    this.#byId.delete(notice.id);
    const others = this.#others(notice);
    if (others.length > 0) this.#bySession.set(notice.session, others);
    else this.#bySession.delete(notice.session);
  }

  #others({ id, session }: Notice): readonly Notice[] {
    return this.of(session).filter(other => other.id !== id);
  }
}
