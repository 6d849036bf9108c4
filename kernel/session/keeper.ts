import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Inspection, ProviderPlugin, RefreshReason } from '../../sdk/plugin/provider.ts';
import type { HeldLogin, Session, SessionRecord, SharedLogin } from '../../sdk/contract/session.ts';
import type { EffectivePolicy } from '../config/layers.ts';
import { inspect } from '../plugins/context-factory.ts';
import { Alarm } from './alarm.ts';
import { attemptOf, perform } from './attempt.ts';
import { earliestManual, isLoginOver, knownToNeedLogin } from './manual.ts';
import type { KeeperParts } from './parts.ts';
import { isFreed, withLogin } from './shared.ts';
import { initial, wakeOf } from './states.ts';
import { transition, type SessionEvent } from './transition.ts';
import { lookedAt, unreadable, View } from './view.ts';
import { Vigil } from './vigil.ts';

/** The network of a machine that just woke up is not there yet; what fails this soon says nothing. */
const EXCUSED_AFTER_WAKE_MS = 60_000;

/** Keeps one session: dispatch moves its record, sets the alarm that the state implies, and emits the change. */
export class Keeper {
  #record: SessionRecord;
  #attempt: Promise<void> | undefined;
  #nextReason: RefreshReason = 'schedule';
  #excusedUntil = 0;
  #method: string | undefined;
  #abort = new AbortController();
  #stopped = false;
  #isStarted = false;
  readonly #view: View;
  readonly #alarm: Alarm;
  readonly #vigil: Vigil;

  constructor(
    readonly provider: ProviderPlugin,
    readonly module: string,
    private effective: EffectivePolicy,
    private readonly parts: KeeperParts,
    remembered?: SessionRecord,
  ) {
    this.#record = initial(provider, parts.now(), remembered);
    this.#method = this.#record.lastAttempt?.method;
    this.#view = new View(provider.id, module);
    const [attempt, look] = [() => void this.#begin(this.#nextReason, false), () => void this.#lookAgain()];
    this.#alarm = new Alarm(parts.scheduler, parts.now, { attempt, look });
    this.#vigil = new Vigil(this, this.#tryInspect, parts.now);
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
    this.#isStarted = true;
    this.dispatch({ type: 'start' });
    this.#setAlarm();
    void this.#vigil.atStart();
  }

  /** The first look at the credential, made once; undefined if that is not possible. */
  readonly firstLook = (): Promise<Inspection | undefined> => this.#vigil.first();

  /** Takes over what is known of the login across all sessions. */
  loginKnown(login: HeldLogin | undefined, shared: SharedLogin | undefined): void {
    const before = this.#record;
    this.#record = withLogin(before, login, shared);
    if (this.#record === before || !this.#isStarted) return;
    if (isFreed(before, this.#record, this.provider.id)) this.#move({ type: 'freed' });
    void this.#save();
    if (this.#record.shared !== before.shared) this.parts.events.emit('changed', this.session);
  }

  dispatch(event: SessionEvent): void {
    if (this.#stopped || !this.#move(event)) return;
    if (event.type === 'changed' && this.#record.state.name === 'idle') this.#nextReason = 'changed';
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
    const isInVain = !force && !this.#attempt && isLoginOver(this.#record.state);
    if (isInVain && knownToNeedLogin(this.#record, (await this.#tryInspect())?.fingerprint)) return;
    if (this.#attempt) return this.#attempt;
    const retryAt = earliestManual(this.effective.policy, this.#record, this.parts.now(), force);
    if (retryAt > this.parts.now()) {
      if (force) throw new KeepaliveError('KA_RATE_LIMITED', { id: this.provider.id, retryAt });
      return;
    }
    await this.#begin('manual', force);
  }

  /** The credential changed on disk, perhaps by our own hand: only what is news moves the session. */
  async credentialChanged(): Promise<void> {
    await this.#attempt;
    await this.#vigil.changed();
  }

  clockJumped(by: number, delayMs: number): void {
    this.dispatch({ type: 'clock', by });
    const now = this.parts.now();
    this.#excusedUntil = by > 0 ? now + EXCUSED_AFTER_WAKE_MS : 0;
    this.#setAlarm(); // The next look of an unavailable session is not part of its state.
    if ((wakeOf(this.#record.state) ?? Infinity) > now) return;
    this.#nextReason = 'wake';
    this.dispatch({ type: 'delay', ms: delayMs });
  }

  /** What the provider knows without using the credential. */
  async inspect(): Promise<Inspection | undefined> {
    const seen = await inspect(this.parts.contexts, this.provider);
    this.#method ??= seen?.method;
    this.parts.logins.note(this.provider.id, seen);
    return seen;
  }

  readonly #tryInspect = (): Promise<Inspection | undefined> => this.inspect().catch(() => undefined);

  /** The session as its credential shows it now, without using it and without moving it. */
  async look(): Promise<Session> {
    const seen = await this.inspect().catch(unreadable(this.parts.scrub));
    return seen ? lookedAt(this.session, seen, this.#record.fingerprint, this.parts.now()) : this.session;
  }

  /** No further alarm; an attempt under way is told to end and waited for. */
  async stop(): Promise<void> {
    this.#alarm.clear();
    this.#stopped = true;
    this.#abort.abort();
    await this.#attempt;
  }

  #setAlarm(): void {
    if (!this.#stopped) this.#alarm.set(this.#record.state, this.effective.policy);
  }

  readonly #lookAgain = (): Promise<void> => this.#vigil.again().then(() => this.#setAlarm());

  #begin(reason: RefreshReason, force: boolean): Promise<void> {
    this.#attempt ??= this.parts
      .limit(() => this.#makeAttempt(reason, force))
      .finally(() => {
        this.#attempt = undefined;
        // An alarm that rang meanwhile has joined the attempt that is over.
        this.#setAlarm();
      });
    return this.#attempt;
  }

  async #makeAttempt(reason: RefreshReason, force: boolean): Promise<void> {
    const wakeAt = wakeOf(this.#record.state);
    const now = this.parts.now();
    // It may have been paused or put off, or the kernel told to stop, while it waited for its place.
    if (this.#stopped || (reason !== 'manual' && !(wakeAt !== undefined && wakeAt <= now))) return;
    this.#nextReason = 'schedule';
    this.#abort = new AbortController();
    this.dispatch({ type: 'attempt' });
    const {
      provider,
      parts,
      effective: { policy },
    } = this;
    const [record, look, stop] = [() => this.#record, this.#tryInspect, this.#abort.signal];
    const order = { provider, policy, reason, force, record, look, stop, excusedUntil: this.#excusedUntil };
    const finish = await perform(parts, order);
    this.#record = { ...this.#record, login: parts.logins.of(provider.id) };
    // Cut off by the end of the daemon: it says nothing, and the next start takes it up again.
    if (this.#stopped && finish.outcome === 'failed') return;
    this.#method = finish.method ?? this.#method;
    this.#move({ type: 'finish', finish });
    const attempt = attemptOf(order, finish, this.#record.state, this.#method ?? 'auto', {
      startedAt: now,
      endedAt: parts.now(),
    });
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
    await store
      .put(this.provider.id, this.#record)
      .catch((error: unknown) => log.error({ err: error }, 'the state could not be saved'));
  }
}
