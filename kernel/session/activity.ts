import { printable } from '../../sdk/base/printable.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { needsLogin, type SessionRecord } from '../../sdk/contract/session.ts';
import type { Inspection, RefreshReason } from '../../sdk/contract/outcome.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { EffectivePolicy } from '../../lifecycle/policy-layers.ts';
import type { Events } from '../wiring/tokens.ts';
import { inspect } from '../plugins/context-factory.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { History } from '../../state/history.ts';
import { perform, type AttemptParts } from './attempt.ts';
import { inspectionIn, isKnownToNeedLogin } from '../../lifecycle/credential.ts';
import type { AttemptResult, Context, Found, InspectionCause, SessionEvent } from '../../lifecycle/event.ts';
import { unreadable } from '../../lifecycle/outcome.ts';
import { wakeOf, type Alarm } from '../../lifecycle/states.ts';
import { signInFor } from '../../lifecycle/sign-in.ts';
import { earliestManual } from '../../lifecycle/timing.ts';
import type { Beside } from '../../lifecycle/view.ts';

/** What a keeper depends on. */
export type KeeperParts = AttemptParts & {
  readonly scheduler: Scheduler;
  readonly history: Pick<History, 'add'>;
  readonly events: Events;
  readonly random: () => number;
  /** Limits how many attempts run at once. */
  readonly limit: <T>(run: () => Promise<T>) => Promise<T>;
  /** Failures of attempts that begin now are ignored until this time. */
  readonly ignoreFailuresUntil: () => number;
};

/** The session that a keeper keeps. */
export type Kept = {
  readonly provider: ProviderPlugin;
  /** The plugin's module, as the configuration names it. */
  readonly module: string;
  readonly policy: EffectivePolicy;
  readonly remembered?: SessionRecord | undefined;
  /** The user added it in a frontend. */
  readonly added?: true | undefined;
};

/** What attempts and inspections need from a keeper. */
export interface ActiveSession {
  readonly provider: ProviderPlugin;
  readonly record: SessionRecord;
  readonly isStopped: boolean;
  context(): Context;
  dispatch(event: SessionEvent): void;
  setAlarm(): void;
  show(beside: Beside): void;
  finish(reason: RefreshReason, result: AttemptResult): Promise<void>;
}

/** Runs the attempts and inspections of one session and dispatches their results. Attempts run one at a time. */
export class Activity {
  /** The attempt that runs or waits for its turn, or the sign-in. */
  #attempt: Promise<void> | undefined;
  /** Of the attempt that runs. */
  #abort: AbortController | undefined;
  /** Of the sign-in that runs or waits for the running attempt. */
  #signIn: AbortController | undefined;
  #first: Promise<Found> | undefined;

  constructor(
    private readonly session: ActiveSession,
    private readonly parts: KeeperParts,
  ) {}

  /** Does what the alarm was set for. During a sign-in nothing is done: its end sets the alarm again. */
  ring(task: Exclude<Alarm['task'], 'warning'>): void {
    if (this.#signIn) return;
    if (task === 'attempt') void this.attempt(this.session.record.nextReason ?? 'schedule');
    else void this.inspectFor('unavailable').then(() => this.session.setAlarm());
  }

  /** Begins an attempt, or joins the running one. Resolves when it has ended. */
  attempt(reason: RefreshReason, force = false): Promise<void> {
    return this.#attempt ?? this.#occupy(this.parts.limit(() => this.#takeTurn(reason, force)));
  }

  #occupy(work: Promise<void>): Promise<void> {
    const mine = work.finally(() => {
      if (this.#attempt === mine) this.#attempt = undefined;
      // An alarm that rang meanwhile did nothing.
      this.session.setAlarm();
    });
    this.#attempt = mine;
    return mine;
  }

  /**
   * Runs a sign-in in the place of an attempt, after the one that runs: no attempt may use the store while the vendor's
   * program writes it. An attempt that still waits for its turn is not made. `verify` attempts, with what the store
   * holds then. `run` must not reject.
   */
  signIn(abort: AbortController, run: (verify: () => Promise<void>) => Promise<void>): Promise<void> {
    const running = this.#abort && this.#attempt;
    this.#signIn = abort;
    const inTurn = async (): Promise<void> => {
      // Its caller gets its error.
      await running?.catch(() => undefined);
      await run(() => this.#makeAttempt('manual', false));
      this.#signIn = undefined;
    };
    return this.#occupy(inTurn());
  }

  /**
   * An attempt at the user's request. Throws `KA_RATE_LIMITED` if a forced request comes too soon, and
   * `KA_LOGIN_RUNNING` during a sign-in.
   */
  async request(force: boolean): Promise<void> {
    const { record, provider } = this.session;
    const isFutile = !force && !this.#attempt && needsLogin(record);
    if (isFutile && isKnownToNeedLogin(this.session.record, await this.find())) return;
    if (this.#signIn) throw new KeepaliveError('KA_LOGIN_RUNNING', { id: provider.id });
    if (this.#attempt) return this.#attempt;
    const retryAt = earliestManual(this.session.record, force, this.session.context());
    if (retryAt <= this.parts.now()) return this.attempt('manual', force);
    if (force) throw new KeepaliveError('KA_RATE_LIMITED', { id: provider.id, retryAt });
  }

  /** Aborts a running attempt and cancels a sign-in. Resolves when both have ended. */
  async abort(): Promise<void> {
    this.#signIn?.abort();
    this.#abort?.abort();
    await this.#attempt;
  }

  /** While it waited for its turn, the session may have been paused or put off, or the keeper stopped. */
  async #takeTurn(reason: RefreshReason, force: boolean): Promise<void> {
    const { session, parts } = this;
    const isDue = reason === 'manual' || (wakeOf(session.record.state) ?? Infinity) <= parts.now();
    if (isDue && !this.#signIn) await this.#makeAttempt(reason, force);
  }

  async #makeAttempt(reason: RefreshReason, force: boolean): Promise<void> {
    if (this.session.isStopped) return;
    const abort = new AbortController();
    this.#abort = abort;
    try {
      await this.#perform(reason, force, abort.signal);
    } finally {
      this.#abort = undefined;
    }
  }

  async #perform(reason: RefreshReason, force: boolean, stop: AbortSignal): Promise<void> {
    const { session, parts } = this;
    // A one-shot kernel does not start its sessions, and a crash may have left the state of an attempt.
    if (session.record.state.name === 'refreshing') session.dispatch({ type: 'start' });
    session.dispatch({ type: 'attempt' });
    const result = await perform(parts, {
      provider: session.provider,
      policy: session.context().policy,
      record: () => session.record,
      inspect: async () => inspectionIn(await this.find()),
      reason,
      force,
      ignoreFailuresUntil: parts.ignoreFailuresUntil(),
      stop,
    });
    await session.finish(reason, result);
  }

  /** What the provider knows of the credential without using it. */
  async inspect(): Promise<Inspection | undefined> {
    const { provider } = this.session;
    const { contexts, logins, scrub } = this.parts;
    const seen = withSafeText(await inspect(contexts, provider), scrub);
    logins.update(provider.id, seen);
    const signIn = signInFor(seen, provider.signIn !== undefined);
    this.session.show({ account: seen?.present ? seen.accountLabel : undefined, signIn });
    return seen;
  }

  /** As `inspect`, but an error is a result too. */
  find(): Promise<Found> {
    const { log, scrub } = this.parts;
    return this.inspect().catch((error: unknown) => {
      log.debug({ session: this.session.provider.id, err: error }, 'the credential could not be inspected');
      return unreadable(scrub)(error);
    });
  }

  /** The first inspection of this run; it is made once. */
  first(): Promise<Found> {
    return (this.#first ??= this.find());
  }

  async inspectAtStart(): Promise<void> {
    if (!this.session.provider.inspect) return;
    const { lastAttemptAt } = this.session.record;
    const found = await this.first();
    // An attempt makes its own inspection.
    const isAttempted = this.session.record.lastAttemptAt !== lastAttemptAt;
    if (!isAttempted) this.session.dispatch({ type: 'inspected', cause: 'start', found });
  }

  /** If the next attempt has to wait, shows the session as its credential is now. */
  async showResumed(): Promise<void> {
    const { record } = this.session;
    if (record.state.name === 'idle' && record.state.wakeAt > this.parts.now()) await this.inspectFor('resumed');
  }

  async inspectFor(cause: InspectionCause): Promise<void> {
    // An attempt may be changing the store at this moment.
    if (cause === 'store') await this.#attempt;
    this.session.dispatch({ type: 'inspected', cause, found: await this.find() });
  }
}

/** What the user does to renew a login is shown and saved, and the account is shown. */
const withSafeText = (seen: Inspection | undefined, scrub: (text: string) => string): Inspection | undefined =>
  seen && {
    ...seen,
    ...(seen.renew !== undefined && { renew: printable(scrub(seen.renew)).slice(0, MAX_RENEW) }),
    ...(seen.accountLabel !== undefined && { accountLabel: safeLabel(seen.accountLabel, scrub) }),
  };

const MAX_RENEW = 500;

/** The account as its provider masked it. A label that still looks like an address or a secret is not shown. */
const safeLabel = (label: string, scrub: (text: string) => string): string | undefined =>
  label.length <= MAX_LABEL && scrub(label) === label ? printable(label) : undefined;

const MAX_LABEL = 120;
