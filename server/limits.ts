import type { Socket } from 'node:net';

// Limits for clients that have not authenticated. Any program on this machine can connect.

/** Above the listen backlog (511), so authenticated clients aren't evicted by a flood. */
const MAX_PENDING = 512;
/** A connection has this long to send its request and get the answer, or to authenticate. */
const PENDING_LIMIT_MS = 3_000;

/** Connections that have not authenticated. Each is closed after a few seconds, and the oldest above the maximum. */
export class PendingConnections {
  readonly #limits = new Map<Socket, NodeJS.Timeout>();

  add(socket: Socket): void {
    this.#limits.set(
      socket,
      setTimeout(() => socket.destroy(), PENDING_LIMIT_MS),
    );
    socket.once('close', () => this.delete(socket));
    const [oldest] = this.#limits.keys();
    if (this.#limits.size > MAX_PENDING) oldest?.destroy();
  }

  /** The connection has authenticated or is closed. */
  delete(socket: Socket): void {
    clearTimeout(this.#limits.get(socket));
    this.#limits.delete(socket);
  }
}

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
