import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { WarmUpRun } from '../../sdk/contract/rpc.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import { Attempt, type AttemptOptions, type Outcome, type RunnerContext } from './attempt.ts';
import { nextTime, passedBy } from './plan.ts';
import { sharedOf } from './process.ts';
import { recorded, warmUpIn, withWarmUp, type State } from './state.ts';
import { changeState } from './store.ts';

export type { RunnerContext } from './attempt.ts';

export type RunnerOptions = AttemptOptions & { readonly onRun: (run: WarmUpRun) => void };

/** Makes one warm-up at its times. Nothing is sent when it starts. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #context: RunnerContext;
  #cancel: Cleanup = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: RunnerOptions, context: RunnerContext) {
    this.#options = options;
    this.#context = context;
  }

  /** Notes the time that passed while nothing ran, and waits for the next one. */
  async start(): Promise<void> {
    const now = this.#now();
    const { plannedAt, claimedFor } = await this.#own();
    if (plannedAt === undefined) return this.#plan();
    if (claimedFor === plannedAt) return this.#finish(plannedAt, INTERRUPTED);
    if (plannedAt > now) return this.#plan();
    const { last, before } = passedBy(this.#options.settings, plannedAt, now);
    await this.#finish(last, withEarlier(NOT_RUNNING, before));
  }

  /** Resolves when no prompt is under way. */
  settled(): Promise<void> {
    return this.#running;
  }

  async stop(): Promise<void> {
    await this.#cancel();
    await this.settled();
  }

  /** A disk that refuses the plan does not end it. Without a claim on the disk, nothing is sent anyway. */
  async #plan(): Promise<void> {
    const { settings } = this.#options;
    const at = nextTime(settings, this.#now());
    await this.#change(state => withWarmUp(state, settings.id, { plannedAt: at })).catch(this.#unsaved);
    this.#wait(at);
  }

  #wait(at: Instant | undefined): void {
    if (at === undefined || this.#context.signal.aborted) return;
    this.#cancel = this.#context.machine.at(at, () => {
      this.#running = this.#due(at).catch((error: unknown) =>
        this.#context.log.error({ err: error }, 'a warm-up ended with an error'),
      );
    });
  }

  async #due(at: Instant): Promise<void> {
    const now = this.#now();
    // The clock was set back.
    if (now < at) return this.#plan();
    const { settings } = this.#options;
    const { machine, signal } = this.#context;
    const { last, before } = passedBy(settings, at, now);
    const attempt = new Attempt(this.#options, this.#context, last);
    const outcome = await sharedOf(machine.files).inTurn(() => unlessAborted(signal, () => attempt.run()));
    if (outcome) await this.#finish(last, withEarlier(outcome, before));
  }

  /**
   * Records the run, and waits for the next time. A warm-up that was stopped records nothing: the next one with its id
   * may run already, and finds the planned time and the claim.
   */
  async #finish(plannedAt: Instant, outcome: Outcome): Promise<void> {
    const { settings } = this.#options;
    const { id, session } = settings;
    const { log, signal } = this.#context;
    const endedAt = this.#now();
    const run: WarmUpRun = { id, session, plannedAt, endedAt, ...outcome };
    // A time that passed meanwhile is not made up for.
    const next = nextTime(settings, endedAt);
    const joins = settings.everyMs !== undefined;
    await this.#change(state => {
      if (signal.aborted) return state;
      return withWarmUp(recorded(state, run, joins), id, { plannedAt: next, claimedFor: undefined });
    }).catch(this.#unsaved);
    if (signal.aborted) return;
    log.info({ warmUp: id, result: run.result, reason: run.reason }, run.message);
    this.#options.onRun(run);
    this.#wait(next);
  }

  readonly #unsaved = (error: unknown): void =>
    this.#context.log.error({ err: error }, 'the state of a warm-up could not be saved');

  async #own(): Promise<ReturnType<typeof warmUpIn>> {
    try {
      return warmUpIn(await this.#change(state => state), this.#options.settings.id);
    } catch (error) {
      this.#unsaved(error);
      return {};
    }
  }

  #change(change: (state: State) => State): Promise<State> {
    return changeState({ files: this.#context.machine.files, now: this.#now() }, change);
  }

  #now(): Instant {
    return this.#context.machine.now();
  }
}

const NOT_RUNNING: Outcome = {
  result: 'skipped',
  reason: 'not-running',
  message: 'Keepalive did not run at the time.',
  windows: [],
};

const INTERRUPTED: Outcome = {
  result: 'failed',
  message: 'No effect is known: keepalive ended before the answer. The prompt may have been sent.',
  windows: [],
};

/** The result of the task. Undefined as soon as the signal is aborted, also if the task never ends. */
async function unlessAborted<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const ended = new AbortController();
  const aborted = new Promise<undefined>(resolve =>
    signal.addEventListener('abort', () => resolve(undefined), { signal: ended.signal }),
  );
  return Promise.race([aborted, task()]).finally(() => ended.abort());
}

/** Several times that passed during one sleep, or while nothing ran, are one run. */
function withEarlier(outcome: Outcome, before: number): Outcome {
  if (before === 0) return outcome;
  const times = before === 1 ? '1 earlier time' : `${before} earlier times`;
  return { ...outcome, message: `${outcome.message} ${times} passed too.` };
}
