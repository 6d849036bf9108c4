import { passed, type Moment } from './validity.ts';

/**
 * Whether the clock of the database runs as the one of this machine does. If it was set, or another server with another
 * clock has taken over, every machine may seem to have ended until its next heartbeat.
 */
export class DatabaseClock {
  #seen: { readonly at: number; readonly moment: Moment } | undefined;
  #distrusted: Moment | undefined;

  readonly #leaseMs: number;
  readonly #now: () => Moment;

  constructor(leaseMs: number, now: () => Moment) {
    this.#leaseMs = leaseMs;
    this.#now = now;
  }

  /** The database has just shown this time. */
  note(at: number): void {
    const expected = this.#running();
    if (expected !== undefined && Math.abs(at - expected) > this.#leaseMs / 3) this.#distrusted = this.#now();
    this.#seen = { at, moment: this.#now() };
  }

  /** What the database must show for a lease to end by its clock; `null` if any time will do, 0 if none will. */
  get expected(): number | null {
    if (this.#distrusted && passed(this.#distrusted, this.#now()) < this.#leaseMs) return 0;
    return this.#running() ?? null;
  }

  #running(): number | undefined {
    return this.#seen && this.#seen.at + passed(this.#seen.moment, this.#now());
  }
}
