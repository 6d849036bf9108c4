import { inTurn } from '../../sdk/base/in-turn.ts';
import { ABANDON, callPlugin, LOAD_LIMIT_MS } from '../call-plugin.ts';
import type { PluginMethods } from './kernel-services.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { StartTurns, Turn } from './start-turns.ts';
import { forward, PeerGone, type ParamsOf, type WorkerSide } from './protocol.ts';

/** A process that was disconnected is killed after this time. */
const EXIT_LIMIT_MS = 3_000;

const FORWARDED = [
  'changed',
  'watchFile',
  'unwatchFile',
  'showStep',
  'askCode',
  'servePage',
  'unservePage',
  'setAlarm',
  'cancelAlarm',
] as const;

/** One entry of the configuration. It shares a process with the other entries of its module. */
export type PoolEntry = {
  readonly services: { readonly methods: PluginMethods };
  /** Loads it into the process. */
  readonly load: (process: WorkerProcess, plugin: number) => Promise<void>;
  /** The process ended although it was not idle. */
  readonly onLost: () => void;
};

export type PoolOptions = {
  /** The name of the module, for messages. */
  readonly module: string;
  readonly start: (methods: PluginMethods, turn: Turn) => WorkerProcess;
  /** Shared by all pools. */
  readonly turns: StartTurns;
  /** How long a process stays after its last answer, in milliseconds. */
  readonly lingerMs: number;
  /** Writes log lines that belong to no single plugin. */
  readonly log: PluginMethods['log'];
  readonly onLost: (how: string) => void;
};

/** The entries of one module and their process. It is started when one of them is called, and exits when it is idle. */
export class WorkerPool {
  readonly #entries = new Map<number, PoolEntry>();
  #process: WorkerProcess | undefined;
  /** Starts and ends happen one after another: two processes must never work on one credential. */
  readonly #inTurn = inTurn();
  #isIdle = false;
  #lastNumber = 0;
  #calls = 0;
  #linger: NodeJS.Timeout | undefined;

  constructor(private readonly options: PoolOptions) {}

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  add(entry: PoolEntry): number {
    const plugin = ++this.#lastNumber;
    this.#entries.set(plugin, entry);
    return plugin;
  }

  /** Without its last entry, the process ends as soon as it has finished its work. */
  async remove(plugin: number): Promise<void> {
    const running = this.#process;
    this.#entries.delete(plugin);
    if (!running) return;
    if (running.loaded.delete(plugin)) running.peer.notify('unload', { plugin });
    if (!this.isEmpty) return;
    clearTimeout(this.#linger);
    if (this.#calls === 0) running.disconnect();
    const limit = setTimeout(() => running.kill(), EXIT_LIMIT_MS).unref();
    await running.ended;
    clearTimeout(limit);
  }

  /** Loads the plugin, if it is not loaded yet. */
  load(plugin: number): Promise<unknown> {
    return this.#withProcess(plugin, async () => undefined);
  }

  /** Calls the plugin; `signal` aborts the call. Rejects with what it threw, or with how its process ended. */
  request<M extends keyof WorkerSide>(
    plugin: number,
    method: M,
    paramsFor: (call: number) => ParamsOf<WorkerSide[M]>,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const call = ++this.#lastNumber;
    const send = ({ peer }: WorkerProcess) => {
      signal?.throwIfAborted();
      const abort = () => peer.notify('abort', { call });
      signal?.addEventListener('abort', abort, { once: true });
      return peer.request(method, paramsFor(call)).finally(() => signal?.removeEventListener('abort', abort));
    };
    return this.#withProcess(plugin, send, signal);
  }

  /** The same, but only if the plugin is loaded: no process is started for it. */
  async requestIfLoaded<M extends keyof WorkerSide>(
    plugin: number,
    method: M,
    paramsFor: (call: number) => ParamsOf<WorkerSide[M]>,
  ): Promise<void> {
    const isLoaded = this.#process?.isEnding === false && this.#process.loaded.has(plugin);
    if (isLoaded) await this.request(plugin, method, paramsFor);
  }

  /** Kills the process at the end of its critical sections, because a call to the plugin was given up. */
  abandon(plugin: number): void {
    this.#process?.kill(plugin);
  }

  async #withProcess(
    plugin: number,
    work: (process: WorkerProcess) => Promise<unknown>,
    signal?: AbortSignal,
  ): Promise<unknown> {
    this.#calls += 1;
    clearTimeout(this.#linger);
    try {
      for (;;) {
        const process = await this.#inTurn(() => this.#readyProcess());
        try {
          await this.#load(process, plugin);
          return await work(process);
        } catch (error) {
          // Killed because of another plugin in the same process: retry.
          const isOthersFault = process.killedFor !== undefined && process.killedFor !== plugin;
          if (!(error instanceof PeerGone && isOthersFault) || signal?.aborted) throw error;
        }
      }
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#goIdleSoon();
    }
  }

  async #load(process: WorkerProcess, plugin: number): Promise<void> {
    const entry = this.#entries.get(plugin);
    if (!entry) throw new Error('The plugin is not in use any more.');
    const target = { id: this.options.module, [ABANDON]: () => process.kill(plugin) };
    const load = () => callPlugin(target, 'load', LOAD_LIMIT_MS, () => entry.load(process, plugin));
    await process.load(plugin, load);
  }

  async #readyProcess(): Promise<WorkerProcess> {
    const running = this.#process;
    if (running?.isEnding) await running.ended;
    else if (running && (!this.#isIdle || (await this.#wake(running)))) return running;
    const turn = await this.options.turns.take();
    if (!this.isEmpty) return this.#start(turn);
    turn.end();
    throw new Error('The plugin is not in use any more.');
  }

  /** False if the idle process has just exited. */
  async #wake(idle: WorkerProcess): Promise<boolean> {
    const isAwake = await idle.peer.request('wake', {}).then(
      () => true,
      () => false,
    );
    this.#isIdle = !isAwake;
    return isAwake;
  }

  #start(turn: Turn): WorkerProcess {
    const methodsOf = (plugin: number) => this.#entries.get(plugin)?.services.methods;
    const log: PluginMethods['log'] = line => (methodsOf(line.plugin)?.log ?? this.options.log)(line);
    const process = this.options.start({ ...forward(FORWARDED, methodsOf), log }, turn);
    this.#process = process;
    this.#isIdle = false;
    void process.ended.then(how => {
      const isExpected = this.isEmpty || (this.#isIdle && how === 'exit code 0');
      if (this.#process === process) this.#process = undefined;
      if (isExpected) return;
      this.options.onLost(how);
      for (const entry of this.#entries.values()) entry.onLost();
    });
    return process;
  }

  #goIdleSoon(): void {
    if (this.isEmpty) return this.#process?.disconnect();
    this.#linger = setTimeout(() => {
      this.#isIdle = true;
      this.#process?.peer.notify('idle', {});
    }, this.options.lingerMs).unref();
  }
}
