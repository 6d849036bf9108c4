import type { Cleanup } from '../base/cleanup.ts';
import type { Inspection, RefreshOutcome } from '../contract/outcome.ts';
import type { PartialPolicy } from '../contract/policy.ts';
import type { InspectContext, ProviderContext } from './context.ts';
import type { SignIn } from './sign-in.ts';

export type { InspectContext, LastOutcome, ProviderContext } from './context.ts';

export interface ProviderPlugin {
  readonly kind: 'provider';
  /** The session's id: lower-case letters, digits and dashes. Unique among the configured plugins. */
  readonly id: string;
  readonly displayName: string;
  /** Overrides the kernel's default policy. The user's configuration overrides this. */
  readonly policy?: PartialPolicy | undefined;
  /**
   * Keeps the session alive: checks first, and renews only what is due, or on `force`. Throws if anything is
   * unexpected; the kernel retries.
   */
  refresh(context: ProviderContext): Promise<RefreshOutcome>;
  /** Inspects the credential. Changes nothing, uses no network and runs no vendor program. */
  inspect?(context: InspectContext): Promise<Inspection>;
  /** Calls `changed` when the credential changed on disk. */
  watch?(context: InspectContext, changed: () => void): Cleanup;
  /** How the user signs in. Without it, the user does what the inspection says, and the store is watched. */
  readonly signIn?: SignIn | undefined;
}

/** Makes a provider plugin. Export a factory `(options) => defineProvider({…})` as the module's default. */
export const defineProvider = (provider: Omit<ProviderPlugin, 'kind'>): ProviderPlugin => ({
  ...provider,
  kind: 'provider',
});
