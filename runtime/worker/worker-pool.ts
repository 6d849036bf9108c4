import { inTurn } from '../in-turn.ts';
import { ABANDON, callPlugin, LOAD_LIMIT_MS } from '../call-plugin.ts';
import type { Asked } from './kernel-services.ts';
import type { PluginProcess } from './worker-process.ts';
import { Gone, type ParamsOf, type PluginSide } from './protocol.ts';

/** Asked to leave, a process may take this long before it is ended. */
const LEAVE_LIMIT_MS = 3_000;

/** One entry of the configuration, in a process that it may share with others of the same module. */
export type Tenant = {
  readonly errands: { readonly answers: Asked };
  /** Has the process load it. */
  readonly load: (process: PluginProcess, plugin: number) => Promise<void>;
  /** The process ended, and not because nothing was left to do. */
  readonly onLost: () => void;
};

export type Terms = {
  /** The module, for people to read. */
  readonly module: string;
  readonly start: (asked: Asked) => PluginProcess;
  /** How long a process stays when it has answered, in milliseconds. */
  readonly lingerMs: number;
  /** What it says that is of no one plugin. */
  readonly log: Asked['log'];
  readonly onLost: (how: string) => void;
};

/** The process of one module, which is started when a plugin of it is asked something, and ends by itself when nothing is left to do. */
export class OnDemand {
  readonly #tenants = new Map<number, Tenant>();
  #process: PluginProcess | undefined;
  /** Starts and ends come one after another: never are two processes at one credential. */
  readonly #inTurn = inTurn();
  #isResting = false;
  #numbers = 0;
  #busy = 0;
  #linger: NodeJS.Timeout | undefined;

  constructor(private readonly terms: Terms) {}

  get isEmpty(): boolean {
    return this.#tenants.size === 0;
  }

  admit(tenant: Tenant): number {
    const plugin = ++this.#numbers;
    this.#tenants.set(plugin, tenant);
    return plugin;
  }

  /** With the last one, the process goes: when it has finished what it is at. */
  async evict(plugin: number): Promise<void> {
    const running = this.#process;
    this.#tenants.delete(plugin);
    if (!running) return;
    if (running.loaded.delete(plugin)) running.peer.notify('unload', { plugin });
    if (!this.isEmpty) return;
    clearTimeout(this.#linger);
    if (this.#busy === 0) running.leave();
    const limit = setTimeout(() => running.doom(), LEAVE_LIMIT_MS).unref();
    await running.ended;
    clearTimeout(limit);
  }

  /** Loads the plugin, or makes sure that it is loaded. */
  open(plugin: number): Promise<unknown> {
    return this.#with(plugin, async () => undefined);
  }

  /** Asks the plugin; `signal` tells it to stop. Rejects with what it threw, or with how its process ended. */
  ask<M extends keyof PluginSide>(
    plugin: number,
    method: M,
    order: (call: number) => ParamsOf<PluginSide[M]>,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const call = ++this.#numbers;
    return this.#with(
      plugin,
      ({ peer }) => {
        signal?.throwIfAborted();
        const abort = () => peer.notify('abort', { call });
        signal?.addEventListener('abort', abort, { once: true });
        return peer.request(method, order(call)).finally(() => signal?.removeEventListener('abort', abort));
      },
      signal,
    );
  }

  /** The same, if it is loaded; nothing is started for it. */
  async tell<M extends keyof PluginSide>(
    plugin: number,
    method: M,
    order: (call: number) => ParamsOf<PluginSide[M]>,
  ): Promise<void> {
    if (this.#process?.isDoomed === false && this.#process.loaded.has(plugin)) await this.ask(plugin, method, order);
  }

  /** The gate gave up on a call: whatever goes on is ended, but for what must not be cut off. */
  abandon(plugin: number): void {
    this.#process?.doom(plugin);
  }

  async #with(
    plugin: number,
    work: (process: PluginProcess) => Promise<unknown>,
    signal?: AbortSignal,
  ): Promise<unknown> {
    this.#busy += 1;
    clearTimeout(this.#linger);
    try {
      for (;;) {
        const process = await this.#awake();
        try {
          await this.#load(process, plugin);
          return await work(process);
        } catch (error) {
          // Ended for what another entry of its module did: no fault of this one, which is asked again.
          const isInnocent = error instanceof Gone && process.endedFor !== undefined && process.endedFor !== plugin;
          if (!isInnocent || signal?.aborted) throw error;
        }
      }
    } finally {
      this.#busy -= 1;
      if (this.#busy === 0) this.#restSoon();
    }
  }

  async #load(process: PluginProcess, plugin: number): Promise<void> {
    const tenant = this.#tenants.get(plugin);
    if (!tenant) throw new Error('The plugin is not in use any more.');
    const abandon = () => process.doom(plugin);
    const loading =
      process.loaded.get(plugin) ??
      callPlugin({ id: this.terms.module, [ABANDON]: abandon }, 'load', LOAD_LIMIT_MS, () =>
        tenant.load(process, plugin),
      );
    process.loaded.set(plugin, loading);
    await loading.catch((error: unknown) => {
      process.loaded.delete(plugin);
      throw error;
    });
  }

  #awake(): Promise<PluginProcess> {
    return this.#inTurn(() => this.#current());
  }

  async #current(): Promise<PluginProcess> {
    const running = this.#process;
    if (running?.isDoomed) await running.ended;
    else if (running && (!this.#isResting || (await this.#woken(running)))) return running;
    if (this.isEmpty) throw new Error('The plugin is not in use any more.');
    return this.#start();
  }

  /** It may have ended in the moment in which it was asked. */
  async #woken(resting: PluginProcess): Promise<boolean> {
    const woken = await resting.peer.request('wake', {}).then(
      () => true,
      () => false,
    );
    this.#isResting = !woken;
    return woken;
  }

  #start(): PluginProcess {
    const of = (plugin: number) => this.#tenants.get(plugin)?.errands.answers;
    const process = this.terms.start({
      changed: order => of(order.plugin)?.changed(order),
      follow: order => of(order.plugin)?.follow(order),
      unfollow: order => of(order.plugin)?.unfollow(order),
      serve: order => of(order.plugin)?.serve(order),
      unserve: order => of(order.plugin)?.unserve(order),
      log: line => (of(line.plugin)?.log ?? this.terms.log)(line),
    });
    this.#process = process;
    this.#isResting = false;
    void process.ended.then(how => {
      const wasLeft = this.isEmpty || (this.#isResting && how === 'exit code 0');
      if (this.#process === process) this.#process = undefined;
      if (wasLeft) return;
      this.terms.onLost(how);
      for (const tenant of this.#tenants.values()) tenant.onLost();
    });
    return process;
  }

  #restSoon(): void {
    if (this.isEmpty) return this.#process?.leave();
    this.#linger = setTimeout(() => {
      this.#isResting = true;
      this.#process?.peer.notify('rest', {});
    }, this.terms.lingerMs).unref();
  }
}
