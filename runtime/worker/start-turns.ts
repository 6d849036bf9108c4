import { availableParallelism } from 'node:os';

/** A few processes start at once: more would compete for the processor until all of them reach their time limit. */
const AT_ONCE = Math.min(Math.max(2, availableParallelism()), 8);

/** How long the code of a plugin may keep others waiting, in milliseconds: it may be slow, or never return. */
const PATIENCE_MS = 3_000;

/** The turn of one process that starts. */
export type Turn = {
  /** The code of the plugin begins to run. The turn ends soon, whether or not that code returns. */
  readonly began: () => void;
  /** The plugin has loaded, or failed. */
  readonly end: () => void;
};

/** Limits how many plugin processes start at the same time. */
export class StartTurns {
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(
    private readonly atOnce: number = AT_ONCE,
    private readonly patienceMs: number = PATIENCE_MS,
  ) {}

  /** Resolves when the caller may start a process. Ending its turn lets the next one start. */
  async take(): Promise<Turn> {
    if (this.#taken < this.atOnce) this.#taken += 1;
    else await new Promise<void>(resolve => this.#waiting.push(resolve));
    let hasEnded = false;
    let limit: NodeJS.Timeout | undefined;
    const end = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      clearTimeout(limit);
      this.#pass();
    };
    const began = (): void => {
      if (!hasEnded) limit ??= setTimeout(end, this.patienceMs).unref();
    };
    return { began, end };
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken -= 1;
  }
}
