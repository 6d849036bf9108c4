import type { ChildProcess } from 'node:child_process';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Files } from '../../sdk/plugin/files.ts';
import type { Home } from '../../sdk/system/home.ts';
import type { Plugin } from '../../sdk/plugin/plugin.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { KernelLog } from '../log/log.ts';
import type { ModuleEntry, Origin } from '../load-module.ts';
import { StartTurns } from './start-turns.ts';
import { PluginProxy } from './plugin-proxy.ts';
import { WorkerPool } from './worker-pool.ts';
import { WorkerProcess } from './worker-process.ts';

/** Makes a plugin that runs in another process. `dispose` ends it. */
export type Isolate = (
  entry: ModuleEntry,
  origin: Origin,
) => Promise<{ readonly plugin: Plugin; readonly dispose: Cleanup }>;

/** What plugin processes need from the kernel. */
export type IsolationOptions = {
  readonly fork: (module: string) => ChildProcess;
  readonly log: KernelLog;
  readonly conceal: (secret: string) => void;
  readonly files: Pick<Files, 'watch'>;
  readonly home: Home;
  /**
   * How long a process stays after its last answer, in milliseconds.
   * [2000: an attempt is an inspection, a refresh and another inspection]
   */
  readonly lingerMs?: number | undefined;
};

const LINGER_MS = 2_000;
const WITH_CODE =
  'its options contain code, which cannot be sent to another process; ' +
  'to run it in the daemon, write [module, options, { isolated: false }]';

/** Makes plugins that run in other processes, one process per module. They look like plugins of this process. */
export function isolator(options: IsolationOptions): Isolate {
  const pools = new Map<string, WorkerPool>();
  const turns = new StartTurns();
  return async (entry, origin) => {
    if (!isCloneable(entry)) throw new KeepaliveError('KA_PLUGIN_INVALID', { module: entry.name, problem: WITH_CODE });
    const key = JSON.stringify([origin, entry.name]);
    const known = pools.get(key);
    const pool = known && !known.isEmpty ? known : createPool(options, turns, entry.name);
    pools.set(key, pool);
    const proxy = new PluginProxy(options, pool, entry, origin);
    try {
      return { plugin: await proxy.open(), dispose: () => proxy.dispose() };
    } catch (error) {
      await proxy.dispose();
      throw error;
    }
  };
}

function createPool(options: IsolationOptions, turns: StartTurns, module: string): WorkerPool {
  const { fork, conceal, lingerMs = LINGER_MS } = options;
  const log = options.log.child({ module });
  return new WorkerPool({
    module,
    lingerMs,
    turns,
    start: (methods, turn) =>
      new WorkerProcess(fork(module), { ...methods, conceal: ({ secret }) => conceal(secret) }, turn),
    log: ({ level, fields, message }) => log[level](fields, message),
    onLost: how => log.error({ how }, 'the process of a plugin ended'),
  });
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
