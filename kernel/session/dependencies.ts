import { inject, Lifecycle, scoped } from 'tsyringe';
import type { PolicyPatch } from '../../sdk/contract/policy.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import type { Scrubber } from '../../runtime/log/redact.ts';
import { effectivePolicy, type EffectivePolicy } from '../../lifecycle/policy-layers.ts';
import { Events, ConfigHolder, KernelOptions, Log } from '../wiring/tokens.ts';
import { FleetGuard } from '../lease/guard.ts';
import { ContextFactory } from '../plugins/context-factory.ts';
import { History } from '../../state/history.ts';
import { Settings } from '../../state/settings.ts';
import { StateStore } from '../../state/states.ts';

/** What the configuration, the settings and the kernel's options say about sessions. */
@scoped(Lifecycle.ContainerScoped)
export class SessionPolicies {
  readonly #texts = new WeakMap<EffectivePolicy, string>();

  constructor(
    @inject(ConfigHolder) private readonly config: ConfigHolder,
    @inject(Settings) private readonly settings: Settings,
    @inject(KernelOptions) private readonly options: KernelOptions,
  ) {}

  /** Whether sessions are attempted without a request. */
  get armed(): boolean {
    return this.options.armed;
  }

  /** How many attempts run at once. */
  get concurrency(): number {
    return this.config.current.concurrency;
  }

  of({ id, policy = {} }: ProviderPlugin): EffectivePolicy {
    return effectivePolicy(policy, this.config.current, id, this.settings.of(id));
  }

  /** As `of`, for many sessions: those whose own layers are equal share one policy, which is computed once. */
  ofMany(): (provider: ProviderPlugin) => EffectivePolicy {
    const known = new Map<string, EffectivePolicy>();
    return provider => {
      const { id, policy } = provider;
      const layers = JSON.stringify([policy, this.config.current.sessions[id], this.settings.of(id)]);
      const found = known.get(layers) ?? this.of(provider);
      known.set(layers, found);
      return found;
    };
  }

  isSame(one: EffectivePolicy, other: EffectivePolicy): boolean {
    return this.#textOf(one) === this.#textOf(other);
  }

  /** Computed once for all sessions that share the policy. */
  #textOf(policy: EffectivePolicy): string {
    const text = this.#texts.get(policy) ?? JSON.stringify(policy);
    this.#texts.set(policy, text);
    return text;
  }

  change(id: string, patch: PolicyPatch): Promise<void> {
    return this.settings.change(id, patch);
  }
}

/** What sessions need from the rest of the kernel. */
@scoped(Lifecycle.ContainerScoped)
export class SessionTools {
  constructor(
    @inject(ContextFactory) readonly contexts: ContextFactory,
    @inject(Events) readonly events: Events,
    @inject(Log) readonly log: KernelLog,
    /** Asked before a session spends a refresh token. */
    @inject(FleetGuard) readonly guard: FleetGuard,
  ) {}

  get scrubber(): Scrubber {
    return this.contexts.scrubber;
  }
}

/** What is written about sessions. */
@scoped(Lifecycle.ContainerScoped)
export class SessionRecords {
  constructor(
    @inject(StateStore) readonly states: StateStore,
    @inject(History) readonly history: Pick<History, 'add'>,
  ) {}
}
