import TinyQueue from 'tinyqueue';

/** Something that happens at a time. */
export type Happening = { readonly at: number; readonly run: () => void; isCancelled: boolean };

type Entry = Happening & { readonly order: number };

/**
 * Runs what is due, in order of its time. Between two happenings, all promises that can settle have settled. Node
 * offers that to its own callbacks only; going through the event loop each time takes thirty times as long.
 */
const settle: () => void = (() => {
  const tick: unknown = Reflect.get(process, '_tickCallback');
  if (typeof tick !== 'function') throw new Error(`Node ${process.version} cannot settle promises on request.`);
  return () => void Reflect.apply(tick, process, []);
})();

/** The true time of a simulated world, in milliseconds since the epoch, which no clock in it shows exactly. */
export class Timeline {
  #now: number;
  #order = 0;
  readonly #queue = new TinyQueue<Entry>([], (one, other) => one.at - other.at || one.order - other.order);
  /** How much has happened. */
  count = 0;
  /** Called with what is thrown by something that happens. */
  onError: (error: unknown) => void = error => {
    throw error;
  };

  constructor(start: number) {
    this.#now = start;
  }

  get now(): number {
    return this.#now;
  }

  at(at: number, run: () => void): Happening {
    const entry = { at: Math.max(at, this.#now), run, isCancelled: false, order: (this.#order += 1) };
    this.#queue.push(entry);
    return entry;
  }

  after(ms: number, run: () => void): Happening {
    return this.at(this.#now + ms, run);
  }

  /** Runs until a time, or until `isOver` says so after something happened. */
  run(until: number, isOver: () => boolean): Promise<void> {
    // Promises settle on request only outside of the code that runs when one has settled.
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          this.#run(until, isOver);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #run(until: number, isOver: () => boolean): void {
    settle();
    for (;;) {
      const next = this.#queue.peek();
      if (next === undefined || next.at > until) break;
      this.#queue.pop();
      if (next.isCancelled) continue;
      this.#now = next.at;
      this.count += 1;
      try {
        next.run();
        settle();
      } catch (error) {
        this.onError(error);
      }
      if (isOver()) return;
    }
    this.#now = until;
  }
}
