import { createScheduler, type Scheduler } from '../../../kernel/scheduler/scheduler.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** The kernel's own scheduler without jump detection. A control: it shows what the detection prevents. */
export const deafScheduler = (clock: SimulatedClock): Scheduler => ({
  ...createScheduler(clock),
  onJump: () => undefined,
});
