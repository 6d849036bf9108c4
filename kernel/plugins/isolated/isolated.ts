import type { ChildProcess } from 'node:child_process';
import { KeepaliveError } from '../../../sdk/errors.ts';
import type { Files } from '../../../sdk/files.ts';
import type { Home } from '../../../sdk/home.ts';
import type { Notice } from '../../../sdk/session.ts';
import type { Plugin } from '../../../sdk/plugin.ts';
import type { Cleanup, ProviderPlugin } from '../../../sdk/provider.ts';
import type { KernelLog } from '../../log.ts';
import { ABANDON, callPlugin } from '../gate.ts';
import type { Isolate } from '../loader.ts';
import { checkPlugin, type ModuleEntry, type Origin } from '../module.ts';
import { inspectionFrom, outcomeFrom, pageFrom, faceFrom, type Face } from './answers.ts';
import { Errands } from './errands.ts';
import { OnDemand } from './on-demand.ts';
import { PluginProcess } from './plugin-process.ts';

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
const WITH_CODE = 'its options hold code, which cannot be handed to another process; to run it in the daemon, write [module, options, { isolated: false }]';

/** Makes plugins that live in processes of their own, behind the same functions as those that live here. */
export const isolator = (host: Host): Isolate => async (entry, origin) => {
  if (!isCloneable(entry)) throw new KeepaliveError('KA_PLUGIN_INVALID', { module: entry.name, problem: WITH_CODE });
  const isolated = new Isolated(host, entry, origin);
  try {
    return { plugin: await isolated.open(), dispose: () => isolated.dispose() };
  } catch (error) {
    await isolated.dispose();
    throw error;
  }
};

class Isolated {
  readonly #process: OnDemand;
  readonly #errands: Errands;
  readonly #log: KernelLog;
  readonly #name: string;
  #face: Face | undefined;
  /** What it watched by itself, nobody watches any more. */
  #isBlind = false;

  constructor(host: Host, entry: ModuleEntry, origin: Origin) {
    this.#name = entry.name;
    const log = this.#log = host.log.child({ plugin: entry.name });
    this.#errands = new Errands(host.files, async page => pageFrom(await this.#process.ask('page', call => ({ call, page }))));
    this.#process = new OnDemand({
      id: entry.name, lingerMs: host.lingerMs ?? LINGER_MS,
      start: () => new PluginProcess(host.fork(entry.name), {
        ...this.#errands.answers(), conceal: ({ secret }) => host.conceal(secret), log: ({ level, fields, message }) => log[level](fields, message),
      }),
      load: process => this.#load(process, { entry, origin, home: host.home }),
      onLost: how => {
        this.#isBlind = true;
        log.error({ how }, 'the process of a plugin ended');
      },
    });
  }

  async open(): Promise<Plugin> {
    await this.#process.wake();
    if (!this.#face) throw new Error('It did not say what it is.');
    return checkPlugin(this.#name, this.#plugin(this.#face));
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#errands.close(), this.#process.dispose()]);
  }

  async #load({ peer }: PluginProcess, order: { readonly entry: ModuleEntry; readonly origin: Origin; readonly home: Home }): Promise<void> {
    this.#face = faceFrom(await peer.request('load', order));
    if (!this.#isBlind || !this.#errands.isWatching) return;
    this.#isBlind = false;
    await this.#errands.unfollow();
    await peer.request('watch', { call: 0 });
  }

  #plugin(face: Face): Plugin {
    const { id, displayName = id, policy, verbs } = face;
    const has = (verb: string) => verbs.includes(verb);
    const carry = (verb: 'raise' | 'clear') => async (notice: Notice, { signal }: { readonly signal: AbortSignal }) =>
      void (await this.#process.ask(verb, call => ({ call, notice }), signal));
    const common = { id, [ABANDON]: () => this.#process.abandon() };
    switch (face.kind) {
      case 'provider': return {
        ...common, kind: 'provider', displayName, policy,
        refresh: async ({ signal, reason, force, refreshBefore, last }) =>
          outcomeFrom(await this.#process.ask('refresh', call => ({ call, reason, force, refreshBefore, last }), signal)),
        ...(has('inspect') && { inspect: async ({ signal }) => inspectionFrom(await this.#process.ask('inspect', call => ({ call }), signal)) } satisfies Partial<ProviderPlugin>),
        ...(has('watch') && { watch: (_context, changed) => this.#watch(changed) } satisfies Partial<ProviderPlugin>),
      };
      case 'notifier': return { ...common, kind: 'notifier', raise: carry('raise'), ...(has('clear') && { clear: carry('clear') }) };
      case 'frontend': return {
        ...common, kind: 'frontend',
        start: async ({ serve, signal }) => {
          this.#errands.servedBy(serve);
          await this.#process.ask('start', call => ({ call }), signal);
          return () => this.#process.tell('end', call => ({ call }));
        },
      };
    }
  }

  #watch(changed: () => void): Cleanup {
    this.#errands.watchFor(changed);
    callPlugin({ id: this.#name, [ABANDON]: () => this.#process.abandon() }, 'watch', WATCH_LIMIT_MS, () => this.#process.ask('watch', call => ({ call })))
      .catch((error: unknown) => this.#log.warn({ err: error }, 'the credential cannot be watched; the schedule alone is followed'));
    return async () => {
      await this.#errands.unwatch();
      await this.#process.tell('unwatch', call => ({ call }));
    };
  }
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
