import { inject, Lifecycle, scoped } from 'tsyringe';
import { join } from 'node:path';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { FrontendPlugin } from '../../sdk/plugin/frontend.ts';
import type { NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { Addition, PluginInfo } from '../../sdk/contract/rpc.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import type { ResolvedConfig } from '../../config/resolve.ts';
import { secretsIn } from '../../runtime/log/option-secrets.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Log } from '../wiring/tokens.ts';
import { Arrivals, type Arrived } from './arrivals.ts';
import { ContextFactory } from './context-factory.ts';
import { Discovery } from './discovery.ts';
import { forker } from '../../runtime/worker/worker-process.ts';
import { isolator, type Isolate } from '../../runtime/worker/isolated-plugin.ts';
import { originOf, wantedIn, withPractice, type Wanted, type WhereFrom } from './entries.ts';
import { isOurs, loadEntry, nameOf, optionsOf, type Loaded } from './loader.ts';
import type { Origin } from '../../runtime/load-module.ts';
import { LoadRetries } from './load-retries.ts';
import { Patience } from './patience.ts';
import {
  duplicates,
  failed,
  infoOf,
  inUse,
  isLoaded,
  isOverridden,
  namedLike,
  refusals,
  release,
  slotsFor,
  type Failed,
  type Result,
  type Slot,
} from './slot.ts';

/** Whether to add the practice session: always, or if no tool is signed in. */
export type Demo = true | 'auto' | undefined;

/** The plugins of the configuration: those that loaded, failed or are still loading. */
@scoped(Lifecycle.ContainerScoped)
export class Plugins {
  readonly #isolate: Isolate;
  readonly #patience = new Patience(this);
  #slots: ReadonlySet<Slot> = new Set();
  /** The slots in use, and what they have loaded, as of the last change of a slot. */
  #shown: readonly Slot[] = [];
  #loaded: readonly Loaded[] = [];
  readonly #arrivals = new Arrivals(arrived => this.#use(arrived));
  #since: Instant = 0;
  #onChange: () => void = () => undefined;

  constructor(
    @inject(ContextFactory) private readonly contexts: ContextFactory,
    @inject(Log) private readonly log: KernelLog,
    @inject(Discovery) private readonly discovery: Discovery,
    @inject(LoadRetries) private readonly retries: LoadRetries,
  ) {
    const { files, options, scrubber } = contexts;
    const { home, env } = options;
    this.#isolate = isolator({ fork: forker(env), log, conceal: scrubber.conceal, files, home });
  }

  get loaded(): readonly Loaded[] {
    return this.#loaded;
  }

  get infos(): readonly PluginInfo[] {
    return this.#shown.map(infoOf);
  }

  get frontends(): readonly FrontendPlugin[] {
    return this.loaded.flatMap(({ plugin }) => (plugin.kind === 'frontend' ? [plugin] : []));
  }

  get notifiers(): readonly NotifierPlugin[] {
    return this.loaded.flatMap(({ plugin }) => (plugin.kind === 'notifier' ? [plugin] : []));
  }

  /** The loaded provider of a built-in with its default options, whether or not it is in use. */
  defaultOf(module: string): ProviderPlugin | undefined {
    const result = [...this.#slots].find(({ entry }) => entry === module)?.result;
    return isLoaded(result) && result.plugin.kind === 'provider' ? result.plugin : undefined;
  }

  get isLoading(): boolean {
    return [...this.#slots].some(({ result }) => !result);
  }

  /** When the plugins that loaded last, or are still loading, began to load. */
  get since(): Instant {
    return this.#since;
  }

  /** The added sessions that are not kept, because the configuration has a plugin with the same id. */
  get overridden(): readonly string[] {
    return [...this.#slots].flatMap(slot => (isOverridden(slot) && slot.added !== undefined ? [slot.added] : []));
  }

  readonly originOf = (id: string): WhereFrom => originOf(this.#shown.find(slot => infoOf(slot).id === id));

  /** Sets the function that is called when a plugin loads or fails after `load`, and when a sign-in is found. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /**
   * Loads the plugins of a configuration and the added sessions, and releases those that are no longer wanted. Resolves
   * once the built-ins have loaded; the others go on loading. If a built-in refuses options of the configuration,
   * throws `KA_CONFIG_INVALID` and changes nothing.
   */
  async load(config: ResolvedConfig, demo: Demo, added: readonly Addition[] = []): Promise<void> {
    const wanted = await wantedIn(config.plugins, added);
    const secrets = wanted.flatMap(({ entry }) => secretsIn(optionsOf(entry)));
    // First: any error may contain them.
    for (const secret of secrets) this.contexts.scrubber.conceal(secret);
    await this.#apply(config, demo === true ? withPractice(wanted) : wanted);
    if (demo !== 'auto') return;
    await this.readied();
    if (!(await this.discovery.isAnySignedIn(this.loaded))) await this.#apply(config, withPractice(wanted));
  }

  /** Looks for tools that were installed or signed in to since. The watches do not see a new program. */
  async lookAgain(): Promise<void> {
    await Promise.all([...this.#slots].map(({ dormant }) => dormant?.look()));
  }

  /** Resolves when no plugin is loading. */
  settled(): Promise<void> {
    return this.#patience.settled();
  }

  /** The same, but does not wait for slow plugins. */
  readied(): Promise<void> {
    return this.#patience.readied();
  }

  /** Ends the processes of plugins that have one. */
  async stop(): Promise<void> {
    this.#onChange = () => undefined;
    const former = [...this.#slots];
    this.#slots = new Set();
    [this.#shown, this.#loaded] = [[], []];
    await Promise.all(former.map(release));
  }

  async #apply(config: ResolvedConfig, wanted: readonly Wanted[]): Promise<void> {
    const { configDir, stateDir } = this.contexts.options.home;
    const { file, vetting } = config;
    const base = file ?? join(configDir, 'keepalive.config.json');
    const origin: Origin = { base, stateDir, ...(vetting && { vetting }) };
    const former = [...this.#slots];
    const places = former.map(({ at, added }) => ({ at, added }));
    const slots = slotsFor(wanted, vetting, former);
    const before = this.#slots;
    const ours = slots.filter(({ entry, result }) => !result && isOurs(entry));
    await Promise.all(ours.map(async slot => (slot.result = await this.#begin(slot, origin))));
    const problems = refusals(slots);
    if (problems.length > 0) {
      former.forEach((slot, index) => Object.assign(slot, places[index]));
      await Promise.all(slots.filter(slot => !before.has(slot)).map(release));
      throw new KeepaliveError('KA_CONFIG_INVALID', { file: origin.base, problems });
    }
    if (!this.isLoading) this.#since = Date.now();
    const kept = new Set(slots);
    this.#slots = kept;
    await Promise.all(slots.filter(({ dormant }) => dormant).map(slot => this.#discover(slot)));
    this.#settle();
    for (const slot of slots) if (!slot.loading) this.#loadLate(slot, origin);
    // Not awaited: an attempt under way is finished first, and its keeper saves the result.
    void Promise.all(former.filter(slot => !kept.has(slot)).map(release));
  }

  #loadLate(slot: Slot, origin: Origin): void {
    void this.#begin(slot, origin).then(result => {
      this.#arrivals.add(slot, result);
      this.retries.plan(slot, result, () => {
        if (!this.#slots.has(slot)) return;
        slot.loading = undefined;
        this.#loadLate(slot, origin);
      });
    });
  }

  #begin(slot: Slot, origin: Origin): Promise<Result> {
    const { entry, added } = slot;
    return (slot.loading ??= loadEntry(entry, origin, this.#isolate)
      .catch((error: unknown) => this.#cleaned(failed(nameOf(entry), error, added)))
      .then(result => this.#logged(result)));
  }

  #use(arrived: readonly Arrived[]): void {
    for (const [slot, result] of arrived) {
      slot.result = result;
      // It may no longer be wanted.
      if (!this.#slots.has(slot)) void release(slot);
    }
    this.#settle();
    this.#onChange();
  }

  nextDone(): Promise<unknown> {
    return this.#arrivals.next();
  }

  /** Follows a change of slots. */
  #settle(): void {
    const slots = [...this.#slots];
    for (const [slot, duplicate] of duplicates(slots)) {
      void release(slot);
      slot.result = this.#cleaned(duplicate);
      const { added: session, entry } = slot;
      if (session === undefined) this.#logged(slot.result);
      else this.log.warn({ session, plugin: nameOf(entry) }, 'an added session is ignored: its id is configured');
    }
    this.#shown = inUse(slots).filter(slot => !isOverridden(slot));
    this.#loaded = this.#shown.flatMap(({ result, added }) =>
      isLoaded(result) ? [added === undefined ? result : { ...result, added: true }] : [],
    );
  }

  #logged<R extends Result>(result: R): R {
    const { info } = result;
    this.log[info.status === 'loaded' ? 'debug' : 'error'](info, `plugin ${info.status}`);
    return result;
  }

  #cleaned(result: Failed): Failed {
    return { ...result, info: this.contexts.scrubber.clean(result.info) };
  }

  /** Of `'auto'`, only tools on this machine are kept. A kept session stays when its login vanishes. */
  async #discover(slot: Slot): Promise<void> {
    const named = () => namedLike(slot, [...this.#slots]);
    await this.discovery.decide(slot, named, () => {
      if (!slot.dormant || !this.#slots.has(slot)) return;
      void slot.dormant.unwatch?.();
      slot.dormant = undefined;
      this.#settle();
      this.#onChange();
    });
  }
}
