import { setTimeout as sleep } from 'node:timers/promises';

/** A start or reload waits this long for each next plugin, then continues without those that are still loading. */
const PATIENCE_MS = { min: 5_000, max: 12_000 };
/** On a busy machine, the limit is this many times the kernel's own start time. */
const PATIENCE_PER_START = 10;

/** Plugins that load independently of each other. */
export type Loading = {
  readonly isLoading: boolean;
  /** Resolves when one more has loaded or failed. */
  nextDone(): Promise<unknown>;
};

/** Waits for plugins to load. */
export class Patience {
  #limitMs: number | undefined;

  constructor(private readonly loading: Loading) {}

  /** Resolves when no plugin is loading. */
  async settled(): Promise<void> {
    while (this.loading.isLoading) await this.loading.nextDone();
  }

  /** The same, but gives up on slow plugins. */
  async readied(): Promise<void> {
    this.#limitMs ??= Math.min(Math.max(PATIENCE_MS.min, PATIENCE_PER_START * performance.now()), PATIENCE_MS.max);
    while (this.loading.isLoading) {
      const done = new AbortController();
      const limit = sleep(this.#limitMs, 'late', { ref: false, signal: done.signal }).catch(() => 'done');
      if ((await Promise.race([this.loading.nextDone(), limit])) === 'late') return;
      done.abort();
    }
  }
}
