import { printable } from '../../sdk/base/printable.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { needsLogin, type SessionRecord } from '../../sdk/contract/session.ts';
import type { Inspection, RefreshReason } from '../../sdk/contract/outcome.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { EffectivePolicy } from '../../lifecycle/policy-layers.ts';
import type { Events } from '../wiring/tokens.ts';
import { inspect } from '../plugins/context-factory.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { perform, type AttemptParts } from './attempt.ts';
import { inspectionIn, isKnownToNeedLogin } from '../../lifecycle/credential.ts';
import type { AttemptResult, Context, Found, InspectionCause, SessionEvent } from '../../lifecycle/event.ts';
import { unreadable } from '../../lifecycle/outcome.ts';
import { wakeOf, type Alarm } from '../../lifecycle/states.ts';
import { earliestManual } from '../../lifecycle/timing.ts';
import type { Beside } from '../../lifecycle/view.ts';

/** What a keeper depends on. */
export type KeeperParts = AttemptParts & {
  readonly scheduler: Scheduler;
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
  #attempt: Promise<void> | undefined;
  #abort = new AbortController();
  #first: Promise<Found> | undefined;

  constructor(
    private readonly session: ActiveSession,
    private readonly parts: KeeperParts,
  ) {}

  /** Does what the alarm was set for. */
  ring(task: Alarm['task']): void {
    if (task === 'attempt') void this.attempt(this.session.record.nextReason ?? 'schedule');
    else void this.inspectFor('unavailable').then(() => this.session.setAlarm());
  }

  /** Begins an attempt, or joins the running one. Resolves when it has ended. */
  attempt(reason: RefreshReason, force = false): Promise<void> {
    this.#attempt ??= this.parts
      .limit(() => this.#makeAttempt(reason, force))
      .finally(() => {
        this.#attempt = undefined;
        // An alarm that rang during the attempt has joined it.
        this.session.setAlarm();
      });
    return this.#attempt;
  }

  /** An attempt at the user's request. Throws `KA_RATE_LIMITED` if a forced request comes too soon. */
  async request(force: boolean): Promise<void> {
    const { record, provider } = this.session;
    const isFutile = !force && !this.#attempt && needsLogin(record);
    if (isFutile && isKnownToNeedLogin(this.session.record, await this.find())) return;
    if (this.#attempt) return this.#attempt;
    const retryAt = earliestManual(this.session.record, force, this.session.context());
    if (retryAt <= this.parts.now()) return this.attempt('manual', force);
    if (force) throw new KeepaliveError('KA_RATE_LIMITED', { id: provider.id, retryAt });
  }

  /** Aborts a running attempt. Resolves when it has ended. */
  async abort(): Promise<void> {
    this.#abort.abort();
    await this.#attempt;
  }

  async #makeAttempt(reason: RefreshReason, force: boolean): Promise<void> {
    const { session, parts } = this;
    // While it waited for its turn, the session may have been paused or put off, or the keeper stopped.
    const isDue = (wakeOf(session.record.state) ?? Infinity) <= parts.now();
    if (session.isStopped || (reason !== 'manual' && !isDue)) return;
    this.#abort = new AbortController();
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
      stop: this.#abort.signal,
    });
    await session.finish(reason, result);
  }

  /** What the provider knows of the credential without using it. */
  async inspect(): Promise<Inspection | undefined> {
    const { provider } = this.session;
    const seen = await inspect(this.parts.contexts, provider);
    this.parts.logins.update(provider.id, seen);
    this.session.show({ account: accountIn(seen, this.parts.scrub) });
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

/** The account as its provider masked it. A label that still looks like an address or a secret is not shown. */
function accountIn(seen: Inspection | undefined, scrub: (text: string) => string): string | undefined {
  const label = seen?.present ? seen.accountLabel : undefined;
  return label !== undefined && label.length <= MAX_LABEL && scrub(label) === label ? printable(label) : undefined;
}

const MAX_LABEL = 120;
