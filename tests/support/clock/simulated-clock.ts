import type { Clocks } from '../../../kernel/scheduler/clocks.ts';
import type { Duration } from '../../../sdk/contract/duration.ts';
import { toMs } from '../../../sdk/contract/duration.ts';
import type { Cleanup } from '../../../sdk/base/cleanup.ts';
import { onTestFinished } from '../running-test.ts';

type Timer = { readonly due: number; readonly task: () => void };

const drainMicrotasks = (): Promise<void> =>
  new Promise(resolve => {
    setImmediate(resolve);
  });

/** Simulated time: a wall clock that can be set, a monotonic clock, and timers that follow the monotonic clock. */
export class SimulatedClock implements Clocks {
  #wall: number;
  #elapsed = 0;
  #busy = false;
  readonly #timers: Timer[] = [];

  constructor(start = Date.UTC(2026, 0, 5, 12)) {
    this.#wall = start;
  }

  readonly now = (): number => this.#wall;
  network = '192.0.2.1';
  readonly addresses = (): string => this.network;
  readonly monotonic = (): number => this.#elapsed;
  readonly setTimer = (task: () => void, ms: number): Cleanup => {
    const timer = { due: this.#elapsed + Math.max(0, ms), task };
    const after = this.#timers.findIndex(({ due }) => due > timer.due);
    this.#timers.splice(after < 0 ? this.#timers.length : after, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  };

  /** Only the wall clock moves: the machine slept, or the user set the clock. */
  jump(by: Duration, direction: 1 | -1 = 1): void {
    this.#wall += direction * toMs(by);
  }

  /** The machine slept, but the monotonic clock continued, so timers are late. */
  oversleep(duration: Duration): void {
    this.#pass(toMs(duration));
  }

  /** Time stands still until pending microtasks have run. */
  touch(): void {
    this.#busy = true;
  }

  /** Time stands still until the work is done, even over many turns of the event loop. */
  async hold<T>(work: Promise<T>): Promise<T> {
    let held = true;
    const turn = (): void => {
      if (!held) return;
      this.touch();
      setImmediate(turn);
    };
    turn();
    try {
      return await work;
    } finally {
      held = false;
    }
  }

  async run(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    this.#busy = true;
    for (;;) {
      while (this.#busy) {
        this.#busy = false;
        await drainMicrotasks();
      }
      const next = this.#timers[0];
      if (!next || next.due > end) break;
      this.#timers.shift();
      this.#pass(Math.max(0, next.due - this.#elapsed));
      next.task();
    }
    this.#pass(Math.max(0, end - this.#elapsed));
  }

  #pass(ms: number): void {
    this.#wall += ms;
    this.#elapsed += ms;
  }

  /** Replaces `Date.now`, `setTimeout` and `Math.random` until the test ends. */
  rule(random: () => number): void {
    takeOver();
    Date.now = this.now;
    Math.random = random;
    const handles = new Map<unknown, Cleanup>();
    Reflect.set(globalThis, 'setTimeout', (task: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => {
      const handle = {};
      handles.set(
        handle,
        this.setTimer(() => {
          this.touch();
          handles.delete(handle);
          task(...given);
        }, ms),
      );
      return handle;
    });
    Reflect.set(globalThis, 'clearTimeout', (handle: unknown) => {
      void handles.get(handle)?.();
      handles.delete(handle);
    });
  }
}

let ruled = false;

function takeOver(): void {
  if (ruled) return;
  ruled = true;
  const { now } = Date;
  const { random } = Math;
  const { setTimeout, clearTimeout } = globalThis;
  onTestFinished(() => {
    ruled = false;
    Date.now = now;
    Math.random = random;
    Object.assign(globalThis, { setTimeout, clearTimeout });
  });
}

/** A reproducible sequence of random numbers from 0 to 1. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
