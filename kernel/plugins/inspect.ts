import type { Inspection, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { Contexts } from './contexts.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';

const LIMIT_MS = 10_000;

/** What a provider knows without using the credential; undefined where it cannot say. */
export async function inspect(contexts: Contexts, provider: ProviderPlugin): Promise<Inspection | undefined> {
  if (!provider.inspect) return undefined;
  return callPlugin(provider, 'inspect', LIMIT_MS, async signal =>
    provider.inspect?.(contexts.inspect(provider, signal)),
  );
}
