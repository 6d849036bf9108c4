import { Worker } from 'node:worker_threads';
import type { Channel } from '../../../sdk/channel.ts';
import type { KeepaliveClient } from '../../../sdk/create-client.ts';
import type { PageFiles } from '../../../sdk/frontend.ts';
import type { Home } from '../../../sdk/home.ts';
import type { Logger } from '../../../sdk/logger.ts';
import type { Plugin } from '../../../sdk/plugin.ts';
import type { Cleanup, InspectContext } from '../../../sdk/provider.ts';
import { EXTENSION } from '../../installation.ts';
import { createEquipment, type AttemptFacts, type Equipment } from '../equipment.ts';
import { makePlugin } from '../module.ts';
import { heldContext, Holds, withFiles } from './held.ts';
import { catchConsole, createTeller } from './told.ts';
import { trimmedInspection, trimmedOutcome } from './trimmed.ts';
import { createPeer, type KernelSide, type ParamsOf, type Peer, type PluginSide } from './wire.ts';

type Of<K extends Plugin['kind']> = Extract<Plugin, { readonly kind: K }>;

/** Serves one plugin in this process, until the kernel lets go of it. */
export function serve(channel: Channel): void {
  const guest = new Guest(channel);
  channel.onClose(() => guest.orphaned());
}

class Guest {
  readonly #kernel: Peer<KernelSide>;
  readonly #holds: Holds;
  readonly #log: Logger;
  readonly #refill: () => void;
  readonly #stops = new Map<number, AbortController>();
  readonly #pages = new Map<number, () => Promise<PageFiles>>();
  #loaded: { readonly plugin: Plugin; readonly equipment: Equipment; readonly home: Home } | undefined;
  #unwatch: Cleanup = () => undefined;
  #end: Cleanup = () => undefined;
  #numbers = 0;
  #isOrphan = false;

  constructor(channel: Channel) {
    this.#kernel = createPeer<PluginSide, KernelSide>(channel, {
      load: order => this.#load(order),
      refresh: ({ call, ...facts }) => this.#during(call, signal => this.#refresh(signal, facts)),
      inspect: ({ call }) => this.#during(call, async signal => {
        const { plugin, equipment } = this.#own('provider');
        return trimmedInspection(await plugin.inspect?.(equipment.inspect(this.#log, signal)));
      }),
      watch: ({ call }) => this.#during(call, () => this.#watch()),
      unwatch: ({ call }) => this.#during(call, async () => this.#unwatch()),
      raise: ({ call, notice }) => this.#during(call, async signal => {
        const { plugin, equipment } = this.#own('notifier');
        await plugin.raise(notice, equipment.notify(this.#log, signal));
      }),
      clear: ({ call, notice }) => this.#during(call, async signal => {
        const { plugin, equipment } = this.#own('notifier');
        await plugin.clear?.(notice, equipment.notify(this.#log, signal));
      }),
      start: ({ call }) => this.#during(call, () => this.#start()),
      end: ({ call }) => this.#during(call, async () => this.#end()),
      page: ({ call, page }) => this.#during(call, async () => this.#pages.get(page)?.()),
      abort: ({ call }) => this.#stops.get(call)?.abort(),
      rest: () => {
        if (this.#stops.size === 0) process.channel?.unref();
      },
      wake: () => process.channel?.ref(),
    });
    this.#holds = new Holds(this.#kernel, () => this.#leaveIfOrphan());
    ({ log: this.#log, refill: this.#refill } = createTeller(this.#kernel));
    catchConsole(this.#log);
    new Worker(new URL(`./watchdog${EXTENSION}`, import.meta.url), { workerData: this.#holds.shared, execArgv: [] })
      .on('error', error => this.#log.warn({ err: error }, 'nobody watches whether the daemon is still there')).unref();
    // What it leaves behind must not cut off what it is at.
    process.on('unhandledRejection', error => this.#log.error({ err: error }, 'a rejection was not handled'));
    process.on('uncaughtException', error => this.#log.error({ err: error }, 'an error was not caught'));
  }

  /** The kernel is gone, or lets go: what was sent is written down, nothing else. */
  orphaned(): void {
    this.#isOrphan = true;
    for (const stop of this.#stops.values()) stop.abort();
    this.#leaveIfOrphan();
  }

  #leaveIfOrphan(): void {
    if (this.#isOrphan && this.#holds.count === 0) process.exit();
  }

  async #during(call: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
    const stop = new AbortController();
    this.#stops.set(call, stop);
    this.#refill();
    process.channel?.ref();
    try {
      return await work(stop.signal);
    } finally {
      this.#stops.delete(call);
    }
  }

  async #load({ entry, origin, home }: ParamsOf<PluginSide['load']>): Promise<unknown> {
    const conceal = (secret: string) => this.#kernel.notify('conceal', { secret });
    const plugin = await makePlugin(entry, origin);
    this.#loaded = { plugin, equipment: createEquipment({ home, env: process.env, conceal }), home };
    const { kind, id } = plugin;
    const face = kind === 'provider' ? { displayName: plugin.displayName, policy: plugin.policy } : {};
    const verbs = (['refresh', 'inspect', 'watch', 'raise', 'clear', 'start'] as const).filter(verb => verb in plugin);
    return { kind, id, verbs, ...face };
  }

  #own<K extends Plugin['kind']>(kind: K): { readonly plugin: Of<K>; readonly equipment: Equipment; readonly home: Home } {
    const loaded = this.#loaded;
    if (!loaded || !isOf(loaded.plugin, kind)) throw new Error(`This process has no ${kind}.`);
    return { ...loaded, plugin: loaded.plugin };
  }

  async #refresh(signal: AbortSignal, facts: AttemptFacts): Promise<unknown> {
    const { plugin, equipment } = this.#own('provider');
    const releases: (() => void)[] = [];
    const context = heldContext(equipment.attempt(this.#log, signal, facts), this.#holds.begin, release => releases.push(release));
    try {
      return trimmedOutcome(await plugin.refresh(context));
    } finally {
      for (const release of releases) release();
    }
  }

  async #watch(): Promise<void> {
    const { plugin, equipment } = this.#own('provider');
    const changed = () => this.#kernel.notify('changed', {});
    const context: InspectContext = equipment.inspect(this.#log, new AbortController().signal);
    const { watch } = context.files;
    this.#unwatch = (await plugin.watch?.(withFiles(context, {
      // Only to pass it on is nothing that this process has to live for.
      watch: (path, listener) => (listener === changed ? this.#follow(context.files.resolve(path)) : watch(path, listener)),
    }), changed)) ?? (() => undefined);
  }

  #follow(path: string): Cleanup {
    const file = ++this.#numbers;
    this.#kernel.notify('follow', { file, path });
    return () => this.#kernel.notify('unfollow', { file });
  }

  async #start(): Promise<void> {
    const { plugin, home } = this.#own('frontend');
    const { connect } = await import('../../../sdk/client.ts');
    const client: KeepaliveClient = await connect({ endpointFile: home.endpoint });
    const stop = new AbortController();
    const end = await plugin.start({ client, log: this.#log, signal: stop.signal, serve: read => this.#serve(read) });
    this.#end = async () => {
      stop.abort();
      await end?.();
      client.close();
    };
  }

  #serve(read: () => Promise<PageFiles>): Cleanup {
    const page = ++this.#numbers;
    this.#pages.set(page, read);
    this.#kernel.notify('serve', { page });
    return () => {
      this.#pages.delete(page);
      this.#kernel.notify('unserve', { page });
    };
  }
}

const isOf = <K extends Plugin['kind']>(plugin: Plugin, kind: K): plugin is Of<K> => plugin.kind === kind;
