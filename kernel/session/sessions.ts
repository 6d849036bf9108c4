import pLimit, { type LimitFunction } from 'p-limit';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { PolicyPatch } from '../../sdk/contract/policy.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { effectivePolicy, type EffectivePolicy } from '../config/layers.ts';
import type { Settings as SettingsType } from '../state/settings.ts';
import { Events } from '../events.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Contexts } from '../plugins/contexts.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';
import type { Loaded } from '../plugins/loader.ts';
import type { Scheduler as SchedulerType } from '../scheduler/scheduler.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import {
  ConfigHolder,
  KernelOptions,
  Log,
  Scheduler,
  Settings,
  StateStore,
  type ConfigHolder as Config,
  type KernelOptions as Options,
} from '../tokens.ts';
import { Keeper } from './keeper.ts';
import { Logins } from './logins.ts';
import type { KeeperParts } from './parts.ts';
import type { StateStore as StateStoreType } from '../state/states.ts';

/** After a wake the network needs a moment; then the overdue sessions follow one another. */
const SETTLE_MS = 2_000;
const WAKE_SPREAD_MS = 250;
const MAX_WAKE_SPREAD_MS = 30_000;
const WATCH_LIMIT_MS = 10_000;
const FIRST_LOOKS_MS = 1_000;

/** All keepers, by id. */
@scoped(Lifecycle.ContainerScoped)
export class Sessions {
  readonly #keepers = new Map<string, { readonly keeper: Keeper; unwatch?: Cleanup }>();
  readonly #limit: LimitFunction;
  readonly #parts: KeeperParts;
  readonly #logins: Logins;
  #firstLooks: Promise<void> | undefined;

  constructor(
    @inject(Contexts) private readonly contexts: Contexts,
    @inject(Scheduler) scheduler: SchedulerType,
    @inject(StateStore) private readonly store: StateStoreType,
    @inject(Settings) private readonly settings: SettingsType,
    @inject(ConfigHolder) private readonly config: Config,
    @inject(KernelOptions) private readonly options: Options,
    @inject(Events) events: Events,
    @inject(Scrubber) scrubber: Scrubber,
    @inject(Log) private readonly log: KernelLog,
  ) {
    this.#limit = pLimit(config.current.concurrency);
    this.#logins = new Logins(
      () => this.all().map(idAndRest),
      id => this.#loginKnown(id),
    );
    for (const [id, { login }] of store.sessions) if (login) this.#logins.recall(id, login);
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
      firstLooks: () => (this.#firstLooks ??= this.#lookAtAll()),
      lookAt: id => this.#lookAt(id),
    };
    scheduler.onJump(by => this.#clockJumped(by));
    scheduler.onNetworkChange(() => this.#networkChanged());
    // Queued, so that listeners see this change before those that follow from it.
    events.on('changed', ({ id }) => queueMicrotask(() => this.#logins.tell(id)));
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

  /** Keeps what the plugins provide: new ones are added, others end; one whose entry did not change goes on undisturbed. */
  async sync(loaded: readonly Loaded[]): Promise<void> {
    const wanted = loaded.flatMap(({ plugin, module }) =>
      plugin.kind === 'provider' ? [{ provider: plugin, module }] : [],
    );
    const ending = this.all()
      .filter(keeper => !wanted.some(({ provider }) => provider === keeper.provider))
      .map(({ provider }) => provider.id);
    await Promise.all(ending.map(id => this.#remove(id)));
    // Of thousands of sessions, most have one policy.
    const shared = new Map<string, EffectivePolicy>();
    const policyOf = (provider: ProviderPlugin) => {
      const policy = this.#policyOf(provider);
      const text = JSON.stringify(policy);
      shared.set(text, shared.get(text) ?? policy);
      return shared.get(text) ?? policy;
    };
    const added = wanted.filter(({ provider }) => !this.#keepers.has(provider.id));
    this.#firstLooks = undefined;
    for (const { provider, module } of added) {
      const remembered = this.store.sessions.get(provider.id);
      this.#keepers.set(provider.id, {
        keeper: new Keeper(provider, module, policyOf(provider), this.#parts, remembered),
      });
    }
    this.#putInOrder(wanted.map(({ provider }) => provider.id));
    if (this.options.armed) await Promise.all(added.map(({ provider }) => this.#start(provider.id)));
  }

  /** Plugins load in any order; sessions follow the configuration. Of two with one login, the first keeps it. */
  #putInOrder(ids: readonly string[]): void {
    for (const id of ids) {
      const entry = this.#keepers.get(id);
      this.#keepers.delete(id);
      if (entry) this.#keepers.set(id, entry);
    }
    for (const id of ids) this.#logins.tell(id);
  }

  async #start(id: string): Promise<void> {
    const { keeper } = this.#keepers.get(id) ?? {};
    if (!keeper) return;
    keeper.start();
    // A session may join while clients are connected, and its remembered state need not change.
    this.#parts.events.emit('changed', keeper.session);
    await this.#watch(keeper);
  }

  /** A slow inspection holds up no other session. */
  async #lookAtAll(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>(resolve => {
      timer = setTimeout(resolve, FIRST_LOOKS_MS);
    });
    await Promise.race([Promise.all(this.all().map(keeper => keeper.firstLook())), limit]);
    clearTimeout(timer);
  }

  async #lookAt(id: string): Promise<boolean> {
    const looked = this.#keepers.get(id)?.keeper.inspect();
    return (
      looked === undefined ||
      looked.then(
        () => true,
        () => false,
      )
    );
  }

  #loginKnown(id: string): void {
    this.#keepers.get(id)?.keeper.loginKnown(this.#logins.of(id), this.#logins.sharedBy(id));
  }

  async #remove(id: string): Promise<void> {
    const entry = this.#keepers.get(id);
    this.#keepers.delete(id);
    await entry?.unwatch?.();
    await entry?.keeper.stop();
    this.#logins.tell(id);
  }

  /** The configuration is another one; the keepers that stay go by it from now on. */
  reconfigure(): void {
    this.#limit.concurrency = this.config.current.concurrency;
    for (const keeper of this.all()) {
      const next = this.#policyOf(keeper.provider);
      if (JSON.stringify(next) !== JSON.stringify(keeper.policy)) keeper.configure(next);
    }
  }

  async configure(id: string, patch: PolicyPatch): Promise<void> {
    const keeper = this.get(id);
    await this.settings.change(id, patch);
    keeper.configure(this.#policyOf(keeper.provider));
  }

  async stop(): Promise<void> {
    await Promise.all(this.ids.map(id => this.#remove(id)));
    await this.store.flush();
  }

  #policyOf(provider: ProviderPlugin): EffectivePolicy {
    return effectivePolicy(provider.policy ?? {}, this.config.current, provider.id, this.settings.of(provider.id));
  }

  async #watch(keeper: Keeper): Promise<void> {
    const { provider } = keeper;
    const entry = this.#keepers.get(provider.id);
    if (!provider.watch || !entry) return;
    const changed = () => {
      keeper
        .credentialChanged()
        .catch(error =>
          this.log.warn({ session: provider.id, err: error }, 'a changed credential could not be looked at'),
        );
    };
    try {
      entry.unwatch = await callPlugin(
        provider,
        'watch',
        WATCH_LIMIT_MS,
        async signal => provider.watch?.(this.contexts.inspect(provider, signal), changed) ?? (() => undefined),
      );
    } catch (error) {
      this.log.warn(
        { session: provider.id, err: error },
        'the credential cannot be watched; the schedule alone is followed',
      );
    }
  }

  #networkChanged(): void {
    this.log.info('the network changed');
    this.all().forEach((keeper, index) =>
      keeper.dispatch({ type: 'network', ms: SETTLE_MS + index * this.#wakeSpread }),
    );
  }

  get #wakeSpread(): number {
    return Math.min(WAKE_SPREAD_MS, MAX_WAKE_SPREAD_MS / Math.max(1, this.#keepers.size));
  }

  #clockJumped(by: number): void {
    this.log.info({ seconds: Math.round(by / 1_000) }, 'the clock jumped, or the machine slept');
    this.all().forEach((keeper, index) => keeper.clockJumped(by, SETTLE_MS + index * this.#wakeSpread));
  }
}

const idAndRest = ({ provider: { id }, record: { state } }: Keeper) => ({ id, isHalted: state.name === 'halted' });
