import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { FrontendContext } from '../../sdk/plugin/frontend.ts';
import type { SessionProgram, WarmUpRun } from '../../sdk/contract/rpc.ts';
import { describeError } from '../../sdk/plugin/describe.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import { skipOf, windowSkip, type Skip } from './decide.ts';
import type { Driver, DriverContext, Sent } from './driver.ts';
import { driverOf, type Drivers } from './drivers.ts';
import { isSkip, passGate } from './gate.ts';
import { isInUse } from './in-use.ts';
import type { Settings } from './options.ts';
import { nextTime } from './plan.ts';
import { accountIn, claimed, recorded, warmUpIn, withAccount, withWarmUp, withWindows, type State } from './state.ts';
import { changeState } from './store.ts';
import { effectOf, type Effect } from './verify.ts';

export type RunnerContext = Pick<FrontendContext, 'client' | 'log' | 'signal' | 'machine'>;

export type RunnerOptions = {
  readonly settings: Settings;
  readonly drivers: Drivers;
  readonly onRun: (run: WarmUpRun) => void;
};

/** What is needed to send a prompt. */
type Ready = { readonly driver: Driver; readonly context: DriverContext; readonly account: string };

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
    const { id, session } = this.#options.settings;
    const now = this.#now();
    const { plannedAt } = warmUpIn(await this.#change(state => state), id);
    if (plannedAt !== undefined && plannedAt < now) {
      const message = 'Keepalive did not run at the time.';
      const run = { id, session, plannedAt, endedAt: now, windows: [], result: 'skipped', message } as const;
      await this.#record({ ...run, reason: 'not-running' });
    }
    await this.#plan(now);
  }

  /** Resolves when no prompt is under way. */
  settled(): Promise<void> {
    return this.#running;
  }

  async stop(): Promise<void> {
    await this.#cancel();
    await this.settled();
  }

  async #plan(after: Instant): Promise<void> {
    const { settings } = this.#options;
    const at = nextTime(settings, after);
    await this.#change(state => withWarmUp(state, settings.id, { plannedAt: at }));
    if (at === undefined || this.#context.signal.aborted) return;
    this.#cancel = this.#context.machine.at(at, () => {
      this.#running = this.#due(at).catch((error: unknown) =>
        this.#context.log.error({ err: error }, 'a warm-up could not be recorded, so there is none until a restart'),
      );
    });
  }

  async #due(plannedAt: Instant): Promise<void> {
    const { id, session } = this.#options.settings;
    const effect = await this.#run(plannedAt);
    await this.#record({ id, session, plannedAt, endedAt: this.#now(), ...effect });
    // A time that passed meanwhile is not made up for. If the clock was set back, this one does not come again.
    await this.#plan(Math.max(this.#now(), plannedAt));
  }

  async #run(plannedAt: Instant): Promise<Effect & Pick<WarmUpRun, 'reason'>> {
    try {
      const ready = await this.#prepare(plannedAt);
      return 'reason' in ready ? skipped(ready) : await this.#send(ready);
    } catch (error) {
      return { result: 'failed', message: `No effect: ${describeError(error)}`, windows: [] };
    }
  }

  /** Everything that is checked before a prompt is sent. */
  async #prepare(plannedAt: Instant): Promise<Ready | Skip> {
    const { settings, drivers } = this.#options;
    const { client, machine } = this.#context;
    const early = await this.#skipOf(undefined, plannedAt);
    if (early) return early;
    const session = await passGate(client, settings.session, machine.now);
    if (isSkip(session)) return session;
    const driver = await driverOf(drivers, session.provider);
    if (!driver) return { reason: 'unsupported', message: `${session.displayName} has no warm-up.` };
    const found = await client.request('session/program', { id: session.id });
    const account = `${session.provider}:${found.account ?? session.id}`;
    await this.#change(state => withWarmUp(state, settings.id, { account }));
    const known = await this.#skipOf(account, plannedAt);
    if (known) return known;
    if (found.program === undefined) return { reason: 'no-program', message: 'Its program is not installed.' };
    if (await isInUse(session.provider, machine.processes))
      return { reason: 'in-use', message: `${session.displayName} is in use, so its window is running already.` };
    const context = this.#driverContext(found.program, found);
    return (await this.#look(driver, context, account)) ?? { driver, context, account };
  }

  /** The reasons that are known without asking. Without an account, only those of the warm-up itself. */
  async #skipOf(account: string | undefined, plannedAt: Instant): Promise<Skip | undefined> {
    const { settings } = this.#options;
    const state = await this.#change(before => before);
    const ofAccount = account === undefined ? {} : accountIn(state, account);
    const now = this.#now();
    const skip = skipOf({ settings, own: warmUpIn(state, settings.id), account: ofAccount, plannedAt, now });
    // From now on its window is counted by the clock as it is.
    if (skip?.reason === 'clock' && account !== undefined)
      await this.#change(before => withAccount(before, account, { claimedAt: now }));
    return skip;
  }

  /** Some vendors say for nothing whether a window is running. */
  async #look(driver: Driver, context: DriverContext, account: string): Promise<Skip | undefined> {
    const windows = await driver.look?.(context);
    if (!windows) return undefined;
    await this.#change(state => withWindows(state, account, windows, this.#now()));
    return windowSkip(windows, this.#now());
  }

  /** The claim is on the disk before anything is sent, and stays whatever happens then. */
  async #send({ driver, context, account }: Ready): Promise<Effect> {
    const sentAt = this.#now();
    await this.#change(state => claimed(state, account, sentAt));
    const sent = await driver.send(context).catch((error: unknown): Sent => {
      this.#context.log.warn({ err: error }, 'a warm-up failed');
      return { result: 'failed', reason: describeError(error) };
    });
    const effect = effectOf(sent, sentAt, this.#now());
    await this.#change(state => withWindows(state, account, effect.windows, this.#now()));
    return effect;
  }

  #driverContext(program: string, { variables }: SessionProgram): DriverContext {
    const { log, signal, machine } = this.#context;
    const { exec, processes, now, env } = machine;
    const given = Object.entries(variables).map(([name, value]) => [name, value ?? undefined] as const);
    const { model } = this.#options.settings;
    return { signal, log, now, env, exec, processes, program, variables: Object.fromEntries(given), model };
  }

  async #record(run: WarmUpRun): Promise<void> {
    await this.#change(state => recorded(state, run));
    const { id, result, reason, message } = run;
    this.#context.log.info({ warmUp: id, result, reason }, message);
    this.#options.onRun(run);
  }

  #change(change: (state: State) => State): Promise<State> {
    return changeState(this.#context.machine.files, change);
  }

  #now(): Instant {
    return this.#context.machine.now();
  }
}

const skipped = ({ reason, message }: Skip): Effect & Pick<WarmUpRun, 'reason'> => ({
  result: 'skipped',
  reason,
  message,
  windows: [],
});
