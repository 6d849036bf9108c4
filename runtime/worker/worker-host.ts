import { Worker } from 'node:worker_threads';
import type { Channel } from '../../sdk/client/channel.ts';
import { EXTENSION } from '../installation.ts';
import { MAX_NOTES } from '../files/journal.ts';
import { createCapabilities } from '../context.ts';
import { makePlugin } from '../load-module.ts';
import { CriticalSections } from './critical-sections.ts';
import { createLogForwarding, forwardConsole } from './log-forwarding.ts';
import { CRITICAL_LIMIT_MS, createPeer, KERNEL_PIPE } from './protocol.ts';
import type { KernelSide, ParamsOf, Peer, WorkerSide } from './protocol.ts';
import type { WatchdogData } from './watchdog.ts';
import { WorkerPlugin } from './worker-plugin.ts';

/** This process and the plugins in it, for the kernel at the other end of the channel. */
export class WorkerHost {
  readonly #kernel: Peer<KernelSide>;
  readonly #sections: CriticalSections;
  readonly #logs: ReturnType<typeof createLogForwarding>;
  readonly #plugins = new Map<number, WorkerPlugin>();
  readonly #aborts = new Map<number, AbortController>();
  #isDisconnected = false;

  constructor(private readonly channel: Channel) {
    this.#kernel = createPeer<WorkerSide, KernelSide>(channel, this.#methods());
    this.#sections = new CriticalSections(this.#kernel, () => this.#exitIfDisconnected());
    this.#logs = createLogForwarding(this.#kernel);
  }

  start(): void {
    const log = this.#logs.loggerOf(0);
    forwardConsole(log);
    // An error that a plugin leaves unhandled must not end the process during its work.
    process.on('unhandledRejection', error => log.error({ err: error }, 'a rejection was not handled'));
    process.on('uncaughtException', error => log.error({ err: error }, 'an error was not caught'));
    const workerData: WatchdogData = {
      critical: this.#sections.shared,
      criticalLimitMs: CRITICAL_LIMIT_MS,
      kernelPipe: KERNEL_PIPE,
    };
    new Worker(new URL(`./watchdog${EXTENSION}`, import.meta.url), { workerData, execArgv: [] })
      .on('error', error => log.warn({ err: error }, 'the watchdog failed; this process may outlive the daemon'))
      .unref();
    this.channel.onClose(() => this.#onDisconnect());
  }

  #methods(): WorkerSide {
    return {
      load: params => this.#load(params),
      unload: ({ plugin }) => void this.#plugins.delete(plugin),
      refresh: ({ plugin, call, ...facts }) => this.#call(plugin, call, (it, signal) => it.refresh(signal, facts)),
      inspect: ({ plugin, call }) => this.#call(plugin, call, (it, signal) => it.inspect(signal)),
      signIn: ({ plugin, call, device }) => this.#call(plugin, call, (it, signal) => it.signIn(signal, device)),
      watch: ({ plugin, call }) => this.#call(plugin, call, async it => it.watch()),
      unwatch: ({ plugin, call }) => this.#call(plugin, call, it => it.unwatch()),
      unavailable: ({ plugin, call }) => this.#call(plugin, call, (it, signal) => it.unavailable(signal)),
      raise: ({ plugin, call, notice }) => this.#call(plugin, call, (it, signal) => it.raise(notice, signal)),
      raiseMany: ({ plugin, call, notices }) => this.#call(plugin, call, (it, signal) => it.raiseMany(notices, signal)),
      clear: ({ plugin, call, notice, receipt }) =>
        this.#call(plugin, call, (it, signal) => it.clear(notice, signal, receipt)),
      start: ({ plugin, call }) => this.#call(plugin, call, it => it.start()),
      stop: ({ plugin, call }) => this.#call(plugin, call, it => it.stop()),
      readPage: ({ plugin, call, page }) => this.#call(plugin, call, it => it.readPage(page)),
      ring: ({ plugin, call, alarm }) => this.#call(plugin, call, async it => it.ring(alarm)),
      abort: ({ call }) => this.#aborts.get(call)?.abort(),
      idle: () => {
        const hasUnwritten = [...this.#plugins.values()].some(plugin => plugin.hasUnwritten());
        if (this.#aborts.size === 0 && !hasUnwritten) process.channel?.unref();
      },
      wake: () => process.channel?.ref(),
    };
  }

  /** The kernel is gone or has disconnected: finish the critical sections, abort everything else. */
  #onDisconnect(): void {
    this.#isDisconnected = true;
    for (const abort of this.#aborts.values()) abort.abort();
    this.#exitIfDisconnected();
  }

  #exitIfDisconnected(): void {
    if (this.#isDisconnected && this.#sections.count === 0) process.exit();
  }

  async #load({ plugin: number, entry, origin, home }: ParamsOf<WorkerSide['load']>): Promise<unknown> {
    process.channel?.ref();
    const conceal = (secret: string) => this.#kernel.notify('conceal', { secret });
    this.#kernel.notify('beganLoading', {});
    const made = await makePlugin(entry, origin);
    const plugin = new WorkerPlugin(made.plugin, {
      number,
      kernel: this.#kernel,
      enter: this.#sections.enter,
      log: this.#logs.loggerOf(number),
      capabilities: createCapabilities({ home, env: process.env, conceal, maxNotes: MAX_NOTES }),
      home,
      file: made.file,
    });
    this.#plugins.set(number, plugin);
    return plugin.manifest();
  }

  async #call<T>(
    number: number,
    call: number,
    work: (plugin: WorkerPlugin, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const plugin = this.#plugins.get(number);
    if (!plugin) throw new Error('The plugin is not loaded.');
    const abort = new AbortController();
    this.#aborts.set(call, abort);
    this.#logs.refill();
    process.channel?.ref();
    try {
      return await work(plugin, abort.signal);
    } finally {
      this.#aborts.delete(call);
    }
  }
}
