import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { PageFiles } from '../../sdk/plugin/frontend.ts';
import type { Home } from '../../sdk/system/home.ts';
import type { Logger } from '../../sdk/plugin/logger.ts';
import type { Plugin } from '../../sdk/plugin/plugin.ts';
import type { Notice } from '../../sdk/contract/session.ts';
import type { NotifierContext, Receipt } from '../../sdk/plugin/notifier.ts';
import { CONTEXT_CRITICAL, type AttemptFacts, type Capabilities } from '../context.ts';
import { watchAsking } from '../asking.ts';
import { guard, type Enter } from './critical-sections.ts';
import { pickInspection, pickOutcome, pickReceipt, pickText } from './pick.ts';
import type { KernelSide, Peer } from './protocol.ts';
import { textFrom } from './validate.ts';

const VERBS = ['refresh', 'inspect', 'watch', 'unavailable', 'raise', 'raiseMany', 'clear', 'start'] as const;

type Of<K extends Plugin['kind']> = Extract<Plugin, { readonly kind: K }>;

/** What a plugin needs in its process. */
export type PluginEnv = {
  /** The kernel's number for the plugin. */
  readonly number: number;
  readonly kernel: Peer<KernelSide>;
  readonly enter: Enter;
  readonly log: Logger;
  readonly capabilities: Capabilities;
  readonly home: Home;
  /** The file that the plugin comes from. */
  readonly file: string;
};

/** One plugin in this process, called by the kernel in another. */
export class WorkerPlugin {
  readonly #pages = new Map<number, () => Promise<PageFiles>>();
  readonly #alarms = new Map<number, () => void>();
  #unwatch: Cleanup = () => undefined;
  #stop: Cleanup = () => undefined;
  #lastNumber = 0;

  constructor(
    private readonly plugin: Plugin,
    private readonly env: PluginEnv,
  ) {}

  /** What the kernel needs to know before the first call. */
  manifest(): object {
    const { plugin } = this;
    const verbs = VERBS.filter(verb => verb in plugin);
    const common = { kind: plugin.kind, id: plugin.id, verbs, file: this.env.file };
    if (plugin.kind === 'frontend') return common;
    if (plugin.kind === 'notifier') return { ...common, place: plugin.place };
    const { displayName, policy } = plugin;
    const { account, hosts, steps } = plugin.signIn ?? {};
    return { ...common, displayName, policy, signIn: plugin.signIn && { account, hosts, steps } };
  }

  /** Whether only this process has an answer, because the disk refused it. */
  hasUnwritten(): boolean {
    return this.env.capabilities.files.journal.hasUnwritten();
  }

  async refresh(signal: AbortSignal, facts: AttemptFacts): Promise<unknown> {
    const { capabilities, log, enter } = this.env;
    const leaves: (() => void)[] = [];
    const sections = { enter, atEnd: (leave: () => void) => void leaves.push(leave) };
    const guarded = guard(capabilities.attempt(log, signal, facts), CONTEXT_CRITICAL, sections);
    const { context, hasAsked } = watchAsking(guarded);
    try {
      const outcome = pickOutcome(await this.#as('provider').refresh(context));
      return { outcome, hasAsked: hasAsked() };
    } finally {
      for (const leave of leaves) leave();
    }
  }

  async inspect(signal: AbortSignal): Promise<unknown> {
    const { capabilities, log } = this.env;
    return pickInspection(await this.#as('provider').inspect?.(capabilities.inspect(log, signal)));
  }

  async signIn(signal: AbortSignal, device: boolean): Promise<void> {
    const { number: plugin, kernel, capabilities, log } = this.env;
    const context = capabilities.signIn(log, signal, {
      device,
      show: async step => void (await kernel.request('showStep', { plugin, step })),
      ask: async step => textFrom(await kernel.request('askCode', { plugin, step })),
    });
    await this.#as('provider').signIn?.run(context);
  }

  watch(): void {
    const { number, kernel, capabilities, log } = this.env;
    const changed = () => kernel.notify('changed', { plugin: number });
    const context = capabilities.inspect(log, new AbortController().signal);
    // The kernel watches a file whose changes are only passed on: this process need not stay for it.
    const watch = (path: string, listener: () => void): Cleanup =>
      listener === changed ? this.#watchInKernel(context.files.resolve(path)) : context.files.watch(path, listener);
    const watching = this.#as('provider').watch?.({ ...context, files: { ...context.files, watch } }, changed);
    this.#unwatch = watching ?? (() => undefined);
  }

  async unwatch(): Promise<void> {
    await this.#unwatch();
  }

  async unavailable(signal: AbortSignal): Promise<unknown> {
    return pickText(await this.#as('notifier').unavailable?.(this.#notify(signal)));
  }

  async raise(notice: Notice, signal: AbortSignal): Promise<unknown> {
    return pickReceipt(await this.#as('notifier').raise(notice, this.#notify(signal)));
  }

  async raiseMany(notices: readonly Notice[], signal: AbortSignal): Promise<unknown> {
    return pickReceipt(await this.#as('notifier').raiseMany?.(notices, this.#notify(signal)));
  }

  async clear(notice: Notice, signal: AbortSignal, receipt: Receipt | undefined): Promise<void> {
    await this.#as('notifier').clear?.(notice, this.#notify(signal), receipt);
  }

  async start(): Promise<void> {
    const { connect } = await import('../../sdk/client/client.ts');
    const { home, log } = this.env;
    const client = await connect({ endpointFile: home.endpoint });
    const abort = new AbortController();
    const stop = await this.#as('frontend').start({
      client,
      log,
      signal: abort.signal,
      serve: read => this.#servePage(read),
      machine: { ...this.env.capabilities.machine, at: (time, call) => this.#setAlarm(time, call) },
    });
    this.#stop = async () => {
      abort.abort();
      // One may be on its way to ring.
      this.#alarms.clear();
      await stop?.();
      client.close();
    };
  }

  async stop(): Promise<void> {
    await this.#stop();
  }

  async readPage(page: number): Promise<PageFiles | undefined> {
    return this.#pages.get(page)?.();
  }

  ring(alarm: number): void {
    const call = this.#alarms.get(alarm);
    this.#alarms.delete(alarm);
    call?.();
  }

  #notify(signal: AbortSignal): NotifierContext {
    return this.env.capabilities.notify(this.env.log, signal);
  }

  #as<K extends Plugin['kind']>(kind: K): Of<K> {
    if (!isOf(this.plugin, kind)) throw new Error(`The plugin is not a ${kind}.`);
    return this.plugin;
  }

  #watchInKernel(path: string): Cleanup {
    const { number, kernel } = this.env;
    const file = ++this.#lastNumber;
    kernel.notify('watchFile', { plugin: number, file, path });
    return () => kernel.notify('unwatchFile', { plugin: number, file });
  }

  /** In the kernel, whose alarms follow the clock. */
  #setAlarm(at: number, call: () => void): Cleanup {
    if (!Number.isFinite(at)) throw new RangeError(`An alarm needs a time in milliseconds, not ${at}.`);
    const { number, kernel } = this.env;
    const alarm = ++this.#lastNumber;
    this.#alarms.set(alarm, call);
    kernel.notify('setAlarm', { plugin: number, alarm, at });
    return () => {
      this.#alarms.delete(alarm);
      kernel.notify('cancelAlarm', { plugin: number, alarm });
    };
  }

  #servePage(read: () => Promise<PageFiles>): Cleanup {
    const { number, kernel } = this.env;
    const page = ++this.#lastNumber;
    this.#pages.set(page, read);
    kernel.notify('servePage', { plugin: number, page });
    return () => {
      this.#pages.delete(page);
      kernel.notify('unservePage', { plugin: number, page });
    };
  }
}

const isOf = <K extends Plugin['kind']>(plugin: Plugin, kind: K): plugin is Of<K> => plugin.kind === kind;
