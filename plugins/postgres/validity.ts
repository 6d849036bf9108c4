import { performance } from 'node:perf_hooks';

/** A moment by both clocks: the wall clock, which may be set, and the one that may stand while the machine sleeps. */
export type Moment = { readonly wall: number; readonly running: number };

/** How long the leases of this machine hold, by its own clocks, without asking the database. */
export class Validity {
  #since: Moment | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lost = new AbortController();

  constructor(
    readonly leaseMs: number,
    readonly now: () => Moment = () => ({ wall: Date.now(), running: performance.now() }),
  ) {}

  /** A heartbeat that was sent then has arrived. */
  extend(sentAt: Moment): void {
    // While the process slept, no timer rang, and another machine may have taken the leases.
    if (this.#since && !this.isValid()) this.end();
    this.#since = sentAt;
    if (this.#lost.signal.aborted) this.#lost = new AbortController();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.isValid() || this.end(), this.leaseMs);
    this.#timer.unref();
  }

  /** Aborted when the leases have ended. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  isValid(): boolean {
    if (!this.#since) return false;
    const now = this.now();
    const passed = Math.max(now.wall - this.#since.wall, now.running - this.#since.running);
    return passed < this.leaseMs;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#since = undefined;
    this.#lost.abort();
  }
}
