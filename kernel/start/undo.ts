import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { withTimeout } from '../../sdk/base/timeout.ts';

const LIMIT_MS = 5_000;
/** Attempts under way when the kernel stops may take this long to save what they renewed. */
export const SESSIONS_STOP_MS = 35_000;

type Step = { readonly label: string; cleanup: Cleanup; readonly limitMs: number; isDone: boolean };

/** Runs cleanups in reverse order, each under a time limit. A cleanup that fails does not skip others. */
export class Undo {
  readonly #steps: Step[] = [];
  #report: (label: string, error: unknown) => void = () => undefined;

  onFailure(report: (label: string, error: unknown) => void): void {
    this.#report = report;
  }

  /** Adds a cleanup. `now` runs it early. */
  push(label: string, cleanup: Cleanup, limitMs: number = LIMIT_MS): { readonly now: () => Promise<void> } {
    const step = { label, cleanup, limitMs, isDone: false };
    this.#steps.push(step);
    return { now: () => this.#run(step) };
  }

  /** Reserves a place in the order. The returned function sets its cleanup later. */
  reserve(label: string): (cleanup: Cleanup) => void {
    const step: Step = { label, cleanup: () => undefined, limitMs: LIMIT_MS, isDone: false };
    this.#steps.push(step);
    return cleanup => {
      step.cleanup = cleanup;
    };
  }

  async all(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) await this.#run(step);
  }

  async #run(step: Step): Promise<void> {
    if (step.isDone) return;
    step.isDone = true;
    const { label, limitMs } = step;
    await withTimeout(step.cleanup, { ms: limitMs, what: `releasing: ${label}` }).catch((error: unknown) =>
      this.#report(label, error),
    );
  }
}
