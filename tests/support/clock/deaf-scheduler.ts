import { createScheduler, type Scheduler } from '../../../kernel/scheduler/scheduler.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** The kernel's own, but nobody is told that the clock jumped: to show what is lost without that. */
export const deafScheduler = (clock: SimulatedClock): Scheduler => ({
  ...createScheduler(clock),
  onJump: () => undefined,
});
