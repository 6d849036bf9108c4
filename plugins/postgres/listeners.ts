import type { Cleanup } from '../../sdk/base/cleanup.ts';

/** Functions that are called with each event. */
export class Listeners<T> {
  readonly #all = new Set<(event: T) => void>();

  add(listener: (event: T) => void): Cleanup {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  emit(event: T): void {
    for (const listener of this.#all) listener(event);
  }
}
