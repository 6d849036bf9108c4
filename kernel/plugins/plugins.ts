import { inject, Lifecycle, scoped } from 'tsyringe';
import { join } from 'node:path';
import type { PluginEntry } from '../../sdk/plugin/config.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { FrontendPlugin } from '../../sdk/plugin/frontend.ts';
import type { NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import type { Plugin } from '../../sdk/plugin/plugin.ts';
import type { PluginInfo } from '../../sdk/contract/rpc.ts';
import type { Instant } from '../../sdk/contract/session.ts';
import type { ResolvedConfig } from '../config/config.ts';
import { secretsIn } from '../config/options.ts';
import type { Vetting } from '../../runtime/approve.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import type { StateStore as StateStoreType } from '../state/states.ts';
import { KernelOptions, Log, StateStore, type KernelOptions as Options } from '../tokens.ts';
import { Contexts } from './contexts.ts';
import { Discovery } from './discovery.ts';
import { forker } from '../../runtime/worker/fork.ts';
import { isolator, type Isolate } from '../../runtime/worker/isolated-plugin.ts';
import { discoverable, isOurs, loadEntry, nameOf, optionsOf, type Loaded } from './loader.ts';
import type { Origin } from '../../runtime/load-module.ts';
import { Patience } from './patience.ts';
import {
  duplicates,
  failure,
  infoOf,
  isLoaded,
  isSame,
  refusals,
  release,
  slotFor,
  type Failure,
  type Slot,
} from './slot.ts';

/** The built-in provider that a newcomer can watch at work. */
const PRACTICE = 'practice';

/** Whether to add the practice session: always, or if no tool is signed in. */
export type Demo = true | 'auto' | undefined;

/** The plugins that the configuration names: what loaded, what did not and why, and what is still loading. */
@scoped(Lifecycle.ContainerScoped)
export class Plugins {
  readonly #isolate: Isolate;
  readonly #discovery: Discovery;
  readonly #patience = new Patience({ isLoading: () => this.isLoading, nextDone: () => this.#nextDone() });
  #slots: readonly Slot[] = [];
  #since: Instant = 0;
  #onChange: () => void = () => undefined;
  readonly #logged = new WeakSet<PluginInfo>();

  constructor(
    @inject(KernelOptions) private readonly options: Options,
    @inject(Contexts) contexts: Contexts,
    @inject(StateStore) store: StateStoreType,
    @inject(Log) private readonly log: KernelLog,
    @inject(Scrubber) private readonly scrubber: Scrubber,
  ) {
    const { home, env } = options;
    this.#isolate = isolator({ fork: forker(env), log, conceal: scrubber.conceal, files: contexts.files, home });
    this.#discovery = new Discovery({ contexts, store, log, armed: options.armed });
  }

  get loaded(): readonly Loaded[] {
    return this.#shown.flatMap(({ result }) => (isLoaded(result) ? [result] : []));
  }

  get infos(): readonly PluginInfo[] {
    return this.#shown.map(infoOf);
  }

  get frontends(): readonly FrontendPlugin[] {
    return this.#plugins.filter(plugin => plugin.kind === 'frontend');
  }

  get notifiers(): readonly NotifierPlugin[] {
    return this.#plugins.filter(plugin => plugin.kind === 'notifier');
  }

  /** The providers that wait for a sign-in. */
  get asleep(): readonly string[] {
    return this.#slots.filter(({ dormant }) => dormant).map(({ entry }) => nameOf(entry));
  }

  get #plugins(): readonly Plugin[] {
    return this.loaded.map(({ plugin }) => plugin);
  }

  get isLoading(): boolean {
    return this.#slots.some(({ result }) => !result);
  }

  /** When the plugins that joined last, or are still loading, began to load. */
  get since(): Instant {
    return this.#since;
  }

  get #shown(): readonly Slot[] {
    return this.#slots.filter(({ dormant }) => !dormant);
  }

  /** Sets what is called when a plugin loads or fails after `load` has returned, and when a new sign-in is found. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /**
   * Puts the entries in force. Returns once the built-ins have loaded; the others go on loading, each on its own.
   * Throws `KA_CONFIG_INVALID` if a built-in refuses its options; then nothing has changed.
   */
  async load(config: ResolvedConfig, demo: Demo): Promise<void> {
    const named = config.plugins === 'discover' ? await discoverable() : config.plugins;
    // Before anything can go wrong with them.
    for (const secret of named.flatMap(entry => secretsIn(optionsOf(entry)))) this.scrubber.conceal(secret);
    await this.#putInForce(config, demo === true ? [...named, PRACTICE] : named);
    if (demo !== 'auto') return;
    await this.readied();
    if (!(await this.#discovery.isAnyoneSignedIn(this.loaded))) await this.#putInForce(config, [...named, PRACTICE]);
  }

  /** Resolves when nothing is loading any more. */
  settled(): Promise<void> {
    return this.#patience.settled();
  }

  /** Resolves when nothing is loading any more that is not slow. */
  readied(): Promise<void> {
    return this.#patience.readied();
  }

  /** Ends the processes of plugins that have one. */
  async stop(): Promise<void> {
    this.#onChange = () => undefined;
    const former = this.#slots;
    this.#slots = [];
    await Promise.all(former.map(release));
  }

  async #putInForce(config: ResolvedConfig, entries: readonly PluginEntry[]): Promise<void> {
    const { configDir, stateDir } = this.options.home;
    const { file, vetting } = config;
    const base = file ?? join(configDir, 'keepalive.config.json');
    const origin: Origin = { base, stateDir, ...(vetting && { vetting }) };
    const former = this.#slots;
    const slots = this.#slotsFor(entries, vetting);
    await Promise.all(slots.filter(({ entry }) => isOurs(entry)).map(slot => this.#begin(slot, origin)));
    const problems = refusals(slots);
    if (problems.length > 0) {
      await Promise.all(slots.filter(slot => !former.includes(slot)).map(release));
      throw new KeepaliveError('KA_CONFIG_INVALID', { file: origin.base, problems });
    }
    if (config.plugins === 'discover') await Promise.all(slots.map(slot => this.#discover(slot)));
    if (!this.isLoading) this.#since = Date.now();
    this.#slots = slots;
    this.#settle();
    for (const slot of slots) if (!slot.loading) void this.#begin(slot, origin).then(() => this.#loaded(slot));
    // Not awaited: an attempt under way is finished first, and then saved by its keeper.
    void Promise.all(former.filter(slot => !slots.includes(slot)).map(release));
  }

  /** An unchanged entry keeps its plugin, so a reload does not disturb its users. */
  #slotsFor(entries: readonly PluginEntry[], vetting: Vetting | undefined): readonly Slot[] {
    const reusable = this.#slots.filter(({ key, result }) => key !== undefined && (!result || isLoaded(result)));
    return entries.map(entry => {
      const wanted = slotFor(entry, vetting);
      const at = reusable.findIndex(slot => isSame(slot, wanted));
      return (at < 0 ? undefined : reusable.splice(at, 1)[0]) ?? wanted;
    });
  }

  #begin(slot: Slot, origin: Origin): Promise<void> {
    const { entry } = slot;
    return (slot.loading ??= loadEntry(entry, origin, this.#isolate)
      .catch((error: unknown) => this.#cleaned(failure(nameOf(entry), nameOf(entry), error)))
      .then(result => void (slot.result = result)));
  }

  /** Called for a plugin that loaded late: others already run, or it is no longer wanted. */
  #loaded(slot: Slot): void {
    if (!this.#slots.includes(slot)) return void release(slot);
    this.#settle();
    this.#onChange();
  }

  #nextDone(): Promise<void> {
    return Promise.race(this.#slots.flatMap(({ loading, result }) => (loading && !result ? [loading] : [])));
  }

  #settle(): void {
    for (const [slot, duplicate] of duplicates(this.#slots)) {
      void release(slot);
      slot.result = this.#cleaned(duplicate);
    }
    for (const info of this.infos) {
      if (info.status === 'loading' || this.#logged.has(info)) continue;
      this.#logged.add(info);
      this.log[info.status === 'loaded' ? 'info' : 'error'](info, `plugin ${info.status}`);
    }
  }

  #cleaned(failed: Failure): Failure {
    return { ...failed, info: this.scrubber.clean(failed.info) };
  }

  /** Without a configuration, only what is on this machine is kept. What is kept stays, even if its login vanishes. */
  async #discover(slot: Slot): Promise<void> {
    if (nameOf(slot.entry) === PRACTICE || this.#shown.includes(slot)) return;
    await this.#discovery.decide(slot, () => {
      if (!slot.dormant || !this.#slots.includes(slot)) return;
      void slot.dormant.unwatch();
      delete slot.dormant;
      this.#settle();
      this.#onChange();
    });
  }
}
