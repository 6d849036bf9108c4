import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import type { FrontendPlugin } from '../../sdk/plugin/frontend.ts';
import type { NotifierPlugin } from '../../sdk/plugin/notifier.ts';
import type { Plugin } from '../../sdk/plugin/plugin.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import type { SignInContext } from '../../sdk/plugin/sign-in.ts';
import type { Home } from '../../sdk/system/home.ts';
import type { KernelLog } from '../log/log.ts';
import { ASKED, type AskingContext } from '../asking.ts';
import { ABANDON, callPlugin, type CallTarget } from '../call-plugin.ts';
import { checkPlugin, type ModuleEntry, type Origin } from '../load-module.ts';
import { KernelServices } from './kernel-services.ts';
import type { ParamsOf, WorkerSide } from './protocol.ts';
import {
  attemptFrom,
  inspectionFrom,
  manifestFrom,
  outcomeFrom,
  pageFrom,
  reasonFrom,
  receiptFrom,
  type Manifest,
} from './validate.ts';
import type { PoolEntry, WorkerPool } from './worker-pool.ts';
import type { WorkerProcess } from './worker-process.ts';

const WATCH_LIMIT_MS = 10_000;

type ProxyOptions = { readonly files: Pick<Files, 'watch'>; readonly log: KernelLog; readonly home: Home };

/** A plugin of this process that passes every call on to the real one in its plugin process. */
export class PluginProxy implements PoolEntry {
  readonly services: KernelServices;
  readonly #plugin: number;
  #manifest: Manifest | undefined;
  /** Its watchers ended with the process; they are started again on the next load. */
  #hasLostWatchers = false;

  constructor(
    private readonly options: ProxyOptions,
    private readonly pool: WorkerPool,
    private readonly entry: ModuleEntry,
    private readonly origin: Origin,
  ) {
    this.#plugin = pool.add(this);
    const log = options.log.child({ plugin: labelOf(entry) });
    this.services = new KernelServices(options.files, log, {
      readPage: async page => pageFrom(await this.#request('readPage', call => ({ ...call, page }))),
      ring: alarm =>
        this.#request('ring', call => ({ ...call, alarm })).catch((error: unknown) =>
          log.error({ err: error }, 'an alarm of a plugin failed'),
        ),
    });
  }

  async open(): Promise<Plugin> {
    await this.pool.load(this.#plugin);
    if (!this.#manifest) throw new Error('The plugin process returned no manifest.');
    return checkPlugin({ module: this.entry.name, file: this.#manifest.file }, this.#createPlugin(this.#manifest));
  }

  async dispose(): Promise<void> {
    await Promise.all([this.services.close(), this.pool.remove(this.#plugin)]);
  }

  async load({ peer }: WorkerProcess, plugin: number): Promise<void> {
    const { entry, origin } = this;
    const answer = await peer.request('load', { plugin, entry, origin, home: this.options.home });
    this.#manifest = manifestFrom(answer, entry.name);
    if (!this.#hasLostWatchers || !this.services.isWatching) return;
    this.#hasLostWatchers = false;
    await this.services.unwatchFiles();
    await peer.request('watch', { plugin, call: 0 });
  }

  onLost(): void {
    this.#hasLostWatchers = true;
  }

  #request<M extends keyof WorkerSide>(
    method: M,
    paramsFor: (call: { readonly plugin: number; readonly call: number }) => ParamsOf<WorkerSide[M]>,
    signal?: AbortSignal,
  ) {
    return this.pool.request(this.#plugin, method, call => paramsFor({ plugin: this.#plugin, call }), signal);
  }

  #createPlugin(manifest: Manifest): Plugin {
    const target = { id: manifest.id, [ABANDON]: () => this.pool.abandon(this.#plugin) };
    switch (manifest.kind) {
      case 'provider':
        return this.#createProvider(manifest, target);
      case 'notifier':
        return this.#createNotifier(manifest, target);
      case 'frontend':
        return this.#createFrontend(target);
    }
  }

  #createProvider({ id, displayName = id, policy, verbs, signIn }: Manifest, target: CallTarget): ProviderPlugin {
    const inspect: ProviderPlugin['inspect'] = async ({ signal }) =>
      inspectionFrom(await this.#request('inspect', call => call, signal));
    const watch: ProviderPlugin['watch'] = (_context, changed) => this.#watch(target, changed);
    return {
      ...target,
      kind: 'provider',
      displayName,
      policy,
      refresh: context => this.#refresh(context),
      ...(verbs.includes('inspect') && { inspect }),
      ...(verbs.includes('watch') && { watch }),
      ...(signIn && { signIn: { ...signIn, run: context => this.#signIn(context) } }),
    };
  }

  #signIn({ signal, device, show, ask }: SignInContext): Promise<void> {
    return this.services.whileTalking({ device, show, ask }, () =>
      this.#request('signIn', call => ({ ...call, device }), signal),
    );
  }

  #createNotifier({ verbs, place }: Manifest, target: CallTarget): NotifierPlugin {
    const unavailable: NotifierPlugin['unavailable'] = async ({ signal }) =>
      reasonFrom(await this.#request('unavailable', call => call, signal));
    const raise: NotifierPlugin['raise'] = async (notice, { signal }) =>
      receiptFrom(await this.#request('raise', call => ({ ...call, notice }), signal));
    const raiseMany: NotifierPlugin['raiseMany'] = async (notices, { signal }) =>
      receiptFrom(await this.#request('raiseMany', call => ({ ...call, notices }), signal));
    const clear: NotifierPlugin['clear'] = async (notice, { signal }, receipt) =>
      void (await this.#request('clear', call => ({ ...call, notice, receipt }), signal));
    return {
      ...target,
      kind: 'notifier',
      place,
      raise,
      ...(verbs.includes('unavailable') && { unavailable }),
      ...(verbs.includes('raiseMany') && { raiseMany }),
      ...(verbs.includes('clear') && { clear }),
    };
  }

  #createFrontend(target: CallTarget): FrontendPlugin {
    return {
      ...target,
      kind: 'frontend',
      start: async ({ serve, signal, machine }) => {
        this.services.startServing(serve, machine.at);
        await this.#request('start', call => call, signal);
        return async () => {
          await this.services.stopServing();
          await this.#requestIfLoaded('stop');
        };
      },
    };
  }

  async #refresh(context: AskingContext): Promise<RefreshOutcome> {
    const { signal, reason, force, refreshBefore, renewFrom, last, [ASKED]: ask } = context;
    // If there is no answer, assume that it has asked.
    let hasAsked = true;
    try {
      const facts = { reason, force, refreshBefore, renewFrom, last };
      const answer = attemptFrom(await this.#request('refresh', call => ({ ...call, ...facts }), signal));
      ({ hasAsked } = answer);
      return outcomeFrom(answer.outcome);
    } finally {
      if (hasAsked) ask?.();
    }
  }

  #watch(target: CallTarget, changed: () => void): Cleanup {
    this.services.startWatching(changed);
    const failed = (error: unknown) =>
      this.options.log.warn(
        { plugin: target.id, err: error },
        'the credential cannot be watched, so only the schedule is followed',
      );
    callPlugin(target, 'watch', WATCH_LIMIT_MS, () => this.#request('watch', call => call)).catch(failed);
    return async () => {
      await this.services.stopWatching();
      await this.#requestIfLoaded('unwatch');
    };
  }

  #requestIfLoaded(method: 'unwatch' | 'stop'): Promise<void> {
    return this.pool.requestIfLoaded(this.#plugin, method, call => ({ plugin: this.#plugin, call }));
  }
}

/** Two entries of one module differ by the id in their options. */
function labelOf({ name, options }: ModuleEntry): string {
  return 'id' in options && typeof options.id === 'string' ? options.id : name;
}
