import { inject, Lifecycle, scoped } from 'tsyringe';
import type { PolicyPatch } from '../../sdk/contract/policy.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import { effectivePolicy, type EffectivePolicy } from '../../lifecycle/policy-layers.ts';
import { Events, ConfigHolder, KernelOptions, Log } from '../wiring/tokens.ts';
import { ContextFactory } from '../plugins/context-factory.ts';
import { Settings } from '../state/settings.ts';

/** What the configuration, the settings and the kernel's options say about sessions. */
@scoped(Lifecycle.ContainerScoped)
export class SessionPolicies {
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

  /** As `of`, but equal policies are one object: most sessions share a policy. */
  withoutCopies(): (provider: ProviderPlugin) => EffectivePolicy {
    const known = new Map<string, EffectivePolicy>();
    return provider => {
      const policy = this.of(provider);
      const text = JSON.stringify(policy);
      known.set(text, known.get(text) ?? policy);
      return known.get(text) ?? policy;
    };
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
    @inject(Scrubber) readonly scrubber: Scrubber,
  ) {}
}
