import { callPlugin } from '../gate.ts';
import type { PluginProcess } from './plugin-process.ts';
import type { ParamsOf, PluginSide } from './wire.ts';

/** Importing a plugin and calling its factory. */
const LOAD_LIMIT_MS = 20_000;
/** Asked to leave, it may take this long before it is ended. */
const LEAVE_LIMIT_MS = 3_000;

/** A process to be, and what it is asked first. */
export type Recipe = {
  readonly id: string;
  readonly start: () => PluginProcess;
  /** How long it stays when it has answered, in milliseconds. */
  readonly lingerMs: number;
  readonly load: (process: PluginProcess) => Promise<unknown>;
  /** It ended by itself, or was ended because it did not answer. */
  readonly onLost: (how: string) => void;
};

/** A plugin's process that is started when it is asked something, and ends by itself when nothing is left to do. */
export class OnDemand {
  #process: PluginProcess | undefined;
  /** Starts and ends come one after another: never are two processes at one credential. */
  #turn: Promise<unknown> = Promise.resolve();
  #isResting = false;
  #isLeaving = false;
  #calls = 0;
  #busy = 0;
  #linger: NodeJS.Timeout | undefined;

  constructor(private readonly recipe: Recipe) {}

  /** Asks the plugin; `signal` tells it to stop. Rejects with what it threw, or with how its process ended. */
  async ask<M extends keyof PluginSide>(method: M, order: (call: number) => ParamsOf<PluginSide[M]>, signal?: AbortSignal): Promise<unknown> {
    const call = ++this.#calls;
    this.#busy += 1;
    clearTimeout(this.#linger);
    try {
      const { peer } = await this.#awake();
      signal?.throwIfAborted();
      const abort = () => peer.notify('abort', { call });
      signal?.addEventListener('abort', abort, { once: true });
      return await peer.request(method, order(call)).finally(() => signal?.removeEventListener('abort', abort));
    } finally {
      this.#busy -= 1;
      if (this.#busy === 0) this.#restSoon();
    }
  }

  /** The same, if there is a process; nothing is started for it. */
  async tell<M extends keyof PluginSide>(method: M, order: (call: number) => ParamsOf<PluginSide[M]>): Promise<void> {
    if (this.#process?.isDoomed === false) await this.ask(method, order);
  }

  /** Starts it, if it is not running. */
  async wake(): Promise<void> {
    await this.#awake();
    if (this.#busy === 0) this.#restSoon();
  }

  /** The gate gave up on a call: whatever goes on is ended, but for what must not be cut off. */
  abandon(): void {
    this.#process?.doom();
  }

  /** Lets the process finish what it is at, and ends it. */
  async dispose(): Promise<void> {
    this.#isLeaving = true;
    clearTimeout(this.#linger);
    const running = this.#process;
    if (!running) return;
    if (this.#busy === 0) running.leave();
    const limit = setTimeout(() => running.doom(), LEAVE_LIMIT_MS).unref();
    await running.ended;
    clearTimeout(limit);
  }

  #awake(): Promise<PluginProcess> {
    const turn = this.#turn.then(() => this.#current());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #current(): Promise<PluginProcess> {
    const running = this.#process;
    if (running?.isDoomed) await running.ended;
    else if (running && (!this.#isResting || (await this.#woken(running)))) return running;
    return this.#start();
  }

  /** It may have ended in the moment in which it was asked. */
  async #woken(resting: PluginProcess): Promise<boolean> {
    const woken = await resting.peer.request('wake', {}).then(() => true, () => false);
    this.#isResting = !woken;
    return woken;
  }

  async #start(): Promise<PluginProcess> {
    if (this.#isLeaving) throw new Error('The plugin is not in use any more.');
    const process = this.recipe.start();
    this.#process = process;
    this.#isResting = false;
    void process.ended.then(how => this.#ended(process, how));
    try {
      await callPlugin({ id: this.recipe.id }, 'load', LOAD_LIMIT_MS, () => this.recipe.load(process));
      return process;
    } catch (error) {
      process.doom();
      throw error;
    }
  }

  #ended(process: PluginProcess, how: string): void {
    const wasLeft = this.#isLeaving || (this.#isResting && how === 'exit code 0');
    if (this.#process === process) this.#process = undefined;
    if (!wasLeft) this.recipe.onLost(how);
  }

  #restSoon(): void {
    if (this.#isLeaving) return this.#process?.leave();
    this.#linger = setTimeout(() => {
      this.#isResting = true;
      this.#process?.peer.notify('rest', {});
    }, this.recipe.lingerMs).unref();
  }
}
