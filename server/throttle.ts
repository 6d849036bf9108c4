const PER_SECOND = 10;
/** A client that read an old key tries it a few times; nobody tries a hundred. */
const BURST = 100;
const TELL_EVERY_MS = 60_000;

/** Counts wrong tokens, and tells where there are so many that somebody must be guessing. */
export class Guesses {
  #left = BURST;
  #countedAt: number;
  #refused = 0;
  #toldAt = -Infinity;

  constructor(
    private readonly tell: (refused: number) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#countedAt = now();
  }

  /** Takes note of one, and says whether it is one too many. */
  add(): boolean {
    const now = this.now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#countedAt) / 1_000) * PER_SECOND);
    this.#countedAt = now;
    if (this.#left >= 1) {
      this.#left -= 1;
      return false;
    }
    this.#refused += 1;
    if (now - this.#toldAt >= TELL_EVERY_MS) {
      this.#toldAt = now;
      this.tell(this.#refused);
    }
    return true;
  }
}
