import type { Policy } from '../../sdk/contract/policy.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Instant, SessionState } from '../../sdk/contract/session.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { isUnavailable, lookAgainAt } from './sight.ts';
import { wakeOf } from './states.ts';

/** What a session does when its alarm rings. */
export type Calls = { readonly attempt: () => void; readonly look: () => void };

/** The single alarm of a session, derived from its state. */
export class Alarm {
  #cancel: Cleanup = () => undefined;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly now: () => Instant,
    private readonly calls: Calls,
  ) {}

  set(state: SessionState, policy: Policy): void {
    this.clear();
    const wakeAt = wakeOf(state);
    if (wakeAt !== undefined) this.#cancel = this.scheduler.at(wakeAt, this.calls.attempt);
    else if (isUnavailable(state)) this.#cancel = this.scheduler.at(lookAgainAt(policy, this.now()), this.calls.look);
  }

  clear(): void {
    void this.#cancel();
  }
}
