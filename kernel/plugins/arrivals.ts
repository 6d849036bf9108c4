import { EventEmitter, once } from 'node:events';
import type { Result, Slot } from './slot.ts';

export type Arrived = readonly [Slot, Result];

/** Plugins that arrive in the same turn are taken into use together, because that looks at all plugins. */
export class Arrivals {
  #waiting: Arrived[] = [];
  readonly #events = new EventEmitter().setMaxListeners(0);

  constructor(private readonly use: (arrived: readonly Arrived[]) => void) {}

  add(slot: Slot, result: Result): void {
    if (this.#waiting.push([slot, result]) === 1) setImmediate(() => this.#useAll());
  }

  /** Resolves when more plugins have loaded or failed. */
  next(): Promise<unknown> {
    return once(this.#events, 'used');
  }

  #useAll(): void {
    this.use(this.#waiting.splice(0));
    this.#events.emit('used');
  }
}
