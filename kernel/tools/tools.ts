import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Tool } from '../../sdk/contract/rpc.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { unreadable } from '../../lifecycle/outcome.ts';
import { makePlugin } from '../../runtime/load-module.ts';
import { KernelOptions } from '../wiring/tokens.ts';
import { ContextFactory, inspect, type Env } from '../plugins/context-factory.ts';
import { Sessions } from '../session/sessions.ts';
import { discoverable } from '../plugins/loader.ts';
import { otherLogins } from './other-logins.ts';
import { Plugins } from '../plugins/plugins.ts';
import { toolOf, type Seen } from './tool.ts';

/** Most users look for these. The others follow in the order of their names. */
const FIRST = ['claude', 'codex', 'gemini', 'cursor', 'copilot'];

const rankOf = (module: string): number => (FIRST.includes(module) ? FIRST.indexOf(module) : FIRST.length);

/** The tools that can be kept alive without a configuration, whether or not they are on this machine. */
@scoped(Lifecycle.ContainerScoped)
export class Tools {
  readonly #made = new Map<string, ProviderPlugin>();

  constructor(
    @inject(KernelOptions) private readonly options: KernelOptions,
    @inject(ContextFactory) private readonly contexts: ContextFactory,
    @inject(Plugins) private readonly plugins: Plugins,
    @inject(Sessions) private readonly sessions: Sessions,
  ) {}

  /** Looks at each tool, and for logins in other folders. Changes nothing, uses no network and runs no program. */
  async list(): Promise<readonly Tool[]> {
    const modules = (await discoverable()).toSorted((a, b) => rankOf(a) - rankOf(b));
    const [tools, others] = await Promise.all([
      Promise.all(modules.map(module => this.#look(module))),
      otherLogins(this.contexts, this.sessions.all()),
    ]);
    return this.contexts.scrubber.clean([...tools, ...others]);
  }

  /** The sessions that keep the login which a tool uses in an environment. They have the same store. */
  async keepersOf(plugin: string, env: Readonly<Record<string, string | null>>): Promise<readonly string[]> {
    if (!(await discoverable()).includes(plugin)) return [];
    const own = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? undefined]));
    const [used, ...kept] = await Promise.all([
      this.#defaultOf(plugin).then(provider => this.#inspect(provider, own)),
      ...this.#providersOf(plugin).map(async provider => ({ id: provider.id, seen: await this.#inspect(provider) })),
    ]);
    const store = storeIn(used);
    return kept.filter(({ seen }) => store !== undefined && storeIn(seen) === store).map(({ id }) => id);
  }

  /** The plugins of a module that keep sessions. */
  #providersOf(module: string): readonly ProviderPlugin[] {
    return this.plugins.loaded.flatMap(({ module: its, plugin }) =>
      its === module && plugin.kind === 'provider' ? [plugin] : [],
    );
  }

  async #look(module: string): Promise<Tool> {
    const keepers = this.#providersOf(module);
    const provider = await this.#defaultOf(module);
    const [seen, ...kept] = await Promise.all([provider, ...keepers].map(one => this.#inspect(one)));
    return toolOf(module, {
      displayName: provider.displayName,
      seen,
      kept: keepers.map(({ id }, at) => ({ id, seen: kept[at] })),
      isTaken: this.plugins.loaded.some(({ plugin }) => plugin.id === module),
    });
  }

  /** The provider with its default options. The configuration need not name it. */
  async #defaultOf(module: string): Promise<ProviderPlugin> {
    const known = this.plugins.defaultOf(module) ?? this.#made.get(module);
    if (known) return known;
    const { stateDir } = this.options.home;
    const { plugin } = await makePlugin({ name: module, options: {} }, { base: stateDir, stateDir });
    if (plugin.kind !== 'provider') throw new Error(`${module} is not a provider`);
    this.#made.set(module, plugin);
    return plugin;
  }

  /** `env` overrides variables of this process. */
  async #inspect(provider: ProviderPlugin, env?: Env): Promise<Seen> {
    return inspect(this.contexts, provider, env).catch(unreadable(this.contexts.scrubber.scrub));
  }
}

const storeIn = (seen: Seen): string | undefined => (seen && 'present' in seen ? seen.store : undefined);
