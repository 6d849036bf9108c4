import pLimit, { type LimitFunction } from 'p-limit';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { KeepaliveError } from '../../sdk/errors.ts';
import type { PolicyPatch } from '../../sdk/policy.ts';
import type { Cleanup, ProviderPlugin } from '../../sdk/provider.ts';
import { effectivePolicy, type EffectivePolicy } from '../config/layers.ts';
import type { Settings as SettingsType } from '../config/settings.ts';
import { Events } from '../events.ts';
import type { KernelLog } from '../log.ts';
import { Contexts } from '../plugins/context.ts';
import { callPlugin } from '../plugins/gate.ts';
import type { Loaded } from '../plugins/loader.ts';
import type { Scheduler } from '../scheduler.ts';
import { Scrubber } from '../scrub.ts';
import { Alarms, ConfigHolder, KernelOptions, Log, Settings, StateStore, type ConfigHolder as Config, type KernelOptions as Options } from '../tokens.ts';
import { Keeper, type KeeperParts } from './keeper.ts';
import type { StateStore as StateStoreType } from './store.ts';

/** After a wake the network needs a moment; then the overdue sessions follow one another. */
const SETTLE_MS = 2_000;
const WAKE_SPREAD_MS = 250;
const MAX_WAKE_SPREAD_MS = 30_000;
const WATCH_LIMIT_MS = 10_000;

/** All keepers, by id. */
@scoped(Lifecycle.ContainerScoped)
export class Sessions {
  readonly #keepers = new Map<string, { readonly keeper: Keeper; unwatch?: Cleanup }>();
  readonly #limit: LimitFunction;
  readonly #parts: KeeperParts;

  constructor(
    @inject(Contexts) private readonly contexts: Contexts,
    @inject(Alarms) scheduler: Scheduler,
    @inject(StateStore) private readonly store: StateStoreType,
    @inject(Settings) private readonly settings: SettingsType,
    @inject(ConfigHolder) private readonly config: Config,
    @inject(KernelOptions) private readonly options: Options,
    @inject(Events) events: Events,
    @inject(Scrubber) scrubber: Scrubber,
    @inject(Log) private readonly log: KernelLog,
  ) {
    this.#limit = pLimit(config.current.concurrency);
    this.#parts = { contexts, scheduler, store, events, log, scrub: scrubber.scrub, limit: this.#limit, now: Date.now, random: Math.random };
    scheduler.onJump(by => this.#clockJumped(by));
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
    const wanted = loaded.flatMap(({ plugin, module }) => (plugin.kind === 'provider' ? [{ provider: plugin, module }] : []));
    const ending = this.all().filter(keeper => !wanted.some(({ provider }) => provider === keeper.provider)).map(({ provider }) => provider.id);
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
    await Promise.all(added.map(({ provider, module }) => this.#add(provider, module, policyOf(provider))));
    this.#inOrderOf(wanted.map(({ provider }) => provider.id));
  }

  /** Plugins load in any order; sessions are listed as the configuration names them. */
  #inOrderOf(ids: readonly string[]): void {
    for (const id of ids) {
      const entry = this.#keepers.get(id);
      this.#keepers.delete(id);
      if (entry) this.#keepers.set(id, entry);
    }
  }

  async #add(provider: ProviderPlugin, module: string, policy: EffectivePolicy): Promise<void> {
    const keeper = new Keeper(provider, module, policy, this.#parts, this.store.sessions.get(provider.id));
    this.#keepers.set(provider.id, { keeper });
    if (!this.options.armed) return;
    keeper.start();
    // A session may join while clients look on, and what was remembered of it need not move.
    this.#parts.events.emit('changed', keeper.session);
    await this.#watch(keeper);
  }

  async #remove(id: string): Promise<void> {
    const entry = this.#keepers.get(id);
    this.#keepers.delete(id);
    await entry?.unwatch?.();
    await entry?.keeper.stop();
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
      keeper.credentialChanged().catch(error => this.log.warn({ session: provider.id, err: error }, 'a changed credential could not be looked at'));
    };
    try {
      entry.unwatch = await callPlugin(provider, 'watch', WATCH_LIMIT_MS,
        async signal => provider.watch?.(this.contexts.inspect(provider, signal), changed) ?? (() => undefined));
    } catch (error) {
      this.log.warn({ session: provider.id, err: error }, 'the credential cannot be watched; the schedule alone is followed');
    }
  }

  #clockJumped(by: number): void {
    this.log.info({ seconds: Math.round(by / 1_000) }, 'the clock jumped, or the machine slept');
    const spread = Math.min(WAKE_SPREAD_MS, MAX_WAKE_SPREAD_MS / Math.max(1, this.#keepers.size));
    this.all().forEach((keeper, index) => keeper.clockJumped(by, SETTLE_MS + index * spread));
  }
}
