import type { InjectionToken } from 'tsyringe';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import { AlarmQueue } from './alarm-queue.ts';
import { SYSTEM_CLOCKS, type Clocks } from './clocks.ts';

/** Runs tasks at times of the wall clock, with one queue and one timer. */
export interface Scheduler {
  at(at: Instant, task: () => void): Cleanup;
  /**
   * Called when the wall clock was set or the machine slept, with the difference in milliseconds. It comes before the
   * alarms that became due by it.
   */
  onJump(listener: (by: number) => void): void;
  /** Called within 15 seconds after the machine's addresses change, while any alarm is set. */
  onNetworkChange(listener: () => void): void;
  stop(): void;
}
export const Scheduler = Symbol('Scheduler') as InjectionToken<Scheduler>;

/**
 * A suspended machine stops the timer. A timer this short runs within seconds after the machine wakes up: the first
 * attempt must begin within 5, and sessions wait for the network first. Nothing else wakes an idle daemon, so it wakes
 * up about 14 times a minute.
 */
const MAX_SLEEP_MS = 4_400;
/** Reading the addresses leaves garbage, and collecting it wakes up several threads. */
const NETWORK_EVERY_MS = 10_000;
/** A smaller difference is a busy machine, or a clock that is being adjusted. */
const JUMP_MS = 5_000;

export function createScheduler(clocks: Clocks = SYSTEM_CLOCKS): Scheduler {
  const alarms = new AlarmQueue();
  const jumps = new JumpDetector(clocks);
  const network = new NetworkWatch(clocks);
  let cancelTimer: Cleanup | undefined;
  let timerAt = Infinity;

  function ring(): void {
    cancelTimer = undefined;
    timerAt = Infinity;
    try {
      network.check();
      jumps.check();
      for (let task = alarms.takeDue(clocks.now()); task; task = alarms.takeDue(clocks.now())) task();
    } finally {
      setTimer();
    }
  }

  function setTimer(): void {
    const { first } = alarms;
    if (first === undefined || timerAt <= first) return;
    void cancelTimer?.();
    if (!cancelTimer) jumps.mark();
    const now = clocks.now();
    const ms = Math.min(Math.max(first - now, 0), MAX_SLEEP_MS);
    timerAt = now + ms;
    cancelTimer = clocks.setTimer(ring, ms);
  }

  return {
    at(at, task) {
      const cancel = alarms.add(at, task);
      setTimer();
      return cancel;
    },
    onJump: listener => void jumps.listeners.push(listener),
    onNetworkChange: listener => void network.listeners.push(listener),
    stop() {
      alarms.clear();
      void cancelTimer?.();
      cancelTimer = undefined;
      timerAt = Infinity;
    },
  };
}

/** Compares the wall clock with the monotonic one over the time of one timer. */
class JumpDetector {
  readonly listeners: ((by: number) => void)[] = [];
  #wall = 0;
  #monotonic = 0;

  constructor(private readonly clocks: Clocks) {
    this.mark();
  }

  /** Begins another comparison. */
  mark(): void {
    this.#wall = this.clocks.now();
    this.#monotonic = this.clocks.monotonic();
  }

  check(): void {
    const passed = this.clocks.now() - this.#wall;
    const jumped = passed - (this.clocks.monotonic() - this.#monotonic);
    // On some systems the monotonic clock runs during sleep. There, a late timer is the only sign.
    const overslept = passed - MAX_SLEEP_MS;
    if (Math.abs(jumped) >= JUMP_MS) this.#report(jumped);
    else if (overslept >= JUMP_MS) this.#report(overslept);
  }

  #report(by: number): void {
    for (const listener of this.listeners) listener(by);
  }
}

/** Detects changes of the machine's addresses. It reads them at most once per `NETWORK_EVERY_MS`. */
class NetworkWatch {
  readonly listeners: (() => void)[] = [];
  #addresses: string;
  #checkedAt: number;

  constructor(private readonly clocks: Clocks) {
    this.#addresses = clocks.addresses();
    this.#checkedAt = clocks.monotonic();
  }

  check(): void {
    const now = this.clocks.monotonic();
    if (now - this.#checkedAt < NETWORK_EVERY_MS) return;
    this.#checkedAt = now;
    const before = this.#addresses;
    this.#addresses = this.clocks.addresses();
    if (this.#addresses !== before) for (const listener of this.listeners) listener();
  }
}
