import { KeepaliveError } from '../../sdk/errors.ts';
import type { Cleanup, Inspection, ProviderPlugin, RefreshReason } from '../../sdk/provider.ts';
import type { Session, SessionRecord } from '../../sdk/session.ts';
import type { EffectivePolicy } from '../config/layers.ts';
import type { Events } from '../events.ts';
import type { Scheduler } from '../scheduler.ts';
import { inspect } from '../plugins/inspect.ts';
import { attemptOf, perform, type AttemptParts } from './attempt.ts';
import { earliestManual, knownToNeedLogin } from './manual.ts';
import { transition, type SessionEvent } from './transition.ts';
import { lookedAt, unreadable, View } from './view.ts';

export type KeeperParts = AttemptParts & {
  readonly scheduler: Scheduler;
  readonly events: Events;
  /** Waits for one of the few places for attempts at one time. */
  readonly limit: <T>(run: () => Promise<T>) => Promise<T>;
  readonly random: () => number;
};

/** The network of a machine that just woke up is not there yet; what fails this soon says nothing. */
const EXCUSED_AFTER_WAKE_MS = 60_000;

/** Keeps one session: dispatch moves its record, sets the alarm that the state implies, and tells. */
export class Keeper {
  #record: SessionRecord;
  #attempt: Promise<void> | undefined;
  #cancelAlarm: Cleanup | undefined;
  #nextReason: RefreshReason = 'schedule';
  #excusedUntil = 0;
  #method: string | undefined;
  #abort = new AbortController();
  #stopped = false;
  readonly #view: View;

  constructor(
    readonly provider: ProviderPlugin, readonly module: string, private effective: EffectivePolicy, private readonly parts: KeeperParts, remembered?: SessionRecord,
  ) {
    this.#record = remembered ?? { displayName: provider.displayName, state: { name: 'idle', failures: 0, wakeAt: parts.now(), wakeWhy: 'at start' } };
    if (this.#record.displayName !== provider.displayName) this.#record = { ...this.#record, displayName: provider.displayName };
    this.#method = this.#record.lastAttempt?.method;
    this.#view = new View(provider.id, module);
  }

  get record(): SessionRecord {
    return this.#record;
  }

  get policy(): EffectivePolicy {
    return this.effective;
  }

  get session(): Session {
    return this.#view.of(this.#record, this.effective.policy, this.#method ?? 'auto');
  }

  /** Takes up where the last run ended, and begins to set alarms. */
  start(): void {
    this.dispatch({ type: 'start' });
    this.#setAlarm();
    void this.#lookAfterAbsence();
  }

  dispatch(event: SessionEvent): void {
    if (!this.#move(event)) return;
    void this.#save();
    this.parts.events.emit('changed', this.session);
  }

  configure(effective: EffectivePolicy): void {
    const before = this.#record;
    this.effective = effective;
    this.dispatch({ type: 'configure' });
    if (this.#record === before) this.parts.events.emit('changed', this.session);
  }

  /** Wins over an attempt under way: it is told to end, and what it finds does not move the session. */
  pause(): void {
    this.dispatch({ type: 'pause' });
    this.#abort.abort();
  }

  /** A person's wish. Joins an attempt under way; resolves when it has settled. Throws `KA_RATE_LIMITED` for a forced one that comes too soon. */
  async refresh(force: boolean): Promise<void> {
    if (!force && !this.#attempt && (await this.#loginStillNeeded())) return;
    if (this.#attempt) return this.#attempt;
    const retryAt = earliestManual(this.effective.policy, this.#record, this.parts.now());
    if (retryAt > this.parts.now()) {
      if (force) throw new KeepaliveError('KA_RATE_LIMITED', { id: this.provider.id, retryAt });
      return;
    }
    await this.#begin('manual', force);
  }

  /** The credential changed on disk, perhaps by our own hand: only what is news moves the session. */
  async credentialChanged(): Promise<void> {
    if (this.#attempt) await this.#attempt;
    const seen = await this.inspect().catch(() => undefined);
    const { state, fingerprint } = this.#record;
    if (this.#stopped || (fingerprint !== undefined && seen?.fingerprint === fingerprint) || (state.name === 'halted' && seen?.present === false)) return;
    this.dispatch({ type: 'changed', expiresAt: seen?.expiresAt?.getTime(), loginExpiresAt: seen?.loginExpiresAt?.getTime() });
    if (this.#record.state.name === 'idle') this.#nextReason = 'changed';
  }

  clockJumped(by: number, delayMs: number): void {
    const now = this.parts.now();
    this.dispatch({ type: 'clock', by });
    this.#excusedUntil = by > 0 ? now + EXCUSED_AFTER_WAKE_MS : 0;
    const { state } = this.#record;
    if (!('wakeAt' in state) || state.wakeAt > now) return;
    this.#nextReason = 'wake';
    this.dispatch({ type: 'delay', ms: delayMs });
  }

  /** What the provider knows without using the credential. */
  async inspect(): Promise<Inspection | undefined> {
    const seen = await inspect(this.parts.contexts, this.provider);
    this.#method ??= seen?.method;
    return seen;
  }

  /** The session as its credential shows it now, without using it and without moving it. */
  async look(): Promise<Session> {
    const seen = await this.inspect().catch(unreadable(this.parts.scrub));
    return seen ? lookedAt(this.session, seen, this.#record.fingerprint, this.parts.now()) : this.session;
  }

  /** No further alarm; an attempt under way is told to end and waited for. */
  async stop(): Promise<void> {
    void this.#cancelAlarm?.();
    this.#stopped = true;
    this.#abort.abort();
    await this.#attempt;
  }

  #setAlarm(): void {
    void this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    const { state } = this.#record;
    if (!('wakeAt' in state) || this.#stopped) return;
    this.#cancelAlarm = this.parts.scheduler.at(state.wakeAt, () => void this.#begin(this.#nextReason, false));
  }

  #begin(reason: RefreshReason, force: boolean): Promise<void> {
    this.#attempt ??= this.parts.limit(() => this.#makeAttempt(reason, force)).finally(() => {
      this.#attempt = undefined;
      // An alarm that rang meanwhile has joined the attempt that is over.
      this.#setAlarm();
    });
    return this.#attempt;
  }

  async #makeAttempt(reason: RefreshReason, force: boolean): Promise<void> {
    const { state } = this.#record;
    const now = this.parts.now();
    // It may have been paused or put off, or the kernel told to stop, while it waited for its place.
    if (this.#stopped || (reason !== 'manual' && !('wakeAt' in state && state.wakeAt <= now))) return;
    this.#nextReason = 'schedule';
    this.#abort = new AbortController();
    this.dispatch({ type: 'attempt' });
    const { provider, parts, effective: { policy } } = this;
    const order = { provider, policy, record: this.#record, reason, force, excusedUntil: this.#excusedUntil, stop: this.#abort.signal };
    const finish = await perform(parts, order);
    // Cut off by the end of the daemon: it says nothing, and the next start takes it up again.
    if (this.#stopped && finish.outcome === 'failed') return;
    const span = { startedAt: now, endedAt: parts.now() };
    this.#method = finish.method ?? this.#method;
    this.#move({ type: 'finish', finish });
    const attempt = attemptOf(order, finish, this.#record.state, this.#method ?? 'auto', span);
    this.#record = { ...this.#record, lastAttempt: attempt };
    parts.log.info(attempt, 'attempt');
    // Saved before it is told: what a client has seen, a crash does not take back.
    await this.#save();
    parts.events.emit('attempted', attempt);
    parts.events.emit('changed', this.session);
  }

  /** Whether the event meant anything in this state. */
  #move(event: SessionEvent): boolean {
    const record = transition(this.#record, event, this.effective.policy, this.parts.now(), this.parts.random());
    if (record === this.#record) return false;
    this.#record = record;
    this.#setAlarm();
    return true;
  }

  /** What cannot be saved now is saved with the next change; the attempt itself waits for its own save. */
  async #save(): Promise<void> {
    const { store, log } = this.parts;
    await store.put(this.provider.id, this.#record).catch((error: unknown) => log.error({ err: error }, 'the state could not be saved'));
  }

  /** A person may have signed in while nobody watched. */
  async #lookAfterAbsence(): Promise<void> {
    const { state, fingerprint } = this.#record;
    if (state.name !== 'halted' || fingerprint === undefined) return;
    const seen = await this.inspect().catch(() => undefined);
    if (seen?.fingerprint !== undefined && seen.fingerprint !== fingerprint) await this.credentialChanged();
  }

  async #loginStillNeeded(): Promise<boolean> {
    return this.#record.fingerprint !== undefined && knownToNeedLogin(this.#record, (await this.inspect().catch(() => undefined))?.fingerprint);
  }
}
