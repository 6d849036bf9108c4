import type { InjectionToken } from 'tsyringe';
import { ownAddresses } from './addresses.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Instant } from '../../sdk/contract/session.ts';

type Alarm = { readonly at: Instant; readonly order: number; readonly task: () => void; gone: boolean };

export type Clocks = {
  /** The wall clock, in milliseconds since the epoch. */
  readonly now: () => Instant;
  /** A clock that nobody sets, in milliseconds. */
  readonly monotonic: () => number;
  readonly setTimer: (task: () => void, ms: number) => Cleanup;
  /** The machine's addresses in its networks, as one text. */
  readonly addresses: () => string;
};

export const SYSTEM_CLOCKS: Clocks = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (task, ms) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  addresses: ownAddresses,
};

/** Tasks at instants of the wall clock: one heap, one timer. */
export interface Scheduler {
  at(at: Instant, task: () => void): Cleanup;
  /** Told how far the wall clock was moved, in milliseconds: by a sleep or by hand; and before any alarm that this made due. */
  onJump(listener: (by: number) => void): void;
  /** Called when the machine's addresses change; noticed within seconds while any alarm is set. */
  onNetworkChange(listener: () => void): void;
  stop(): void;
}
export const Scheduler = Symbol('Scheduler') as InjectionToken<Scheduler>;

// A suspended machine stops the timer, so it never sleeps longer than this: what came due in the night runs within seconds of waking.
const MAX_SLEEP_MS = 2_500;
/** Less is a busy machine or a clock being slewed. */
const JUMP_MS = 5_000;
/** Cancelled alarms are left where they are until they are so many, and most of all. */
const MAX_CANCELLED = 64;

export function createScheduler(clocks: Clocks = SYSTEM_CLOCKS): Scheduler {
  let heap: Alarm[] = [];
  let cancelled = 0;
  const listeners: ((by: number) => void)[] = [];
  const networkListeners: (() => void)[] = [];
  let addresses = clocks.addresses();
  let comparedAt = clocks.monotonic();
  let order = 0;
  let cancelTimer: Cleanup | undefined;
  let timerAt = Infinity;
  let seen = { wall: clocks.now(), monotonic: clocks.monotonic() };

  function beat(): void {
    cancelTimer = undefined;
    timerAt = Infinity;
    try {
      compareAddresses();
      runDue();
    } finally {
      arm();
    }
  }

  function compareAddresses(): void {
    if (clocks.monotonic() - comparedAt < MAX_SLEEP_MS) return;
    comparedAt = clocks.monotonic();
    const former = addresses;
    addresses = clocks.addresses();
    if (addresses !== former) for (const listener of networkListeners) listener();
  }

  function runDue(): void {
    const jumped = clocks.now() - seen.wall - (clocks.monotonic() - seen.monotonic);
    // Some systems let the monotonic clock run on in sleep; there a timer that comes far too late tells.
    const overslept = clocks.now() - seen.wall - MAX_SLEEP_MS;
    const by = Math.abs(jumped) >= JUMP_MS ? jumped : overslept;
    if (Math.abs(jumped) >= JUMP_MS || overslept >= JUMP_MS) for (const listener of listeners) listener(by);
    for (let next = heap[0]; next && (next.gone || next.at <= clocks.now()); next = heap[0]) {
      pop(heap);
      if (next.gone) cancelled -= 1;
      else {
        next.gone = true;
        next.task();
      }
    }
  }

  function arm(): void {
    const first = heap[0];
    if (!first || timerAt <= first.at) return;
    void cancelTimer?.();
    const now = clocks.now();
    if (!cancelTimer) seen = { wall: now, monotonic: clocks.monotonic() };
    const ms = Math.min(Math.max(first.at - now, 0), MAX_SLEEP_MS);
    timerAt = now + ms;
    cancelTimer = clocks.setTimer(beat, ms);
  }

  /** A sorted list is a heap too. */
  function sweep(): void {
    heap = heap.filter(({ gone }) => !gone).toSorted((a, b) => (before(a, b) ? -1 : 1));
    cancelled = 0;
  }

  return {
    at(at, task) {
      const alarm: Alarm = { at, order: order++, task, gone: false };
      push(heap, alarm);
      arm();
      return () => {
        if (alarm.gone) return;
        alarm.gone = true;
        cancelled += 1;
        if (cancelled > MAX_CANCELLED && cancelled > heap.length / 2) sweep();
      };
    },
    onJump: listener => void listeners.push(listener),
    onNetworkChange: listener => void networkListeners.push(listener),
    stop() {
      heap = [];
      cancelled = 0;
      void cancelTimer?.();
      cancelTimer = undefined;
      timerAt = Infinity;
    },
  };
}

const before = (a: Alarm, b: Alarm): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Alarm[], alarm: Alarm): void {
  let hole = heap.push(alarm) - 1;
  for (;;) {
    const above = (hole - 1) >> 1;
    const parent = heap[above];
    if (hole === 0 || !parent || !before(alarm, parent)) break;
    heap[hole] = parent;
    hole = above;
  }
  heap[hole] = alarm;
}

function pop(heap: Alarm[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let hole = 0;
  for (;;) {
    const left = 2 * hole + 1;
    const [a, b] = [heap[left], heap[left + 1]];
    const child = a && b && before(b, a) ? b : a;
    if (!child || !before(child, last)) break;
    heap[hole] = child;
    hole = child === a ? left : left + 1;
  }
  heap[hole] = last;
}
