import type { FrontendContext } from '../../sdk/plugin/frontend.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import type { Session, Instant } from '../../sdk/contract/session.ts';
import type { OwnerProgram, WarmUpRun } from '../../sdk/contract/rpc.ts';
import { describeError } from '../../sdk/plugin/describe.ts';
import { skipOf, windowSkip, type Skip } from './decide.ts';
import type { Driver, DriverContext, Sent } from './driver.ts';
import { driverOf, type Drivers } from './drivers.ts';
import { isSkip, passGate } from './gate.ts';
import { isInUse } from './in-use.ts';
import type { Settings } from './options.ts';
import { sharedOf } from './process.ts';
import {
  accountIn,
  claimed,
  soundWindows,
  warmUpIn,
  withAccountOf,
  withoutFuture,
  withWindows,
  type State,
} from './state.ts';
import { changeState } from './store.ts';
import { effectOf, type Effect } from './verify.ts';

export type RunnerContext = Pick<FrontendContext, 'client' | 'log' | 'signal' | 'machine'>;

export type AttemptOptions = {
  readonly settings: Settings;
  readonly drivers: Drivers;
  /** The time since the machine started, in milliseconds. */
  readonly uptimeMs: () => number;
};

export type Outcome = Effect & Pick<WarmUpRun, 'reason'>;

/** What is needed to send a prompt. */
type Ready = { readonly driver: Driver; readonly context: DriverContext; readonly account: string };

/** The wait for others and the checks may take this long. It is too late after that, as if the machine sleeps. */
const CHECKS_MS = 10 * 60_000;

/** Sends the prompt of one planned time, or says why not. */
export class Attempt {
  readonly #options: AttemptOptions;
  readonly #context: RunnerContext;
  readonly #plannedAt: Instant;
  /** When its time came. It may wait for its turn from then on. */
  readonly #dueAt: Instant;

  constructor(options: AttemptOptions, context: RunnerContext, plannedAt: Instant) {
    this.#options = options;
    this.#context = context;
    this.#plannedAt = plannedAt;
    this.#dueAt = context.machine.now();
  }

  async run(): Promise<Outcome> {
    try {
      const ready = await this.#prepare();
      if ('reason' in ready) return skipped(ready);
      return (await this.#claim(ready.account)) ?? (await this.#send(ready));
    } catch (error) {
      const { log } = this.#context;
      if (isMissing(error)) return skipped(NO_PROGRAM);
      log.warn({ err: error }, 'a warm-up was not sent');
      return skipped({ reason: 'error', message: `Nothing was sent. ${describeError(error)}` });
    }
  }

  /** Everything that is checked before a prompt is sent. */
  async #prepare(): Promise<Ready | Skip> {
    const { settings, drivers } = this.#options;
    const { client, machine, log } = this.#context;
    const state = await this.#change(before => before);
    const early = this.#skipIn(state, undefined, settings.lateMs + this.#now() - this.#dueAt);
    if (early) return early;
    const session = await passGate(client, settings.session, machine.now);
    if (isSkip(session)) return session;
    const driver = await driverOf(drivers, session.provider);
    if (!driver) return { reason: 'unsupported', message: `${session.displayName} has no warm-up.` };
    const found = await client.request('session/program', { id: session.id });
    const account = await this.#accountOf(session, found);
    const known = this.#skipIn(await this.#change(before => before), account);
    if (known) return this.#noted(known, account);
    if (found.program === undefined) return NO_PROGRAM;
    if (await isInUse(session.provider, machine.processes))
      return { reason: 'in-use', message: `${session.displayName} is in use, so its window is running already.` };
    const context = this.#driverContext(found.program, found);
    const seen = await driver.look?.(context).catch((error: unknown) => {
      if (isMissing(error)) throw error;
      log.warn({ err: error }, 'the usage windows could not be read');
      return undefined;
    });
    return (await this.#skipSeen(soundWindows(seen ?? [], machine.now()), account)) ?? { driver, context, account };
  }

  /** The account as a key of the state. If its name cannot be read this time, it is the same as before. */
  async #accountOf({ id, provider }: Session, { account }: OwnerProgram): Promise<string> {
    const nameless = `${provider}:${id}`;
    const warmUp = this.#options.settings.id;
    const before = warmUpIn(await this.#change(state => state), warmUp).account;
    const isOfSession = before !== undefined && before.startsWith(`${provider}:`);
    const key = account === undefined ? (isOfSession ? before : nameless) : `${provider}:${account}`;
    await this.#change(state => withAccountOf(state, warmUp, key, nameless));
    return key;
  }

  async #skipSeen(windows: DriverWindows, account: string): Promise<Skip | undefined> {
    await this.#change(state => withWindows(state, account, windows, this.#now()));
    return windowSkip(windows, this.#now());
  }

  /** The reasons that are known without asking. Without an account, only those of the warm-up itself. */
  #skipIn(state: State, account: string | undefined, lateMs?: number): Skip | undefined {
    const { settings, uptimeMs } = this.#options;
    const sentAt = account === undefined ? undefined : sharedOf(this.#context.machine.files).sentAt.get(account);
    return skipOf({
      settings: { ...settings, lateMs: lateMs ?? settings.lateMs + CHECKS_MS },
      own: warmUpIn(state, settings.id),
      account: account === undefined ? {} : accountIn(state, account),
      ...(account !== undefined && { lostAt: state.lostAt }),
      ...(sentAt !== undefined && { passedMs: uptimeMs() - sentAt }),
      plannedAt: this.#plannedAt,
      now: this.#now(),
    });
  }

  /** From now on its window is counted by the clock as it is. */
  async #noted(skip: Skip, account: string): Promise<Skip> {
    if (skip.reason === 'clock') await this.#change(state => withoutFuture(state, account, this.#now()));
    return skip;
  }

  /**
   * The claim is on the disk before anything is sent, and stays also if that fails. It is checked and made in one
   * step, because another warm-up may use this account.
   */
  async #claim(account: string): Promise<Outcome | undefined> {
    const { settings, uptimeMs } = this.#options;
    let skip: Skip | undefined;
    await this.#change(state => {
      this.#context.signal.throwIfAborted();
      skip = this.#skipIn(state, account);
      const prompt = { id: settings.id, account, plannedAt: this.#plannedAt };
      return skip ? state : claimed(state, prompt, this.#now());
    });
    if (skip) return skipped(await this.#noted(skip, account));
    sharedOf(this.#context.machine.files).sentAt.set(account, uptimeMs());
    // Whether it was sent is then said by the one who reads the claim.
    this.#context.signal.throwIfAborted();
    return undefined;
  }

  async #send({ driver, context, account }: Ready): Promise<Outcome> {
    const { log } = this.#context;
    const sentAt = this.#now();
    const sent = await driver.send(context).catch((error: unknown): Sent => {
      if (isMissing(error)) throw error;
      log.warn({ err: error }, 'a warm-up failed');
      return { result: 'failed', reason: describeError(error) };
    });
    const effect = effectOf(sent, sentAt, this.#now());
    await this.#change(state => withWindows(state, account, effect.windows, this.#now())).catch((error: unknown) =>
      log.error({ err: error }, 'the usage windows could not be saved'),
    );
    return effect;
  }

  #driverContext(program: string, { variables }: OwnerProgram): DriverContext {
    const { log, signal, machine } = this.#context;
    const { exec, processes, now, env } = machine;
    const given = Object.entries(variables).map(([name, value]) => [name, value ?? undefined] as const);
    const { model } = this.#options.settings;
    return { signal, log, now, env, exec, processes, program, variables: Object.fromEntries(given), model };
  }

  #change(change: (state: State) => State): Promise<State> {
    return changeState({ files: this.#context.machine.files, now: this.#now() }, change);
  }

  #now(): Instant {
    return this.#context.machine.now();
  }
}

type DriverWindows = Effect['windows'];

const isMissing = (error: unknown): boolean => isKeepaliveError(error) && error.code === 'KA_PROGRAM_NOT_FOUND';

const NO_PROGRAM: Skip = { reason: 'no-program', message: 'Its program is not installed.' };

const skipped = ({ reason, message }: Skip): Outcome => ({ result: 'skipped', reason, message, windows: [] });
