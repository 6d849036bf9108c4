import { connect, createClient, type KeepaliveClient } from '../../../sdk/client/client.ts';
import { isKeepaliveError } from '../../../sdk/contract/errors.ts';
import { isRunning } from '../../../sdk/system/process-identity.ts';
import type { KernelProcess, SpawnOptions } from './spawn-kernel.ts';
import type { TrayStart } from './spawn-tray.ts';

type RunOptions = {
  readonly configFile?: string | undefined;
  readonly cwd?: string | undefined;
  readonly demo?: true | 'auto' | undefined;
};

/** Access to other processes. Tests replace it. */
export type System = {
  connect(options: { readonly reconnect?: boolean | undefined }): Promise<KeepaliveClient>;
  /** Starts a kernel in its own process. */
  spawn(options: SpawnOptions): Promise<KernelProcess>;
  /** Runs the daemon in this process. */
  runDaemon(options: RunOptions): Promise<{ readonly stopped: Promise<void> }>;
  /** Starts the tray in a process that outlives this one. */
  spawnTray(): Promise<TrayStart>;
  isRunning(pid: number): boolean;
  terminate(pid: number): void;
  /** Asks the user at the terminal. Undefined if there is none. */
  ask(question: string): Promise<string | undefined>;
  /** Reads the standard input to its end. */
  readInput(): Promise<string>;
  /** Opens a file in the user's browser. Resolves with false if that is not possible. */
  openInBrowser(file: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean>;
};

export const realSystem: System = {
  connect,
  spawn: async options => (await import('./spawn-kernel.ts')).spawnKernel(options),
  async runDaemon(options) {
    const { KERNEL_MAIN } = await import('./spawn-kernel.ts');
    const kernel: { readonly startDaemon: System['runDaemon'] } = await import(KERNEL_MAIN.href);
    return kernel.startDaemon(options);
  },
  spawnTray: async () => (await import('./spawn-tray.ts')).spawnTray(),
  isRunning,
  terminate: pid => void process.kill(pid, 'SIGTERM'),
  async ask(question) {
    if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
    const { createInterface } = await import('node:readline/promises');
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      // Ctrl-D and Ctrl-C are no consent.
      const closed = new Promise<string>(resolve => terminal.once('close', () => resolve('')));
      return await Promise.race([terminal.question(question), closed]);
    } finally {
      terminal.close();
    }
  },
  async readInput() {
    const { text } = await import('node:stream/consumers');
    return text(process.stdin);
  },
  async openInBrowser(file, env) {
    const { openInBrowser } = await import('../../../sdk/system/open-in-browser.ts');
    return openInBrowser(file, { env });
  },
};

/** Whether a one-shot kernel starts even if the configuration is invalid. */
export type Tolerance = { readonly tolerant?: boolean };

export interface Connections {
  daemon(options?: { readonly reconnect?: boolean | undefined }): Promise<KeepaliveClient>;
  kernel(options?: Tolerance): Promise<KeepaliveClient>;
  /** Starts a kernel for this command, even if a daemon runs. */
  oneShot(options?: Tolerance): Promise<KeepaliveClient>;
  close(): Promise<void>;
}

/** Opens connections on demand, and closes them after the command. `beforeOneShot` runs before a kernel is started. */
export function createConnections(
  system: System,
  once: SpawnOptions,
  beforeOneShot?: () => Promise<void>,
): Connections {
  const closing: (() => void | Promise<void>)[] = [];

  async function daemon(options = {}): Promise<KeepaliveClient> {
    const client = await system.connect(options);
    closing.push(() => client.close());
    return client;
  }

  async function oneShot({ tolerant = false }: Tolerance = {}): Promise<KeepaliveClient> {
    await beforeOneShot?.();
    const client = createClient((await system.spawn({ ...once, ...(tolerant && { tolerant }) })).channel);
    closing.push(async () => {
      // The kernel may exit before it has answered.
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
