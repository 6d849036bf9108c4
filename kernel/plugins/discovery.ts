import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import type { StateStore } from '../state/states.ts';
import { inspect, watch, type ContextFactory } from './context-factory.ts';
import type { Loaded } from './loader.ts';
import { isLoaded, type Slot } from './slot.ts';

/** What an inspection finds on this machine. An unreadable credential counts as found. */
type Presence = 'signed-in' | 'unreadable' | 'installed' | 'nothing';

export type DiscoveryOptions = {
  readonly contexts: ContextFactory;
  readonly store: StateStore;
  readonly log: KernelLog;
  /** Whether to watch for a sign-in. A kernel for one command ends before there is one. */
  readonly armed: boolean;
};

/** Decides which built-in providers are kept alive without a configuration. */
export class Discovery {
  constructor(private readonly options: DiscoveryOptions) {}

  /** Wakes a slot's provider if it is wanted. Otherwise it stays dormant, and `found` is called after a sign-in. */
  async decide(slot: Slot, found: () => void): Promise<void> {
    const { result } = slot;
    if (!isLoaded(result) || result.plugin.kind !== 'provider') return;
    const { plugin } = result;
    if (await this.#isWanted(plugin)) {
      await slot.dormant?.unwatch?.();
      delete slot.dormant;
    } else slot.dormant ??= { unwatch: await this.#watchSignIn(plugin, found) };
  }

  /** Whether any of the providers has a login. */
  async isAnySignedIn(loaded: readonly Loaded[]): Promise<boolean> {
    const providers = loaded.flatMap(({ plugin }) => (plugin.kind === 'provider' ? [plugin] : []));
    const found = await Promise.all(providers.map(provider => this.#presenceOf(provider)));
    return found.some(presence => presence === 'signed-in' || presence === 'unreadable');
  }

  /** True if anything is on this machine, or was kept before: the user wants to see that a login vanished. */
  async #isWanted(provider: ProviderPlugin): Promise<boolean> {
    const wasKept = this.options.store.sessions.get(provider.id)?.lastSuccessAt !== undefined;
    return wasKept || (await this.#presenceOf(provider)) !== 'nothing';
  }

  async #presenceOf(provider: ProviderPlugin): Promise<Presence> {
    const { contexts, log } = this.options;
    try {
      const seen = await inspect(contexts, provider);
      if (seen?.present) return 'signed-in';
      return seen?.program === undefined ? 'nothing' : 'installed';
    } catch (error) {
      log.warn({ plugin: provider.id, err: error }, 'a provider could not be inspected');
      return 'unreadable';
    }
  }

  async #watchSignIn(provider: ProviderPlugin, found: () => void): Promise<Cleanup | undefined> {
    const { contexts, log, armed } = this.options;
    if (!armed) return undefined;
    const changed = async () => {
      if (await this.#isWanted(provider)) found();
    };
    return watch(contexts, provider, () => void changed()).catch(error => {
      const consequence = 'a sign-in with this tool will not be noticed until the next start';
      log.warn({ plugin: provider.id, err: error }, consequence);
      return undefined;
    });
  }
}
