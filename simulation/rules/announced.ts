/** The attempts that clients have seen, by session and start. */
export class Announced {
  /** Whether each must outlive a crash, in the order in which they were announced. */
  readonly #attempts = new Map<string, Map<number, boolean>>();

  add(id: string, startedAt: number, isKept: boolean): void {
    this.#attempts.set(id, (this.#attempts.get(id) ?? new Map()).set(startedAt, isKept));
  }

  /** Those of a session that must outlive a crash. */
  keptOf(id: string): readonly number[] {
    return [...(this.#attempts.get(id) ?? [])].flatMap(([at, isKept]) => (isKept ? at : []));
  }

  /** From now on, all must. */
  expectAll(): void {
    for (const attempts of this.#attempts.values()) for (const at of attempts.keys()) attempts.set(at, true);
  }

  /** The daemon has ended, and with it what the disk had refused. */
  forgetMemory(): void {
    for (const attempts of this.#attempts.values())
      for (const [at, isKept] of attempts) if (!isKept) attempts.delete(at);
  }

  /** Keeps the last ones of a session. */
  trim(id: string, count: number): void {
    this.#attempts.set(id, new Map([...(this.#attempts.get(id) ?? [])].slice(-count)));
  }
}
