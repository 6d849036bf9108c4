import pLimit, { type LimitFunction } from 'p-limit';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { PolicyPatch } from '../../sdk/contract/policy.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { withTimeout } from '../../sdk/base/timeout.ts';
import { watch } from '../plugins/context-factory.ts';
import type { Loaded } from '../plugins/loader.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { StateStore } from '../state/states.ts';
import type { KeeperParts } from './activity.ts';
import { SessionPolicies, SessionTools } from './dependencies.ts';
import { Keeper } from './keeper.ts';
import { Logins } from '../../lifecycle/logins.ts';

/** After a wake-up, the network needs a moment. Then overdue sessions are attempted one after another. */
const SETTLE_MS = 2_000;
const WAKE_SPREAD_MS = 250;
const MAX_WAKE_SPREAD_MS = 30_000;
/** The network may not be up yet when the machine has just woken up, so failures in this time are ignored. */
const IGNORE_AFTER_WAKE_MS = 60_000;
const FIRST_INSPECTIONS_MS = 1_000;

/** All keepers by id, in the order of the configuration. */
@scoped(Lifecycle.ContainerScoped)
export class Sessions {
  readonly #keepers = new Map<string, { readonly keeper: Keeper; unwatch?: Cleanup | undefined }>();
  readonly #limit: LimitFunction;
  readonly #parts: KeeperParts;
  readonly #logins: Logins;
  #firstInspections: Promise<void> | undefined;
  #ignoreFailuresUntil = 0;

  constructor(
    @inject(SessionTools) private readonly tools: SessionTools,
    @inject(SessionPolicies) private readonly policies: SessionPolicies,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(StateStore) private readonly store: StateStore,
  ) {
    const { contexts, events, log, scrubber } = tools;
    this.#limit = pLimit(policies.concurrency);
    const orderOf = ({ provider: { id }, record: { state } }: Keeper) => ({ id, isHalted: state.name === 'halted' });
    this.#logins = new Logins(
      () => this.all().map(orderOf),
      id => this.#loginChanged(id),
    );
    for (const [id, { login }] of store.sessions) if (login) this.#logins.restore(id, login);
    this.#parts = {
      contexts,
      scheduler,
      store,
      events,
      log,
      scrub: scrubber.scrub,
      limit: this.#limit,
      now: Date.now,
      random: Math.random,
      logins: this.#logins,
      firstInspections: () => (this.#firstInspections ??= this.#inspectAll()),
      inspectOther: id => this.#inspectOther(id),
      ignoreFailuresUntil: () => this.#ignoreFailuresUntil,
    };
    scheduler.onJump(by => this.#clockJumped(by));
    scheduler.onNetworkChange(() => this.#networkChanged());
  }

  /** Updates the sessions that share a login. Queued, so that listeners get the session's own change first. */
  settleLogin(id: string): void {
    queueMicrotask(() => this.#logins.notify(id));
  }

  get ids(): readonly string[] {
    return [...this.#keepers.keys()];
  }

  all(): readonly Keeper[] {
    return [...this.#keepers.values()].map(({ keeper }) => keeper);
  }

  /** Throws `KA_SESSION_NOT_FOUND`. */
  get(id: string): Keeper {
    const entry = this.#keepers.get(id);
    if (!entry) throw new KeepaliveError('KA_SESSION_NOT_FOUND', { id, known: this.ids });
    return entry.keeper;
  }

  /** Adds keepers for new providers and removes those of providers that are gone. The others continue. */
  async sync(loaded: readonly Loaded[]): Promise<void> {
    const wanted = loaded.flatMap(({ plugin, module, added }) =>
      plugin.kind === 'provider' ? [{ provider: plugin, module, added }] : [],
    );
    const removed = this.all().filter(keeper => !wanted.some(({ provider }) => provider === keeper.provider));
    await Promise.all(removed.map(({ provider }) => this.#remove(provider.id)));
    const policyOf = this.policies.withoutCopies();
    const fresh = wanted.filter(({ provider }) => !this.#keepers.has(provider.id));
    this.#firstInspections = undefined;
    for (const one of fresh) {
      const { id } = one.provider;
      const kept = { ...one, policy: policyOf(one.provider), remembered: this.store.sessions.get(id) };
      this.#keepers.set(id, { keeper: new Keeper(kept, this.#parts) });
    }
    for (const { provider, added } of wanted) this.get(provider.id).show({ added });
    this.#putInOrder(wanted.map(({ provider }) => provider.id));
    if (!this.policies.armed) return;
    await Promise.all(fresh.map(({ provider }) => this.#start(provider.id)));
    const warn = (error: unknown) => this.tools.log.error({ err: error }, 'the kept sessions could not be saved');
    void this.store.setKept(this.ids).catch(warn);
  }

  /** Plugins load in any order. Of two sessions with one login, the first in the configuration keeps it alive. */
  #putInOrder(ids: readonly string[]): void {
    for (const id of ids) {
      const entry = this.#keepers.get(id);
      this.#keepers.delete(id);
      if (entry) this.#keepers.set(id, entry);
    }
    for (const id of ids) this.#logins.notify(id);
  }

  async #start(id: string): Promise<void> {
    const entry = this.#keepers.get(id);
    if (!entry) return;
    entry.keeper.start();
    entry.unwatch = await this.#watch(entry.keeper);
  }

  async #remove(id: string): Promise<void> {
    const entry = this.#keepers.get(id);
    this.#keepers.delete(id);
    await entry?.unwatch?.();
    await entry?.keeper.stop();
    this.#logins.notify(id);
  }

  /** Applies a new configuration to the keepers that stay. */
  reconfigure(): void {
    this.#limit.concurrency = this.policies.concurrency;
    for (const keeper of this.all()) {
      const next = this.policies.of(keeper.provider);
      if (JSON.stringify(next) !== JSON.stringify(keeper.policy)) void keeper.configure(next);
    }
  }

  async configure(id: string, patch: PolicyPatch): Promise<void> {
    const keeper = this.get(id);
    await this.policies.change(id, patch);
    await keeper.configure(this.policies.of(keeper.provider));
  }

  async stop(): Promise<void> {
    await Promise.all(this.ids.map(id => this.#remove(id)));
    await this.store.flush();
  }

  /** A slow inspection does not delay the other sessions. */
  async #inspectAll(): Promise<void> {
    const limit = { ms: FIRST_INSPECTIONS_MS, what: 'the first inspections' };
    await withTimeout(() => Promise.all(this.all().map(keeper => keeper.firstInspection())), limit).catch(() => []);
  }

  async #inspectOther(id: string): Promise<boolean> {
    try {
      await this.#keepers.get(id)?.keeper.inspect();
      return true;
    } catch {
      return false;
    }
  }

  #loginChanged(id: string): void {
    this.#keepers.get(id)?.keeper.loginChanged(this.#logins.loginOf(id), this.#logins.sharedBy(id));
  }

  async #watch(keeper: Keeper): Promise<Cleanup | undefined> {
    const { provider } = keeper;
    const { contexts, log } = this.tools;
    const warn = (problem: string) => (error: unknown) => log.warn({ session: provider.id, err: error }, problem);
    const changed = () => void keeper.credentialChanged().catch(warn('a changed credential could not be inspected'));
    return watch(contexts, provider, changed).catch(error => {
      warn('the credential cannot be watched, so only the schedule is followed')(error);
      return undefined;
    });
  }

  #networkChanged(): void {
    this.tools.log.info('the network changed');
    this.all().forEach((keeper, index) => keeper.dispatch({ type: 'network', delayMs: this.#turnOf(index) }));
  }

  #clockJumped(by: number): void {
    this.tools.log.info({ seconds: Math.round(by / 1_000) }, 'the clock jumped, or the machine slept');
    this.#ignoreFailuresUntil = by > 0 ? Date.now() + IGNORE_AFTER_WAKE_MS : 0;
    this.all().forEach((keeper, index) => keeper.clockJumped(by, this.#turnOf(index)));
  }

  /** How long after a wake-up a session may be attempted. */
  #turnOf(index: number): number {
    return SETTLE_MS + index * Math.min(WAKE_SPREAD_MS, MAX_WAKE_SPREAD_MS / Math.max(1, this.#keepers.size));
  }
}
