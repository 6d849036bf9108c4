import type { Reporter, TestCase } from 'vitest/node';

const SLOW_MS = 5 * 60_000;

/** Names tests that take long while they run, so that the output of a run that was stopped shows which test hung. */
export default class SlowTests implements Reporter {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  onTestCaseReady({ id, module, fullName }: TestCase): void {
    const say = () => process.stdout.write(` still running: ${module.relativeModuleId} > ${fullName}\n`);
    this.#timers.set(id, setInterval(say, SLOW_MS).unref());
  }

  onTestCaseResult({ id }: TestCase): void {
    clearInterval(this.#timers.get(id));
    this.#timers.delete(id);
  }
}
