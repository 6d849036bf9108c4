import { availableParallelism } from 'node:os';

/** A few processes start at once: more would compete for the processor until all of them reach their time limit. */
const AT_ONCE = Math.max(2, availableParallelism());

/** How long a process may keep others waiting, in milliseconds: a plugin may load slowly, or never return. */
const PATIENCE_MS = 3_000;

/** Limits how many plugin processes start at the same time. */
export class StartTurns {
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(
    private readonly atOnce: number = AT_ONCE,
    private readonly patienceMs: number = PATIENCE_MS,
  ) {}

  /** Resolves when the caller may start a process, with a function that ends its turn. It also ends by itself. */
  async take(): Promise<() => void> {
    if (this.#taken < this.atOnce) this.#taken += 1;
    else await new Promise<void>(resolve => this.#waiting.push(resolve));
    let hasEnded = false;
    const end = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      clearTimeout(limit);
      this.#pass();
    };
    const limit = setTimeout(end, this.patienceMs).unref();
    return end;
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken -= 1;
  }
}
