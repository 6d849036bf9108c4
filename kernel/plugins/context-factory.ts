import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import type { NotifierContext } from '../../sdk/plugin/notifier.ts';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import type { InspectContext, ProviderContext, ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { SignInContext } from '../../sdk/plugin/sign-in.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import { createCapabilities, type AttemptFacts, type Capabilities, type SignInTalk } from '../../runtime/context.ts';
import { KernelOptions, Log } from '../wiring/tokens.ts';

const INSPECT_LIMIT_MS = 10_000;
const WATCH_LIMIT_MS = 10_000;

/** Environment variables that override those of this process. */
export type Env = Readonly<Record<string, string | undefined>>;

type Named = { readonly id: string };

/** Makes the contexts that are passed to plugins. */
@scoped(Lifecycle.ContainerScoped)
export class ContextFactory {
  readonly #capabilities: Capabilities;

  constructor(
    @inject(KernelOptions) readonly options: KernelOptions,
    @inject(Log) private readonly log: KernelLog,
    /** Knows the secrets that plugins conceal. */
    @inject(Scrubber) readonly scrubber: Scrubber,
  ) {
    this.#capabilities = createCapabilities({ ...options, conceal: scrubber.conceal });
  }

  get files(): Files {
    return this.#capabilities.files;
  }

  get machine(): Capabilities['machine'] {
    return this.#capabilities.machine;
  }

  /** How far our clock is ahead of the last server that answered, in milliseconds. */
  skewMs(): number | undefined {
    return this.#capabilities.network.skewMs();
  }

  inspect({ id }: Named, signal: AbortSignal): InspectContext {
    return this.#capabilities.inspect(this.log.child({ plugin: id }), signal);
  }

  attempt({ id }: Named, signal: AbortSignal, facts: AttemptFacts): ProviderContext {
    return this.#capabilities.attempt(this.log.child({ plugin: id }), signal, facts);
  }

  signIn({ id }: Named, signal: AbortSignal, talk: SignInTalk): SignInContext {
    return this.#capabilities.signIn(this.log.child({ plugin: id }), signal, talk);
  }

  notify({ id }: Named, signal: AbortSignal): NotifierContext {
    return this.#capabilities.notify(this.log.child({ plugin: id }), signal);
  }
}

/** Inspects the credential without using it; undefined if the provider has no `inspect`. */
export async function inspect(
  contexts: ContextFactory,
  provider: ProviderPlugin,
  env?: Env,
): Promise<Inspection | undefined> {
  if (!provider.inspect) return undefined;
  return callPlugin(provider, 'inspect', INSPECT_LIMIT_MS, async signal => {
    const context = contexts.inspect(provider, signal);
    return provider.inspect?.(env ? { ...context, env: { ...context.env, ...env } } : context);
  });
}

/** Calls `changed` when the credential changes, until the cleanup; undefined if the provider has no `watch`. */
export async function watch(
  contexts: ContextFactory,
  provider: ProviderPlugin,
  changed: () => void,
): Promise<Cleanup | undefined> {
  if (!provider.watch) return undefined;
  return callPlugin(provider, 'watch', WATCH_LIMIT_MS, async signal =>
    provider.watch?.(contexts.inspect(provider, signal), changed),
  );
}
