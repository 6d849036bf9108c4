import { loginFailed } from '../../sdk/contract/errors.ts';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import { inspectionIn } from '../../lifecycle/credential.ts';
import type { Found } from '../../lifecycle/event.ts';
import { changeSince, isSignedIn, loginBefore, sameAs } from '../../lifecycle/sign-in.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { Keeper } from '../session/keeper.ts';

/** The vendor's program has ended, and its store may need a moment. */
const SETTLE_MS = 10_000;
const SETTLING_LOOK_MS = 500;
/** Not all stores can be watched, and the user is waiting. */
const LOOK_MS = 2_000;

/** A session's store during a sign-in, compared with what it held before. */
export class LoginStore {
  #before: Inspection | undefined;

  constructor(
    private readonly keeper: Pick<Keeper, 'find' | 'record'>,
    private readonly scheduler: Pick<Scheduler, 'at'>,
  ) {}

  /** The login from before. */
  get before(): Inspection | undefined {
    return this.#before;
  }

  async remember(): Promise<void> {
    this.#before = loginBefore(await this.keeper.find(), this.keeper.record);
  }

  /** Resolves with another login than before as soon as the store holds one. Rejects when the signal is aborted. */
  async another(signal: AbortSignal): Promise<Inspection> {
    for (;;) {
      const login = await this.#look(signal);
      if (login) return login;
      await this.#pause(LOOK_MS, signal);
    }
  }

  /** The same after the vendor's program has ended. Throws `KA_LOGIN_FAILED` if the store does not change. */
  async settled(signal: AbortSignal): Promise<Inspection> {
    for (let waitedMs = 0; waitedMs <= SETTLE_MS; waitedMs += SETTLING_LOOK_MS) {
      const login = await this.#look(signal);
      if (login) return login;
      await this.#pause(SETTLING_LOOK_MS, signal);
    }
    throw loginFailed('The store holds no new login');
  }

  /** What the store holds now. */
  find(): Promise<Found> {
    return this.keeper.find();
  }

  /** What was found, as a sentence; undefined if it is what the store held before. */
  change(found: Found): string | undefined {
    return changeSince(this.#before, found);
  }

  /** What the store holds if it has not changed. */
  get unchanged(): string {
    return sameAs(this.#before);
  }

  async #look(signal: AbortSignal): Promise<Inspection | undefined> {
    signal.throwIfAborted();
    const seen = inspectionIn(await this.keeper.find());
    signal.throwIfAborted();
    return isSignedIn(this.#before, seen) ? seen : undefined;
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.scheduler.at(Date.now() + ms, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      const stop = () => {
        void cancel();
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
  }
}
