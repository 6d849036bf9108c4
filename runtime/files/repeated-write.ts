import { inTurn } from '../../sdk/base/in-turn.ts';

/** A full disk may stay full for days, and a try costs little. */
const REPEAT_AFTER_MS = 60_000;

/**
 * A write that is repeated each minute while it fails, because the next change may be hours away. Changes before it
 * begins share it.
 */
export class RepeatedWrite {
  #timer: NodeJS.Timeout | undefined;
  /** Has not begun yet. */
  #next: Promise<void> | undefined;
  #last = Promise.resolve();
  #hasFailed = false;
  #isStopped = false;

  constructor(
    private readonly write: () => Promise<void>,
    /** Gets the first error of those in a row. */
    private readonly warn: (error: unknown) => void,
    /** Where it waits for its turn. */
    private readonly turn = inTurn(),
  ) {}

  /** Resolves after the write, also if that failed. */
  run(): Promise<void> {
    return (this.#last = this.#next ??= this.turn(() => this.#try()));
  }

  /** After a failure that `run` has not seen. */
  repeatLater(): void {
    if (!this.#isStopped) this.#timer ??= setTimeout(() => void this.run(), REPEAT_AFTER_MS).unref();
  }

  /** From now on nothing is repeated. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  /** The same. Resolves after the last write, which gets a last try if it failed. */
  async end(): Promise<void> {
    this.stop();
    await this.#last;
    await (this.#hasFailed ? this.run() : this.#last);
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #try(): Promise<void> {
    this.#next = undefined;
    this.#cancel();
    try {
      await this.write();
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.warn(error);
      this.#hasFailed = true;
      this.repeatLater();
    }
  }
}
