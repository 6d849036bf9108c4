import { isDeepStrictEqual } from 'node:util';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { HeldLogin, Session, SessionRecord, SharedLogin } from '../../sdk/contract/session.ts';
import type { Inspection, RefreshReason } from '../../sdk/contract/outcome.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { EffectivePolicy } from '../../lifecycle/policy-layers.ts';
import { Activity, type ActiveSession, type KeeperParts, type Kept } from './activity.ts';
import type { AttemptResult, Context, Found, SessionEvent } from '../../lifecycle/event.ts';
import { nextAlarm, type Alarm } from '../../lifecycle/states.ts';
import { initialRecord, transition } from '../../lifecycle/transition.ts';
import { sessionOf, View, type Beside } from '../../lifecycle/view.ts';

/** Keeps one session: applies events to its record, sets the alarm that its state implies, saves, and emits changes. */
export class Keeper implements ActiveSession {
  readonly provider: ProviderPlugin;
  readonly #view: View;
  readonly #activity: Activity;
  #policy: EffectivePolicy;
  #record: SessionRecord;
  #beside: Beside;
  #phase: 'new' | 'running' | 'stopped' = 'new';
  #announced: Session | undefined;
  #alarm: (Alarm & { readonly cancel: Cleanup }) | undefined;

  constructor(
    { provider, module, policy, remembered, added }: Kept,
    private readonly parts: KeeperParts,
  ) {
    this.provider = provider;
    this.#view = new View({ id: provider.id, provider: module });
    this.#activity = new Activity(this, parts);
    this.#policy = policy;
    this.#beside = { added };
    this.#record = initialRecord(provider.displayName, parts.now(), remembered);
  }

  get record(): SessionRecord {
    return this.#record;
  }

  get policy(): EffectivePolicy {
    return this.#policy;
  }

  get session(): Session {
    return this.#view.of(this.#record, this.#policy.policy, this.#beside);
  }

  get isStopped(): boolean {
    return this.#phase === 'stopped';
  }

  context(): Context {
    return { policy: this.#policy.policy, now: this.parts.now(), random: this.parts.random() };
  }

  /** Continues from the record of an earlier run, and begins to set alarms. */
  start(): void {
    this.#phase = 'running';
    this.dispatch({ type: 'start' });
    this.setAlarm();
    void this.#activity.inspectAtStart();
  }

  /** Cancels the alarm, aborts a running attempt, and waits for its end. */
  async stop(): Promise<void> {
    this.#phase = 'stopped';
    this.setAlarm();
    await this.#activity.abort();
  }

  dispatch(event: SessionEvent): void {
    if (this.isStopped) return;
    if (this.#apply(event)) void this.#save();
    this.#announce();
  }

  /** Resolves when an enabled session is shown as its credential is. */
  configure(policy: EffectivePolicy): Promise<void> {
    this.#policy = policy;
    this.dispatch({ type: 'configure' });
    return this.#activity.showResumed();
  }

  /** Resolves when the session is shown as its credential is. */
  resume(): Promise<void> {
    this.dispatch({ type: 'resume' });
    return this.#activity.showResumed();
  }

  /** Updates what clients see beside the record. Only in memory: an account must not be in a file. */
  show(beside: Beside): void {
    const next = { ...this.#beside, ...beside };
    if (isDeepStrictEqual(next, this.#beside)) return;
    this.#beside = next;
    if (this.#phase === 'running') this.#announce();
  }

  /** Aborts a running attempt, whose result does not end the pause, and cancels a sign-in. */
  pause(): void {
    this.dispatch({ type: 'pause' });
    void this.#activity.abort();
  }

  /**
   * Pauses the session without an end of its sign-in, also while the daemon stops. Resolves when that is on disk, so
   * that a crash cannot undo it.
   */
  async holdBack(): Promise<void> {
    this.#apply({ type: 'pause' });
    await this.#save();
    if (!this.isStopped) this.#announce();
  }

  /** Resolves when the record is on disk. Throws `KA_HOME_UNUSABLE` if it cannot be written now. */
  async saved(): Promise<void> {
    if (!this.isStopped) await this.parts.store.put(this.provider.id, this.#record);
  }

  /** Updates the login as all sessions know it. Before the start, the change is neither saved nor announced. */
  loginChanged(login: HeldLogin | undefined, shared: SharedLogin | undefined): void {
    if (this.#phase === 'running') this.dispatch({ type: 'login', login, shared, rearm: true });
    else this.#apply({ type: 'login', login, shared, rearm: false });
  }

  clockJumped(by: number, delayMs: number): void {
    this.dispatch({ type: 'clock', by, delayMs });
    this.setAlarm(); // The next inspection of an unavailable session is not part of its state.
  }

  refresh(force: boolean): Promise<void> {
    return this.#activity.request(force);
  }

  /** Runs a sign-in in the place of an attempt. `run` must not reject. */
  signIn(abort: AbortController, run: (verify: () => Promise<void>) => Promise<void>): Promise<void> {
    return this.#activity.signIn(abort, run);
  }

  inspect(): Promise<Inspection | undefined> {
    return this.#activity.inspect();
  }

  /** As `inspect`, but an error is a result too. */
  find(): Promise<Found> {
    return this.#activity.find();
  }

  firstInspection(): Promise<Found> {
    return this.#activity.first();
  }

  /** The store changed, perhaps by our own renewal. */
  credentialChanged(): Promise<void> {
    return this.#activity.inspectFor('store');
  }

  /** The record with what an inspection finds now. The session's own record stays as it is. */
  async preview(): Promise<SessionRecord> {
    return this.#previewOf(await this.#activity.find());
  }

  /** The session of that record. */
  async look(): Promise<Session> {
    return this.sessionWith(await this.#activity.find());
  }

  /** The session with what an inspection found. */
  sessionWith(found: Found): Session {
    return sessionOf(this.#view.identity, this.#previewOf(found), this.#policy.policy, this.#beside);
  }

  #previewOf(found: Found): SessionRecord {
    return transition(this.#record, { type: 'preview', found }, this.context());
  }

  /** Records an attempt. It is on disk before clients hear of it, so that a crash cannot undo what they have seen. */
  async finish(reason: RefreshReason, result: AttemptResult): Promise<void> {
    const { id } = this.provider;
    this.#apply({ type: 'login', login: this.parts.logins.loginOf(id), shared: this.#record.shared, rearm: false });
    // An attempt that the end of the daemon aborted is repeated at the next start.
    if (this.isStopped && result.outcome === 'failed') return;
    this.#apply({ type: 'finish', id, reason, result });
    const { lastAttempt } = this.#record;
    this.parts.log.info(lastAttempt, 'attempt');
    if (!lastAttempt) return;
    await Promise.all([this.#save(), this.parts.history.add(lastAttempt)]);
    this.parts.events.emit('attempted', lastAttempt);
    this.#announce();
  }

  /** Sets the alarm that the state implies, unless it is set. */
  setAlarm(): void {
    const { record, policy, parts } = this;
    const next = this.#phase === 'running' ? nextAlarm(record, policy.policy, parts.now()) : undefined;
    if (next?.at === this.#alarm?.at && next?.task === this.#alarm?.task) return;
    void this.#alarm?.cancel();
    this.#alarm = next && { ...next, cancel: parts.scheduler.at(next.at, () => this.#ring(next)) };
  }

  #ring({ task }: Alarm): void {
    this.#alarm = undefined;
    if (task !== 'warning') return this.#activity.ring(task);
    this.parts.events.emit('warningDue', this.session);
    this.setAlarm();
  }

  /** Whether the event changed the record. */
  #apply(event: SessionEvent): boolean {
    const before = this.#record;
    this.#record = transition(before, event, this.context());
    if (this.#record !== before) this.setAlarm();
    return this.#record !== before;
  }

  /** A record that cannot be saved now is saved with the next change. The attempt itself waits for its own save. */
  async #save(): Promise<void> {
    const { store, log } = this.parts;
    const warn = (error: unknown) => log.error({ err: error }, 'the state could not be saved');
    await store.put(this.provider.id, this.#record).catch(warn);
  }

  /** Emits the session if clients see a change. */
  #announce(): void {
    if (this.session === this.#announced) return;
    this.#announced = this.session;
    this.parts.events.emit('changed', this.session);
  }
}
