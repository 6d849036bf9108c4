import type { ChildProcess } from 'node:child_process';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import type { Home } from '../../sdk/system/home.ts';
import type { Plugin } from '../../sdk/plugin/plugin.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { ProviderPlugin, RefreshOutcome } from '../../sdk/plugin/provider.ts';
import type { Notice } from '../../sdk/contract/session.ts';
import type { KernelLog } from '../log/log.ts';
import { ASKED, type AskingContext } from '../asking.ts';
import { ABANDON, callPlugin } from '../call-plugin.ts';
import { checkPlugin, type ModuleEntry, type Origin } from '../load-module.ts';
import { attemptFrom, inspectionFrom, manifestFrom, outcomeFrom, pageFrom, type Manifest } from './validate.ts';
import { Errands } from './kernel-services.ts';
import { OnDemand, type Tenant } from './worker-pool.ts';
import { PluginProcess } from './worker-process.ts';
import type { ParamsOf, PluginSide } from './protocol.ts';

/** Makes a plugin in a process of its own, and says how it is ended. */
export type Isolate = (
  entry: ModuleEntry,
  origin: Origin,
) => Promise<{ readonly plugin: Plugin; readonly dispose: Cleanup }>;

/** What plugins' processes need of the kernel. */
export type Host = {
  readonly fork: (module: string) => ChildProcess;
  readonly log: KernelLog;
  readonly conceal: (secret: string) => void;
  readonly files: Pick<Files, 'watch'>;
  readonly home: Home;
  /** How long a process stays when it has answered, in milliseconds. [2000: an attempt is a look, a renewal and another look] */
  readonly lingerMs?: number | undefined;
};

const LINGER_MS = 2_000;
const WATCH_LIMIT_MS = 10_000;
const WITH_CODE =
  'its options hold code, which cannot be handed to another process; to run it in the daemon, write [module, options, { isolated: false }]';

/** Makes plugins that live in other processes, one for each module, behind the same functions as those that live here. */
export function isolator(host: Host): Isolate {
  const modules = new Map<string, OnDemand>();
  return async (entry, origin) => {
    if (!isCloneable(entry)) throw new KeepaliveError('KA_PLUGIN_INVALID', { module: entry.name, problem: WITH_CODE });
    const key = JSON.stringify([origin, entry.name]);
    const known = modules.get(key);
    const home = known && !known.isEmpty ? known : processOf(host, entry.name);
    modules.set(key, home);
    const isolated = new Isolated(host, home, entry, origin);
    try {
      return { plugin: await isolated.open(), dispose: () => isolated.dispose() };
    } catch (error) {
      await isolated.dispose();
      throw error;
    }
  };
}

function processOf({ fork, log: kernelLog, conceal, lingerMs = LINGER_MS }: Host, module: string): OnDemand {
  const log = kernelLog.child({ module });
  return new OnDemand({
    module,
    lingerMs,
    start: asked => new PluginProcess(fork(module), { ...asked, conceal: ({ secret }) => conceal(secret) }),
    log: ({ level, fields, message }) => log[level](fields, message),
    onLost: how => log.error({ how }, 'the process of a plugin ended'),
  });
}

/** One plugin of a process. */
class Isolated implements Tenant {
  readonly errands: Errands;
  readonly #host: Host;
  readonly #process: OnDemand;
  readonly #plugin: number;
  readonly #entry: ModuleEntry;
  readonly #origin: Origin;
  #face: Manifest | undefined;
  /** What it watched by itself, nobody watches any more. */
  #isBlind = false;

  constructor(host: Host, process: OnDemand, entry: ModuleEntry, origin: Origin) {
    this.#host = host;
    this.#process = process;
    this.#entry = entry;
    this.#origin = origin;
    this.#plugin = process.admit(this);
    this.errands = new Errands(host.files, host.log.child({ plugin: nameOf(entry) }), async page =>
      pageFrom(await this.#ask('page', call => ({ ...call, page }))),
    );
  }

  async open(): Promise<Plugin> {
    await this.#process.open(this.#plugin);
    if (!this.#face) throw new Error('It did not say what it is.');
    return checkPlugin(this.#entry.name, this.#pluginOf(this.#face));
  }

  async dispose(): Promise<void> {
    await Promise.all([this.errands.close(), this.#process.evict(this.#plugin)]);
  }

  async load({ peer }: PluginProcess, plugin: number): Promise<void> {
    this.#face = manifestFrom(
      await peer.request('load', { plugin, entry: this.#entry, origin: this.#origin, home: this.#host.home }),
    );
    if (!this.#isBlind || !this.errands.isWatching) return;
    this.#isBlind = false;
    await this.errands.unfollow();
    await peer.request('watch', { plugin, call: 0 });
  }

  onLost(): void {
    this.#isBlind = true;
  }

  #ask<M extends keyof PluginSide>(
    method: M,
    order: (call: { readonly plugin: number; readonly call: number }) => ParamsOf<PluginSide[M]>,
    signal?: AbortSignal,
  ) {
    return this.#process.ask(this.#plugin, method, call => order({ plugin: this.#plugin, call }), signal);
  }

  #pluginOf(face: Manifest): Plugin {
    const { id, displayName = id, policy, verbs } = face;
    const has = (verb: string) => verbs.includes(verb);
    const guest = { id, [ABANDON]: () => this.#process.abandon(this.#plugin) };
    const carry =
      (verb: 'raise' | 'clear') =>
      async (notice: Notice, { signal }: { readonly signal: AbortSignal }) =>
        void (await this.#ask(verb, call => ({ ...call, notice }), signal));
    switch (face.kind) {
      case 'provider':
        return {
          ...guest,
          kind: 'provider',
          displayName,
          policy,
          refresh: context => this.#refresh(context),
          ...(has('inspect') &&
            ({
              inspect: async ({ signal }) => inspectionFrom(await this.#ask('inspect', call => call, signal)),
            } satisfies Partial<ProviderPlugin>)),
          ...(has('watch') &&
            ({ watch: (_context, changed) => this.#watch(guest, changed) } satisfies Partial<ProviderPlugin>)),
        };
      case 'notifier':
        return { ...guest, kind: 'notifier', raise: carry('raise'), ...(has('clear') && { clear: carry('clear') }) };
      case 'frontend':
        return {
          ...guest,
          kind: 'frontend',
          start: async ({ serve, signal }) => {
            this.errands.servedBy(serve);
            await this.#ask('start', call => call, signal);
            return () => this.#tell('end');
          },
        };
    }
  }

  async #refresh({
    signal,
    reason,
    force,
    refreshBefore,
    renewFrom,
    last,
    [ASKED]: ask,
  }: AskingContext): Promise<RefreshOutcome> {
    let hasAsked = true;
    try {
      const facts = { reason, force, refreshBefore, renewFrom, last };
      const answer = attemptFrom(await this.#ask('refresh', call => ({ ...call, ...facts }), signal));
      ({ hasAsked } = answer);
      return outcomeFrom(answer.outcome);
    } finally {
      // Without an answer, assume that it has asked.
      if (hasAsked) ask?.();
    }
  }

  #watch(guest: Parameters<typeof callPlugin>[0], changed: () => void): Cleanup {
    this.errands.watchFor(changed);
    callPlugin(guest, 'watch', WATCH_LIMIT_MS, () => this.#ask('watch', call => call)).catch((error: unknown) =>
      this.#host.log.warn(
        { plugin: guest.id, err: error },
        'the credential cannot be watched; the schedule alone is followed',
      ),
    );
    return async () => {
      await this.errands.unwatch();
      await this.#tell('unwatch');
    };
  }

  #tell(method: 'unwatch' | 'end'): Promise<void> {
    return this.#process.tell(this.#plugin, method, call => ({ plugin: this.#plugin, call }));
  }
}

/** Two entries of one module differ by the id in their options. */
function nameOf({ name, options }: ModuleEntry): string {
  return 'id' in options && typeof options.id === 'string' ? options.id : name;
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
