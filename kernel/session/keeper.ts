import { toMs } from '../../sdk/duration.ts';
import { KeepaliveError } from '../../sdk/errors.ts';
import type { Cleanup, Inspection, ProviderPlugin, RefreshReason } from '../../sdk/provider.ts';
import type { Attempt, Instant, Session, SessionRecord, SessionState } from '../../sdk/session.ts';
import type { EffectivePolicy } from '../config/layers.ts';
import type { Events } from '../events.ts';
import type { Scheduler } from '../scheduler.ts';
import { inspect, perform, type AttemptParts } from './attempt.ts';
import { transition, type SessionEvent } from './transition.ts';

export type KeeperParts = AttemptParts & {
  readonly scheduler: Scheduler;
  readonly events: Events;
  /** Waits for one of the few places for attempts at one time. */
  readonly limit: <T>(run: () => Promise<T>) => Promise<T>;
  readonly random: () => number;
};

/** A person's refresh may pass the minimum interval, but not this. */
const MANUAL_FLOOR_MS = 10_000;
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
  readonly #stopping = new AbortController();

  constructor(
    readonly provider: ProviderPlugin, readonly module: string, private effective: EffectivePolicy, private readonly parts: KeeperParts, remembered?: SessionRecord,
  ) {
    const fresh: SessionRecord = { displayName: provider.displayName, state: { name: 'idle', failures: 0, wakeAt: parts.now(), wakeWhy: 'at start' } };
    this.#record = { ...fresh, ...remembered, displayName: provider.displayName };
    this.#method = this.#record.lastAttempt?.method;
  }

  get record(): SessionRecord {
    return this.#record;
  }

  get policy(): EffectivePolicy {
    return this.effective;
  }

  get session(): Session {
    const { state, lastAttempt, lastSuccessAt, expiresAt, loginExpiresAt, displayName } = this.#record;
    const next = 'wakeAt' in state ? { nextAttemptAt: state.wakeAt, nextAttemptWhy: state.wakeWhy } : {};
    return {
      id: this.provider.id, displayName, provider: this.module, method: this.#method ?? 'auto', policy: this.effective.policy,
      state, lastAttempt, lastSuccessAt, ...next, expiresAt, loginExpiresAt,
    };
  }

  /** Takes up where the last run ended, and begins to set alarms. */
  start(): void {
    this.dispatch({ type: 'start' });
    this.#setAlarm();
  }

  dispatch(event: SessionEvent): void {
    const { now, random, store, events, log } = this.parts;
    const record = transition(this.#record, event, this.effective.policy, now(), random());
    if (record === this.#record) return;
    this.#record = record;
    this.#setAlarm();
    store.put(this.provider.id, record).catch(error => log.error({ err: error }, 'the state could not be saved'));
    events.emit('changed', this.session);
  }

  configure(effective: EffectivePolicy): void {
    this.effective = effective;
    this.dispatch({ type: 'configure' });
    this.parts.events.emit('changed', this.session);
  }

  /** A person's wish. Joins an attempt under way; resolves when it has settled. Throws `KA_RATE_LIMITED` for a forced one that comes too soon. */
  async refresh(force: boolean): Promise<void> {
    if (this.#attempt) return this.#attempt;
    const retryAt = this.#earliestManual();
    if (retryAt > this.parts.now()) {
      if (force) throw new KeepaliveError('KA_RATE_LIMITED', { id: this.provider.id, retryAt });
      return;
    }
    if (!force && (await this.#loginStillNeeded())) return;
    const { state } = this.#record;
    await this.#begin('manual', force);
    // A person who looks at a paused session has not resumed it.
    if (state.name === 'halted' && state.why === 'paused') this.dispatch({ type: state.disabled ? 'configure' : 'pause' });
  }

  /** The credential changed on disk, perhaps by our own hand: only what is news moves the session. */
  async credentialChanged(): Promise<void> {
    if (this.#attempt) await this.#attempt;
    const { state, fingerprint } = this.#record;
    const seen = await this.inspect().catch(() => undefined);
    if (state.name === 'halted' && state.why === 'login-required' && fingerprint !== undefined && seen?.fingerprint === fingerprint) return;
    if (state.name === 'halted' && seen?.present === false) return;
    this.#nextReason = 'changed';
    this.dispatch({ type: 'changed', expiresAt: seen?.expiresAt?.getTime(), loginExpiresAt: seen?.loginExpiresAt?.getTime() });
  }

  clockJumped(by: number, delayMs: number): void {
    const now = this.parts.now();
    this.dispatch({ type: 'clock', by });
    if (by > 0) this.#excusedUntil = now + EXCUSED_AFTER_WAKE_MS;
    const { state } = this.#record;
    if (!('wakeAt' in state) || state.wakeAt > now) return;
    this.#nextReason = 'wake';
    this.dispatch({ type: 'delay', ms: delayMs });
  }

  /** What the provider knows without using the credential. */
  async inspect(): Promise<Inspection | undefined> {
    const seen = await inspect(this.parts, this.provider, this.#stopping.signal);
    this.#method ??= seen?.method;
    return seen;
  }

  /** The session as its credential shows it now, without using it and without moving it. */
  async look(): Promise<Session> {
    const { session } = this;
    const seen = await this.inspect();
    if (!seen) return session;
    const { state } = session;
    const paused = state.name === 'halted' && state.why === 'paused';
    if (!seen.present && !paused) {
      return { ...session, state: { name: 'halted', why: 'unavailable', hint: seen.hint ?? 'There is no credential.', failures: 0 }, nextAttemptAt: undefined, nextAttemptWhy: undefined };
    }
    const outdated = state.name === 'halted' && (state.why === 'unavailable' || (state.why === 'login-required' && seen.fingerprint !== this.#record.fingerprint));
    const looked: SessionState = outdated ? { name: 'idle', failures: 0, wakeAt: this.parts.now(), wakeWhy: 'the credential changed' } : state;
    return {
      ...session, state: looked, expiresAt: seen.expiresAt?.getTime() ?? session.expiresAt, loginExpiresAt: seen.loginExpiresAt?.getTime() ?? session.loginExpiresAt,
    };
  }

  /** No further alarm; an attempt under way is told to end and waited for. */
  async stop(): Promise<void> {
    void this.#cancelAlarm?.();
    this.#stopping.abort();
    await this.#attempt;
  }

  #setAlarm(): void {
    void this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    const { state } = this.#record;
    if (!('wakeAt' in state) || this.#stopping.signal.aborted) return;
    this.#cancelAlarm = this.parts.scheduler.at(state.wakeAt, () => {
      const reason = this.#nextReason;
      this.#nextReason = 'schedule';
      void this.#begin(reason, false);
    });
  }

  #begin(reason: RefreshReason, force: boolean): Promise<void> {
    this.#attempt ??= this.parts.limit(() => this.#makeAttempt(reason, force)).finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  async #makeAttempt(reason: RefreshReason, force: boolean): Promise<void> {
    const { state } = this.#record;
    // It may have been paused, or the kernel told to stop, while it waited for its place.
    if (this.#stopping.signal.aborted || (reason !== 'manual' && state.name === 'halted')) return;
    const startedAt = this.parts.now();
    this.dispatch({ type: 'attempt' });
    const { provider, parts, effective: { policy } } = this;
    const order = { provider, policy, record: this.#record, reason, force, excusedUntil: this.#excusedUntil, stop: this.#stopping.signal };
    const finish = await perform(parts, order);
    this.#method = finish.method ?? this.#method;
    this.dispatch({ type: 'finish', finish });
    const { id } = this.provider;
    const after = this.#record.state;
    const attempt: Attempt = {
      id, startedAt, endedAt: this.parts.now(), reason, method: this.#method ?? 'auto', outcome: finish.outcome,
      failures: 'failures' in after ? after.failures : 0, code: finish.code, message: finish.message,
    };
    this.#record = { ...this.#record, lastAttempt: attempt };
    this.parts.log.info({ session: id, outcome: attempt.outcome, method: attempt.method, reason, code: attempt.code, why: attempt.message }, 'attempt');
    this.parts.events.emit('attempted', attempt);
    this.parts.events.emit('changed', this.session);
    await this.parts.store.put(id, this.#record).catch(error => this.parts.log.error({ err: error }, 'the state could not be saved'));
  }

  #earliestManual(): Instant {
    const { lastAttemptAt, vendorWaitUntil = 0 } = this.#record;
    const now = this.parts.now();
    const floor = lastAttemptAt === undefined ? 0 : Math.min(lastAttemptAt, now) + Math.min(MANUAL_FLOOR_MS, toMs(this.effective.policy.minInterval));
    return Math.max(floor, vendorWaitUntil);
  }

  async #loginStillNeeded(): Promise<boolean> {
    const { state, fingerprint } = this.#record;
    if (state.name !== 'halted' || state.why !== 'login-required' || fingerprint === undefined) return false;
    return (await this.inspect().catch(() => undefined))?.fingerprint === fingerprint;
  }
}
