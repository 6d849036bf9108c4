import type { Program } from '../world/program.ts';
import type { Happening } from '../world/timeline.ts';

type Task = (...given: unknown[]) => void;

/** A timer as `setTimeout` returns it. It keeps no program alive: a simulated one ends only when it is ended. */
class Timer {
  happening: Happening | undefined;

  unref = (): this => this;
  ref = (): this => this;
  hasRef = (): boolean => true;
  close = (): this => {
    this.clear();
    return this;
  };

  clear(): void {
    if (this.happening) this.happening.isCancelled = true;
  }
}

/** The timers of a program, on the monotonic clock of its machine. */
export function timersOf(program: Program) {
  const setTimeout = (task: Task, ms = 1, ...given: unknown[]): Timer => {
    const timer = new Timer();
    timer.happening = program.after(Math.max(1, Number(ms) || 1), () => task(...given));
    return timer;
  };
  const setInterval = (task: Task, ms = 1, ...given: unknown[]): Timer => {
    const timer = new Timer();
    const next = (): void => {
      timer.happening = program.after(Math.max(1, ms), () => {
        next();
        task(...given);
      });
    };
    next();
    return timer;
  };
  const setImmediate = (task: Task, ...given: unknown[]): Timer => {
    const timer = new Timer();
    timer.happening = program.after(0, () => task(...given));
    return timer;
  };
  const clear = (timer: unknown): void => {
    if (timer instanceof Timer) timer.clear();
  };
  return { setTimeout, setInterval, setImmediate, clearTimeout: clear, clearInterval: clear, clearImmediate: clear };
}

/** `node:timers/promises`. */
export function timerPromises({ setTimeout, setImmediate }: ReturnType<typeof timersOf>) {
  return {
    setTimeout: (ms?: number, value?: unknown, options?: { readonly signal?: AbortSignal }) =>
      new Promise((resolve, reject) => {
        const { signal } = options ?? {};
        if (signal?.aborted) return void reject(aborted(signal));
        const timer = setTimeout(() => resolve(value), ms);
        signal?.addEventListener('abort', () => {
          timer.clear();
          reject(aborted(signal));
        });
      }),
    setImmediate: (value?: unknown) => new Promise(resolve => void setImmediate(() => resolve(value))),
  };
}

const aborted = (signal: AbortSignal): Error =>
  Object.assign(new Error('The operation was aborted', { cause: signal.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  });

/** `Date`, whose clock is the wall clock of the machine. */
export function dateOf(program: Program): DateConstructor {
  const { machine } = program;
  class SimulatedDate extends Date {
    constructor(...given: readonly []) {
      if (given.length === 0) super(Math.floor(machine.now()));
      else super(...given);
    }

    static override now(): number {
      return Math.floor(machine.now());
    }
  }
  return SimulatedDate as unknown as DateConstructor;
}
