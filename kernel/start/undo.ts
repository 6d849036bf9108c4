import type { Cleanup } from '../../sdk/base/cleanup.ts';

const LIMIT_MS = 5_000;

type Step = { readonly label: string; readonly cleanup: Cleanup; readonly limitMs: number; done: boolean };

/** What was acquired, released in reverse order: each once, each under a time limit, one that fails never skipping the others. */
export class Undo {
  readonly #steps: Step[] = [];
  #tell: (label: string, error: unknown) => void = () => undefined;

  onTrouble(tell: (label: string, error: unknown) => void): void {
    this.#tell = tell;
  }

  /** `now` releases it before its turn. */
  push(label: string, cleanup: Cleanup, limitMs: number = LIMIT_MS): { readonly now: () => Promise<void> } {
    const step = { label, cleanup, limitMs, done: false };
    this.#steps.push(step);
    return { now: () => this.#run(step) };
  }

  async all(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) await this.#run(step);
  }

  async #run(step: Step): Promise<void> {
    if (step.done) return;
    step.done = true;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`not released within ${step.limitMs} ms`)), step.limitMs);
    });
    try {
      await Promise.race([(async () => step.cleanup())(), limit]);
    } catch (error) {
      this.#tell(step.label, error);
    } finally {
      clearTimeout(timer);
    }
  }
}
