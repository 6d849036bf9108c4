import { inject, Lifecycle, scoped } from 'tsyringe';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { PluginEntry } from '../../sdk/config.ts';
import { isKeepaliveError, KeepaliveError } from '../../sdk/errors.ts';
import type { FrontendPlugin } from '../../sdk/frontend.ts';
import type { NotifierPlugin } from '../../sdk/notifier.ts';
import type { Problem } from '../../sdk/options.ts';
import type { PluginInfo } from '../../sdk/rpc.ts';
import type { ResolvedConfig } from '../config/config.ts';
import { secretsIn } from '../config/options.ts';
import type { KernelLog } from '../log.ts';
import { Scrubber } from '../scrub.ts';
import { KernelOptions, Log, type KernelOptions as Options } from '../tokens.ts';
import { Contexts } from './context.ts';
import { inspect } from './inspect.ts';
import { forker } from './isolated/fork.ts';
import { isolator } from './isolated/isolated.ts';
import { builtinNames, discoverable, keyOf, loadEntry, nameOf, optionsOf, type Isolate, type Loaded } from './loader.ts';
import { isBuiltin, type Origin } from './module.ts';

/** The built-in provider that a newcomer can watch at work. */
const PRACTICE = 'practice';

/** The plugins that the configuration names: what loaded, and what did not and why. */
@scoped(Lifecycle.ContainerScoped)
export class Plugins {
  readonly #isolate: Isolate;
  #loaded: readonly Loaded[] = [];
  #infos: readonly PluginInfo[] = [];

  constructor(
    @inject(KernelOptions) private readonly options: Options, @inject(Contexts) private readonly contexts: Contexts,
    @inject(Log) private readonly log: KernelLog, @inject(Scrubber) private readonly scrubber: Scrubber,
  ) {
    const { home, env } = options;
    this.#isolate = isolator({ fork: forker(env), log, conceal: scrubber.conceal, files: contexts.files, home });
  }

  get loaded(): readonly Loaded[] {
    return this.#loaded;
  }

  get infos(): readonly PluginInfo[] {
    return this.#infos;
  }

  get frontends(): readonly FrontendPlugin[] {
    return this.#loaded.flatMap(({ plugin }) => (plugin.kind === 'frontend' ? [plugin] : []));
  }

  get notifiers(): readonly NotifierPlugin[] {
    return this.#loaded.flatMap(({ plugin }) => (plugin.kind === 'notifier' ? [plugin] : []));
  }

  /** Loads all entries, each on its own. Throws `KA_CONFIG_INVALID` where a built-in refuses its options; then nothing has changed. */
  async load(config: ResolvedConfig, demo: Demo): Promise<void> {
    const named = config.plugins === 'discover' ? await discoverable() : config.plugins;
    // Before anything can go wrong with them.
    for (const secret of named.flatMap(entry => secretsIn(optionsOf(entry)))) this.scrubber.conceal(secret);
    await this.#loadAll(config, demo === true ? [...named, PRACTICE] : named);
    if (demo === 'auto' && !(await this.#signedIn())) await this.#loadAll(config, [...named, PRACTICE]);
  }

  async #signedIn(): Promise<boolean> {
    return (await Promise.all(this.#loaded.map(loaded => this.#look(loaded)))).some(seen => seen?.present);
  }

  async #loadAll(config: ResolvedConfig, entries: readonly PluginEntry[]): Promise<void> {
    const base = config.file ?? join(this.options.home.configDir, 'keepalive.config.json');
    const results = await Promise.all(entries.map(entry => this.#load(entry, { base, vetting: config.vetting, stateDir: this.options.home.stateDir })));
    const refused = results.flatMap((result, index) => ('error' in result ? problemsOf(result.error, entries[index], index) : []));
    const made = results.flatMap(result => ('error' in result ? [] : [result]));
    if (refused.length > 0) {
      await disposeAll(made, this.#loaded);
      throw new KeepaliveError('KA_CONFIG_INVALID', { file: base, problems: refused });
    }
    const kept: Loaded[] = [];
    const infos: PluginInfo[] = [];
    for (const result of results) {
      const outcome = 'error' in result ? result : duplicateOf(result, kept) ?? (await this.#wanted(config, result));
      if (outcome === undefined) continue;
      if ('error' in outcome) infos.push(this.scrubber.clean(failed(outcome.module, outcome.id, outcome.error)));
      else {
        kept.push(outcome);
        infos.push(outcome.info);
      }
    }
    for (const info of infos) this.log[info.status === 'loaded' ? 'info' : 'error'](info, `plugin ${info.status}`);
    const former = this.#loaded;
    this.#loaded = kept;
    this.#infos = infos;
    // Not awaited: an attempt that is under way is finished first, and then written down by its keeper.
    void disposeAll([...former, ...made], kept);
  }

  /** Ends the processes of plugins that have one. */
  async stop(): Promise<void> {
    await disposeAll(this.#loaded, []);
  }

  /** An entry that did not change keeps the plugin it has: whoever uses that goes on undisturbed by a reload. */
  async #load(entry: PluginEntry, origin: Origin): Promise<Loaded | Failure> {
    const key = keyOf(entry);
    const former = key === undefined ? undefined : this.#loaded.find(loaded => loaded.key === key);
    if (former && (isBuiltin(nameOf(entry)) || isDeepStrictEqual(former.vetting, origin.vetting))) return former;
    try {
      return await loadEntry(entry, origin, this.#isolate);
    } catch (error) {
      return { module: nameOf(entry), id: nameOf(entry), error };
    }
  }

  /** Without a configuration, only what is on this machine is kept. */
  async #wanted(config: ResolvedConfig, loaded: Loaded): Promise<Loaded | undefined> {
    const { plugin } = loaded;
    if (config.plugins !== 'discover' || plugin.kind !== 'provider' || loaded.module === PRACTICE) return loaded;
    const seen = await this.#look(loaded);
    return seen?.present || seen?.program !== undefined ? loaded : undefined;
  }

  async #look({ plugin }: Loaded) {
    if (plugin.kind !== 'provider') return undefined;
    return inspect(this.contexts, plugin).catch((error: unknown) => {
      this.log.warn({ plugin: plugin.id, err: error }, 'a provider could not be looked at');
      return undefined;
    });
  }
}

/** Whether to add the practice session: always, or where nobody is signed in. */
export type Demo = true | 'auto' | undefined;

type Failure = { readonly module: string; readonly id: string; readonly error: unknown };

async function disposeAll(loaded: readonly Loaded[], kept: readonly Loaded[]): Promise<void> {
  await Promise.all(loaded.filter(one => !kept.includes(one)).map(({ dispose }) => dispose?.()));
}

function duplicateOf({ plugin, module }: Loaded, kept: readonly Loaded[]): Failure | undefined {
  const first = kept.find(other => other.plugin.id === plugin.id);
  return first && { module, id: plugin.id, error: new KeepaliveError('KA_PLUGIN_DUPLICATE_ID', { id: plugin.id, first: first.module, second: module }) };
}

function failed(module: string, id: string, error: unknown): PluginInfo {
  const root = error instanceof Error && error.cause instanceof Error ? ` ${error.cause.message}` : '';
  const code = isKeepaliveError(error) ? error.code : 'KA_PLUGIN_FAILED';
  return { id, kind: 'unknown', module, status: 'failed', loadMs: 0, error: { code, message: `${error instanceof Error ? error.message : String(error)}${root}` } };
}

/** The problems a built-in found in its options, with the way to them in the configuration. */
function problemsOf(error: unknown, entry: PluginEntry | undefined, index: number): readonly Problem[] {
  if (!isKeepaliveError(error) || error.code !== 'KA_CONFIG_INVALID' || entry === undefined || !builtinNames().includes(nameOf(entry))) return [];
  const problems = error.details['problems'] as readonly Problem[] | undefined;
  const at = Array.isArray(entry) ? `plugins[${index}][1]` : `plugins[${index}]`;
  return (problems ?? []).map(({ path, message }) => ({ path: path ? `${at}.${path}` : at, message: `${message} (${nameOf(entry)})` }));
}
