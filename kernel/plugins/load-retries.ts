import { inject, Lifecycle, scoped } from 'tsyringe';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { KernelOptions } from '../wiring/tokens.ts';
import type { Result, Slot } from './slot.ts';

/** A busy machine, a missing network, or a mistake that is mended meanwhile. Others need a new configuration. */
const PASSING: readonly string[] = ['KA_PLUGIN_TIMEOUT', 'KA_PLUGIN_FAILED'];

const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;

/** Loads plugins again whose failure may pass: after a minute, then after twice as long each, up to an hour. */
@scoped(Lifecycle.ContainerScoped)
export class LoadRetries {
  readonly #failures = new WeakMap<Slot, number>();

  constructor(
    @inject(Scheduler) private readonly scheduler: Pick<Scheduler, 'at'>,
    @inject(KernelOptions) private readonly options: Pick<KernelOptions, 'armed'>,
  ) {}

  /** Plans the next load of a plugin that has failed just now. */
  plan(slot: Slot, result: Result, again: () => void): void {
    // A kernel for one command ends before.
    if (!this.options.armed) return;
    if (!('error' in result) || !isKeepaliveError(result.error) || !PASSING.includes(result.error.code)) return;
    const failures = this.#failures.get(slot) ?? 0;
    this.#failures.set(slot, failures + 1);
    this.scheduler.at(Date.now() + Math.min(FIRST_MS * 2 ** failures, LONGEST_MS), again);
  }
}
