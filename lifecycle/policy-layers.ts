import { DEFAULT_POLICY, type PartialPolicy, type Policy } from '../sdk/contract/policy.ts';
import type { ConfigOrigin } from '../sdk/contract/rpc.ts';

export type EffectivePolicy = {
  readonly policy: Policy;
  readonly origins: Readonly<Record<keyof Policy, ConfigOrigin>>;
  /** The policy without what the user has set in a frontend. */
  readonly configured: Policy;
};

/** The policy in force and where each member comes from: defaults < provider < config < session < settings. */
export function effectivePolicy(
  provider: PartialPolicy,
  config: { readonly policy: PartialPolicy; readonly sessions: Readonly<Record<string, PartialPolicy>> },
  id: string,
  settings: PartialPolicy,
): EffectivePolicy {
  const layers: readonly (readonly [ConfigOrigin, PartialPolicy])[] = [
    ['default', DEFAULT_POLICY],
    ['provider', provider],
    ['config', config.policy],
    ['session', config.sessions[id] ?? {}],
    ['settings', settings],
  ];
  let policy: Policy = DEFAULT_POLICY;
  let configured = policy;
  let origins: Partial<Record<keyof Policy, ConfigOrigin>> = {};
  for (const [origin, layer] of layers) {
    const given = Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined));
    policy = { ...policy, ...given };
    if (origin !== 'settings') configured = policy;
    origins = { ...origins, ...Object.fromEntries(Object.keys(given).map(key => [key, origin])) };
  }
  return { policy, configured, origins: origins as EffectivePolicy['origins'] };
}
