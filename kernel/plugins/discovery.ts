import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import type { StateStore } from '../state/states.ts';
import { inspect, type ContextFactory } from './context-factory.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';
import type { Loaded } from './loader.ts';
import { isLoaded, type Slot } from './slot.ts';

const WATCH_LIMIT_MS = 10_000;

/** What an inspection finds of a provider on this machine. An unreadable credential counts as found. */
type Sighting = 'signed-in' | 'unreadable' | 'installed' | 'nothing';

export type DiscoveryParts = {
  readonly contexts: ContextFactory;
  readonly store: StateStore;
  readonly log: KernelLog;
  /** Whether to watch for a sign-in; a one-shot kernel ends before one. */
  readonly armed: boolean;
};

/** Decides which built-in providers are kept alive without a configuration. */
export class Discovery {
  constructor(private readonly parts: DiscoveryParts) {}

  /** Activates a slot's provider if it is wanted. If not, it stays dormant, and `found` is called after a sign-in. */
  async decide(slot: Slot, found: () => void): Promise<void> {
    const { result } = slot;
    if (!isLoaded(result) || result.plugin.kind !== 'provider') return;
    const { plugin } = result;
    if (await this.#isWanted(plugin)) {
      await slot.dormant?.unwatch();
      delete slot.dormant;
    } else slot.dormant ??= { unwatch: await this.#awaitSignIn(plugin, found) };
  }

  async isAnyoneSignedIn(loaded: readonly Loaded[]): Promise<boolean> {
    const sightings = await Promise.all(
      loaded.map(({ plugin }) => (plugin.kind === 'provider' ? this.#sight(plugin) : 'nothing')),
    );
    return sightings.some(sighting => sighting === 'signed-in' || sighting === 'unreadable');
  }

  /** True if any of it is on this machine, or if it was kept before: a login that vanished is shown. */
  async #isWanted(provider: ProviderPlugin): Promise<boolean> {
    const wasKept = this.parts.store.sessions.get(provider.id)?.lastSuccessAt !== undefined;
    return wasKept || (await this.#sight(provider)) !== 'nothing';
  }

  async #sight(provider: ProviderPlugin): Promise<Sighting> {
    const { contexts, log } = this.parts;
    try {
      const seen = await inspect(contexts, provider);
      if (seen?.present) return 'signed-in';
      return seen?.program === undefined ? 'nothing' : 'installed';
    } catch (error) {
      log.warn({ plugin: provider.id, err: error }, 'a provider could not be inspected');
      return 'unreadable';
    }
  }

  async #awaitSignIn(provider: ProviderPlugin, found: () => void): Promise<Cleanup> {
    const { contexts, log, armed } = this.parts;
    const changed = async () => {
      if (await this.#isWanted(provider)) found();
    };
    if (!armed) return () => undefined;
    try {
      const nothing = () => undefined;
      return await callPlugin(
        provider,
        'watch',
        WATCH_LIMIT_MS,
        async signal => provider.watch?.(contexts.inspect(provider, signal), () => void changed()) ?? nothing,
      );
    } catch (error) {
      log.warn(
        { plugin: provider.id, err: error },
        'a sign-in with this tool will not be noticed until the next start',
      );
      return () => undefined;
    }
  }
}
