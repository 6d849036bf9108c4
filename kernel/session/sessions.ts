import pLimit, { type LimitFunction } from 'p-limit';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { PolicyPatch } from '../../sdk/contract/policy.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { withTimeout } from '../../sdk/base/timeout.ts';
import { watch } from '../plugins/context-factory.ts';
import type { Loaded } from '../plugins/loader.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { KeeperParts } from './activity.ts';
import { SessionPolicies, SessionRecords, SessionTools } from './dependencies.ts';
import { inSlices } from './in-slices.ts';
import { Keeper } from './keeper.ts';
import { unknownSession } from './unknown-session.ts';
import { Logins, type Place, type RemoteShare } from '../../lifecycle/logins.ts';

/**
 * After a wake-up, the network needs a moment. Then overdue sessions are attempted one after another. The scheduler
 * notices a wake-up up to 4.4 seconds late, and the first attempt must begin within 5.
 */
const SETTLE_MS = 500;
const WAKE_SPREAD_MS = 250;
const MAX_WAKE_SPREAD_MS = 30_000;
/** The network may not be up yet when the machine has just woken up, so failures in this time are ignored. */
const IGNORE_AFTER_WAKE_MS = 60_000;
const FIRST_INSPECTIONS_MS = 1_000;

/** A keeper and its place in the configuration. */
type Entry = { readonly keeper: Keeper; place: number; unwatch?: Cleanup | undefined };

/** All keepers by id, in the order of the configuration. */
@scoped(Lifecycle.ContainerScoped)
export class Sessions {
  #keepers = new Map<string, Entry>();
  readonly #limit: LimitFunction;
  readonly #parts: KeeperParts;
  readonly #logins: Logins;
  #firstInspections: Promise<void> | undefined;
  #ignoreFailuresUntil = 0;
  #isStopping = false;

  constructor(
    @inject(SessionTools) private readonly tools: SessionTools,
    @inject(SessionPolicies) private readonly policies: SessionPolicies,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(SessionRecords) private readonly records: SessionRecords,
  ) {
    const { contexts, events, log, scrubber, guard } = tools;
    this.#limit = pLimit(policies.concurrency);
    this.#logins = new Logins(
      id => this.#placeOf(id),
      id => this.#loginChanged(id),
    );
    for (const [id, { login, shared }] of records.states.sessions) if (login) this.#logins.restore(id, login, shared);
    this.#parts = {
      contexts,
      scheduler,
      store: records.states,
      history: records.history,
      events,
      log,
      scrub: scrubber.scrub,
      limit: this.#limit,
      now: Date.now,
      random: Math.random,
      logins: this.#logins,
      guard,
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

  /** Takes over which logins other machines hold as well. */
  setRemoteShares(shares: ReadonlyMap<string, RemoteShare>): void {
    this.#logins.setRemote(shares);
  }

  /** Shows the fleet every login again. */
  showLogins(): void {
    for (const id of this.ids) this.#loginChanged(id);
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
    if (!entry) throw unknownSession(id, this.ids);
    return entry.keeper;
  }

  /**
   * Adds keepers for new providers and removes those of providers that are gone. The others continue. New sessions are
   * listed at once, as they are remembered, and then started slice by slice.
   */
  async sync(loaded: readonly Loaded[]): Promise<void> {
    const wanted = new Map(
      loaded.flatMap(({ plugin, module, added }) =>
        plugin.kind === 'provider' ? [[plugin.id, { provider: plugin, module, added }] as const] : [],
      ),
    );
    const removed = this.all().filter(({ provider }) => wanted.get(provider.id)?.provider !== provider);
    await Promise.all(removed.map(({ provider }) => this.#remove(provider.id)));
    const policyOf = this.policies.ofMany();
    const fresh: Entry[] = [];
    for (const [id, one] of wanted) {
      const known = this.#keepers.get(id);
      known?.keeper.show({ added: one.added });
      if (known) continue;
      const kept = { ...one, policy: policyOf(one.provider), remembered: this.records.states.sessions.get(id) };
      const entry: Entry = { keeper: new Keeper(kept, this.#parts), place: 0 };
      this.#keepers.set(id, entry);
      fresh.push(entry);
    }
    const isMoved = this.#putInOrder([...wanted.keys()]);
    if (fresh.length > 0) this.#firstInspections = undefined;
    for (const { keeper } of isMoved ? this.#keepers.values() : fresh) this.#logins.notify(keeper.provider.id);
    if (!this.policies.armed) return;
    const starts: Promise<void>[] = [];
    await inSlices(fresh, entry => void starts.push(this.#start(entry)));
    await Promise.all(starts);
    const warn = (error: unknown) => this.tools.log.error({ err: error }, 'the kept sessions could not be saved');
    void this.records.states.setKept(this.ids).catch(warn);
  }

  /**
   * Plugins load in any order. Of two sessions with one login, the first in the configuration keeps it alive. Returns
   * whether any session has moved.
   */
  #putInOrder(ids: readonly string[]): boolean {
    const before = this.ids;
    const entries = ids.flatMap(id => {
      const entry = this.#keepers.get(id);
      return entry ? [[id, entry] as const] : [];
    });
    entries.forEach(([, entry], place) => (entry.place = place));
    if (entries.every(([id], place) => id === before[place])) return false;
    this.#keepers = new Map(entries);
    return true;
  }

  async #start(entry: Entry): Promise<void> {
    const { keeper } = entry;
    // It may have been removed since it was added.
    if (this.#keepers.get(keeper.provider.id) !== entry) return;
    keeper.start();
    entry.unwatch = await this.#watch(keeper);
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
    const policyOf = this.policies.ofMany();
    for (const keeper of this.all()) {
      const next = policyOf(keeper.provider);
      if (!this.policies.isSame(next, keeper.policy)) void keeper.configure(next);
    }
  }

  async configure(id: string, patch: PolicyPatch): Promise<void> {
    const keeper = this.get(id);
    await this.policies.change(id, patch);
    await keeper.configure(this.policies.of(keeper.provider));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.ids.map(id => this.#remove(id)));
    await this.records.states.flush();
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

  #placeOf(id: string): Place | undefined {
    const entry = this.#keepers.get(id);
    return entry && { place: entry.place, isHalted: entry.keeper.record.state.name === 'halted' };
  }

  #loginChanged(id: string): void {
    const keeper = this.#keepers.get(id)?.keeper;
    const login = this.#logins.loginOf(id);
    keeper?.loginChanged(login, this.#logins.sharedBy(id));
    // What a machine held when it stopped is still known, so that a copy that appears meanwhile is recognized.
    if (this.#isStopping) return;
    // While an attempt ends that a pause has aborted, its token may still be spent.
    const isKept = keeper?.record.state.name !== 'halted' || this.#logins.isSpending(id);
    this.tools.guard.hold(id, keeper && login, isKept);
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
