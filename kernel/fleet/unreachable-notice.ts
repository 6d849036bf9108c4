import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { FleetTrouble } from '../../sdk/plugin/fleet.ts';
import { fleetUnreachable } from '../../lifecycle/notice-rules.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { ThisMachine } from './this-machine.ts';

/** A trouble that ends within this time raises no notice. */
const PATIENCE_MS = 5 * 60_000;

/** Notifies the user when the fleet stays out of reach. */
@scoped(Lifecycle.ContainerScoped)
export class UnreachableNotice {
  #trouble: FleetTrouble | undefined;
  #cancel: Cleanup | undefined;

  constructor(
    @inject(ThisMachine) private readonly here: ThisMachine,
    @inject(Scheduler) private readonly scheduler: Scheduler,
  ) {}

  /** Follows the trouble of the fleet. Undefined: there is none. */
  note(trouble: FleetTrouble | undefined): void {
    this.#trouble = trouble;
    if (!trouble) {
      void this.#cancel?.();
      this.#cancel = undefined;
      return this.here.notices.clear('fleet-unreachable');
    }
    const raise = () => this.#trouble && this.here.notices.put(fleetUnreachable(this.#trouble));
    // The reason may change again and again, and the patience still ends.
    if (trouble.isLasting) raise();
    else this.#cancel ??= this.scheduler.at(Date.now() + PATIENCE_MS, raise);
  }
}
