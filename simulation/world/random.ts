/** A reproducible source of chance. Every decision of a simulation comes from one, so that a seed repeats it. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not begin alike.
    this.#state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  }

  /** From 0 to 1, without 1 (mulberry32). */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  /** A source that does not change this one any more, so that a change in one part leaves the others as they were. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }

  /** From `low` to `high`, without `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number from 0 to `below`, without `below`. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  /** Waiting times between events of which `perDay` happen in a day, in milliseconds. */
  wait(perDay: number): number {
    return (-Math.log(1 - this.next()) / perDay) * 86_400_000;
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    // More than this reserves space, and its content does not matter.
    const drawn = Math.min(count, 256);
    for (let at = 0; at < drawn; at += 1) bytes[at] = this.next() * 256;
    for (let at = drawn; at < count; at += drawn) bytes.copy(bytes, at, 0, Math.min(drawn, count - at));
    return bytes;
  }
}
