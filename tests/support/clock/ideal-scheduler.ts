import type { Scheduler } from '../../../kernel/scheduler/scheduler.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** A timer for each alarm, and no jump is ever noticed: for simulated weeks in which the clock is left alone. */
export const idealScheduler = ({ now, setTimer }: SimulatedClock): Scheduler => ({
  at: (at, task) => setTimer(task, at - now()),
  onJump: () => undefined,
  onNetworkChange: () => undefined,
  stop: () => undefined,
});
