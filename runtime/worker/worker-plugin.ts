import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import type { PageFiles } from '../../sdk/plugin/frontend.ts';
import type { Home } from '../../sdk/system/home.ts';
import type { Logger } from '../../sdk/plugin/logger.ts';
import type { Plugin } from '../../sdk/plugin/plugin.ts';
import type { Notice } from '../../sdk/contract/session.ts';
import type { AttemptFacts, Equipment } from '../context.ts';
import { watchAsking } from '../asking.ts';
import { heldContext, withFiles, type Hold } from './critical-sections.ts';
import { pickInspection, pickOutcome } from './pick.ts';
import type { KernelSide, Peer } from './protocol.ts';

type Of<K extends Plugin['kind']> = Extract<Plugin, { readonly kind: K }>;

/** What a plugin has to do with in its process. */
export type Lodging = {
  /** What the kernel calls it. */
  readonly number: number;
  readonly kernel: Peer<KernelSide>;
  readonly hold: Hold;
  readonly log: Logger;
  readonly equipment: Equipment;
  readonly home: Home;
};

/** One plugin in this process, asked by the kernel in another. */
export class Guest {
  readonly #pages = new Map<number, () => Promise<PageFiles>>();
  #unwatch: Cleanup = () => undefined;
  #end: Cleanup = () => undefined;
  #numbers = 0;

  constructor(
    private readonly plugin: Plugin,
    private readonly lodging: Lodging,
  ) {}

  /** What the kernel has to know of it before anything is asked. */
  face(): object {
    const { plugin } = this;
    const own = plugin.kind === 'provider' ? { displayName: plugin.displayName, policy: plugin.policy } : {};
    const verbs = (['refresh', 'inspect', 'watch', 'raise', 'clear', 'start'] as const).filter(verb => verb in plugin);
    return { kind: plugin.kind, id: plugin.id, verbs, ...own };
  }

  /** An answer that only this process knows: the disk has refused it. */
  hasUnwritten(): boolean {
    return this.lodging.equipment.files.journal.hasUnwritten();
  }

  async refresh(signal: AbortSignal, facts: AttemptFacts): Promise<unknown> {
    const { equipment, log, hold } = this.lodging;
    const releases: (() => void)[] = [];
    const held = heldContext(equipment.attempt(log, signal, facts), hold, release => releases.push(release));
    const { context, hasAsked } = watchAsking(held);
    try {
      const outcome = pickOutcome(await this.#own('provider').refresh(context));
      return { outcome, hasAsked: hasAsked() };
    } finally {
      for (const release of releases) release();
    }
  }

  async inspect(signal: AbortSignal): Promise<unknown> {
    const { equipment, log } = this.lodging;
    return pickInspection(await this.#own('provider').inspect?.(equipment.inspect(log, signal)));
  }

  watch(): void {
    const { number, kernel, equipment, log } = this.lodging;
    const changed = () => kernel.notify('changed', { plugin: number });
    const context: InspectContext = equipment.inspect(log, new AbortController().signal);
    const { files } = context;
    this.#unwatch =
      this.#own('provider').watch?.(
        withFiles(context, {
          // Only to pass it on is nothing that this process has to live for.
          watch: (path, listener) =>
            listener === changed ? this.#follow(files.resolve(path)) : files.watch(path, listener),
        }),
        changed,
      ) ?? (() => undefined);
  }

  async unwatch(): Promise<void> {
    await this.#unwatch();
  }

  async carry(verb: 'raise' | 'clear', notice: Notice, signal: AbortSignal): Promise<void> {
    const { equipment, log } = this.lodging;
    await this.#own('notifier')[verb]?.(notice, equipment.notify(log, signal));
  }

  async start(): Promise<void> {
    const { connect } = await import('../../sdk/client/client.ts');
    const client = await connect({ endpointFile: this.lodging.home.endpoint });
    const stop = new AbortController();
    const end = await this.#own('frontend').start({
      client,
      log: this.lodging.log,
      signal: stop.signal,
      serve: read => this.#serve(read),
    });
    this.#end = async () => {
      stop.abort();
      await end?.();
      client.close();
    };
  }

  async end(): Promise<void> {
    await this.#end();
  }

  async page(page: number): Promise<PageFiles | undefined> {
    return this.#pages.get(page)?.();
  }

  #own<K extends Plugin['kind']>(kind: K): Of<K> {
    if (!isOf(this.plugin, kind)) throw new Error(`It is no ${kind}.`);
    return this.plugin;
  }

  #follow(path: string): Cleanup {
    const { number, kernel } = this.lodging;
    const file = ++this.#numbers;
    kernel.notify('follow', { plugin: number, file, path });
    return () => kernel.notify('unfollow', { plugin: number, file });
  }

  #serve(read: () => Promise<PageFiles>): Cleanup {
    const { number, kernel } = this.lodging;
    const page = ++this.#numbers;
    this.#pages.set(page, read);
    kernel.notify('serve', { plugin: number, page });
    return () => {
      this.#pages.delete(page);
      kernel.notify('unserve', { plugin: number, page });
    };
  }
}

const isOf = <K extends Plugin['kind']>(plugin: Plugin, kind: K): plugin is Of<K> => plugin.kind === kind;
