import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { StateStore } from '../../state/states.ts';
import { Log } from '../wiring/tokens.ts';
import { ContextFactory, inspect, watch } from './context-factory.ts';
import type { Loaded } from './loader.ts';
import { isLoaded, type Slot } from './slot.ts';

/** What an inspection finds on this machine. An unreadable credential counts as found. */
type Presence = 'signed-in' | 'unreadable' | 'installed' | 'nothing';

/** The providers of the same tool that the configuration names itself. */
type Named = () => readonly ProviderPlugin[];

/** Decides which of the providers that `'auto'` stands for are kept alive. */
@scoped(Lifecycle.ContainerScoped)
export class Discovery {
  constructor(
    @inject(ContextFactory) private readonly contexts: ContextFactory,
    @inject(StateStore) private readonly store: StateStore,
    @inject(Log) private readonly log: KernelLog,
  ) {}

  /** Wakes a slot's provider if it is wanted. Otherwise it stays dormant, and `found` is called after a sign-in. */
  async decide(slot: Slot, named: Named, found: () => void): Promise<void> {
    const { result } = slot;
    if (!isLoaded(result) || result.plugin.kind !== 'provider') return;
    const { plugin } = result;
    if (await this.#isWanted(plugin, named)) {
      await slot.dormant?.unwatch?.();
      slot.dormant = undefined;
      return;
    }
    if (slot.dormant?.unwatch) return;
    const look = async () => {
      if (await this.#isWanted(plugin, named)) found();
    };
    slot.dormant = { look, unwatch: undefined };
    const unwatch = await this.#watchSignIn(plugin, look);
    await this.#watched(slot, unwatch);
    // The sign-in may have come after the inspection and before the watch.
    if (this.contexts.options.armed) void look();
  }

  /** The watch, or another look, may have woken the provider already. */
  async #watched(slot: Slot, unwatch: Cleanup | undefined): Promise<void> {
    if (slot.dormant) slot.dormant = { ...slot.dormant, unwatch };
    else await unwatch?.();
  }

  /** Whether any of the providers has a login. */
  async isAnySignedIn(loaded: readonly Loaded[]): Promise<boolean> {
    const providers = loaded.flatMap(({ plugin }) => (plugin.kind === 'provider' ? [plugin] : []));
    const found = await Promise.all(providers.map(async provider => presenceIn(await this.#inspect(provider))));
    return found.some(presence => presence === 'signed-in' || presence === 'unreadable');
  }

  /**
   * True if anything is on this machine, or was kept before: the user wants to see that a login vanished. An entry of
   * the user's for the same tool is enough, unless it keeps another login.
   */
  async #isWanted(provider: ProviderPlugin, named: Named): Promise<boolean> {
    const seen = await this.#inspect(provider);
    const stores = await Promise.all(named().map(async other => storeIn(await this.#inspect(other))));
    if (stores.includes(storeIn(seen))) return false;
    if (this.store.sessions.get(provider.id)?.lastSuccessAt !== undefined) return true;
    const presence = presenceIn(seen);
    return stores.length === 0 ? presence !== 'nothing' : presence === 'signed-in' || presence === 'unreadable';
  }

  /** Undefined if it cannot be inspected. */
  async #inspect(provider: ProviderPlugin): Promise<Seen> {
    try {
      return await inspect(this.contexts, provider);
    } catch (error) {
      this.log.warn({ plugin: provider.id, err: error }, 'a provider could not be inspected');
      return 'unreadable';
    }
  }

  async #watchSignIn(provider: ProviderPlugin, changed: () => Promise<void>): Promise<Cleanup | undefined> {
    // A kernel for one command ends before there is a sign-in.
    if (!this.contexts.options.armed) return undefined;
    return watch(this.contexts, provider, () => void changed()).catch(error => {
      const consequence = 'a sign-in with this tool will not be noticed until it is looked for again';
      this.log.warn({ plugin: provider.id, err: error }, consequence);
      return undefined;
    });
  }
}

type Seen = Inspection | 'unreadable' | undefined;

function presenceIn(seen: Seen): Presence {
  if (seen === 'unreadable') return seen;
  if (seen?.present) return 'signed-in';
  return seen?.program === undefined ? 'nothing' : 'installed';
}

/** An unreadable store is not known. Then the logins count as different. */
const storeIn = (seen: Seen): string | symbol => (seen === 'unreadable' ? undefined : seen?.store) ?? Symbol();
