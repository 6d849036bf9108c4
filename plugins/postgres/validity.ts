import { uptime } from 'node:os';
import { performance } from 'node:perf_hooks';

/**
 * A moment by three clocks: the wall clock, which may be set, the one that may stand while the machine sleeps, and the
 * time since the machine started, which some systems derive from the wall clock.
 */
export type Moment = { readonly wall: number; readonly running: number; readonly up: number };

/** The time between two moments by the clock that shows most: the others were set back or have stood. */
export const passed = (from: Moment, to: Moment): number =>
  Math.max(to.wall - from.wall, to.running - from.running, to.up - from.up);

const momentNow = (): Moment => ({ wall: Date.now(), running: performance.now(), up: uptime() * 1_000 });

/** How long the leases of this machine hold, by its own clocks, without asking the database. */
export class Validity {
  #since: Moment | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lost = new AbortController();

  readonly leaseMs: number;
  readonly now: () => Moment;

  constructor(leaseMs: number, now: () => Moment = momentNow) {
    this.leaseMs = leaseMs;
    this.now = now;
  }

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
    return this.#since !== undefined && passed(this.#since, this.now()) < this.leaseMs;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#since = undefined;
    this.#lost.abort();
  }
}
