import { connect, createClient, type KeepaliveClient } from '../../sdk/client/client.ts';
import { isKeepaliveError } from '../../sdk/contract/errors.ts';
import { isRunning } from '../../sdk/system/process-identity.ts';
import type { KernelProcess, SpawnOptions } from './spawn-kernel.ts';
import type { TrayStart } from './spawn-tray.ts';

type RunOptions = {
  readonly configFile?: string | undefined;
  readonly cwd?: string | undefined;
  readonly demo?: true | 'auto' | undefined;
};

/** The ways to a kernel; a test hands in its own. */
export type Ways = {
  connect(options: { readonly reconnect?: boolean | undefined }): Promise<KeepaliveClient>;
  /** Starts one in a process of its own. */
  spawn(options: SpawnOptions): Promise<KernelProcess>;
  /** Runs one in this process. */
  become(options: RunOptions): Promise<{ readonly stopped: Promise<void> }>;
  /** Starts the tray, in a process that goes on when we end. */
  spawnTray(): Promise<TrayStart>;
  /** Whether there is a process of that id. */
  isRunning(pid: number): boolean;
  /** Asks a process to end. */
  terminate(pid: number): void;
  /** Opens a file in the user's browser. False without a desktop. */
  browse(file: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean>;
};

export const realWays: Ways = {
  connect,
  spawn: async options => (await import('./spawn-kernel.ts')).spawnKernel(options),
  async become(options) {
    const { KERNEL_MAIN } = await import('./spawn-kernel.ts');
    const kernel: { readonly startDaemon: Ways['become'] } = await import(KERNEL_MAIN.href);
    return kernel.startDaemon(options);
  },
  spawnTray: async () => (await import('./spawn-tray.ts')).spawnTray(),
  isRunning,
  terminate: pid => void process.kill(pid, 'SIGTERM'),
  browse: async (file, env) => (await import('./browse.ts')).browse(file, env),
};

/** Whether a kernel of one's own comes up also where the configuration is refused. */
export type Tolerance = { readonly tolerant?: boolean };

export interface Connections {
  daemon(options?: { readonly reconnect?: boolean | undefined }): Promise<KeepaliveClient>;
  kernel(options?: Tolerance): Promise<KeepaliveClient>;
  /** A kernel of one's own, whether or not a daemon runs. */
  oneShot(options?: Tolerance): Promise<KeepaliveClient>;
  close(): Promise<void>;
}

/** Opens what a command asks for, and closes it afterwards. `beforeOneShot` runs before a one-shot kernel is started. */
export function createConnections(ways: Ways, once: SpawnOptions, beforeOneShot?: () => Promise<void>): Connections {
  const closing: (() => void | Promise<void>)[] = [];

  async function daemon(options = {}): Promise<KeepaliveClient> {
    const client = await ways.connect(options);
    closing.push(() => client.close());
    return client;
  }

  async function oneShot({ tolerant = false }: Tolerance = {}): Promise<KeepaliveClient> {
    await beforeOneShot?.();
    const client = createClient((await ways.spawn({ ...once, ...(tolerant && { tolerant }) })).channel);
    closing.push(async () => {
      // It may be gone before its answer comes, which is as good.
      await client.request('kernel/stop').catch(() => null);
      client.close();
    });
    return client;
  }

  return {
    daemon,
    oneShot,
    kernel: options =>
      daemon().catch(error => {
        if (isKeepaliveError(error) && error.code === 'KA_RPC_NO_DAEMON') return oneShot(options);
        throw error;
      }),
    async close() {
      for (const close of closing.splice(0).toReversed()) await close();
    },
  };
}
