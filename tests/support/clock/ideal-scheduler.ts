import type { Scheduler } from '../../../kernel/scheduler/scheduler.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** One timer per alarm, without jump detection, for simulations in which the clock does not jump. */
export const idealScheduler = ({ now, setTimer }: SimulatedClock): Scheduler => ({
  at: (at, task) => setTimer(task, at - now()),
  onJump: () => undefined,
  onNetworkChange: () => undefined,
  stop: () => undefined,
});
