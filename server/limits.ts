/** The largest frame of a WebSocket, and the largest body of a request. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

const PER_SECOND = 10;
/** A client with an old token tries it a few times, not a hundred times. */
const BURST = 100;
const REPORT_EVERY_MS = 60_000;

/** Counts wrong tokens and reports when there are too many: someone may be guessing. */
export class AuthThrottle {
  #left = BURST;
  #countedAt: number;
  #refused = 0;
  #reportedAt = -Infinity;

  /** `report` gets the number of wrong tokens that were too many, at most once a minute. */
  constructor(
    private readonly report: (refused: number) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#countedAt = now();
  }

  /** Counts a wrong token. Returns whether there were too many. */
  add(): boolean {
    const now = this.now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#countedAt) / 1_000) * PER_SECOND);
    this.#countedAt = now;
    if (this.#left >= 1) {
      this.#left -= 1;
      return false;
    }
    this.#refused += 1;
    if (now - this.#reportedAt >= REPORT_EVERY_MS) {
      this.#reportedAt = now;
      this.report(this.#refused);
    }
    return true;
  }
}
