import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Files } from '../../sdk/plugin/files.ts';
import type { NotifierContext } from '../../sdk/plugin/notifier.ts';
import type { InspectContext, ProviderContext } from '../../sdk/plugin/provider.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import { KernelOptions, Log, type KernelOptions as Options } from '../tokens.ts';
import { createCapabilities, type AttemptFacts, type Capabilities } from '../../runtime/context.ts';

type Named = { readonly id: string };

/** Makes what the plugins of this process get to work with. */
@scoped(Lifecycle.ContainerScoped)
export class Contexts {
  readonly #capabilities: Capabilities;

  constructor(
    @inject(KernelOptions) options: Options,
    @inject(Log) private readonly log: KernelLog,
    @inject(Scrubber) scrubber: Scrubber,
  ) {
    this.#capabilities = createCapabilities({ ...options, conceal: scrubber.conceal });
  }

  get files(): Files {
    return this.#capabilities.files;
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

  notify({ id }: Named, signal: AbortSignal): NotifierContext {
    return this.#capabilities.notify(this.log.child({ plugin: id }), signal);
  }
}
