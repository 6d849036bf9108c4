import type { Channel } from '../../../sdk/client/channel.ts';
import { connect, createClient, type ConnectOptions, type KeepaliveClient } from '../../../sdk/client/client.ts';
import { isKeepaliveError } from '../../../sdk/contract/errors.ts';
import { isAlive, isRunning } from '../../../sdk/system/process-identity.ts';
import type { KernelProcess, SpawnOptions } from './spawn-kernel.ts';
import type { Trial, TrialRequest } from './spawn-trial.ts';
import type { TrayStart } from './spawn-tray.ts';

type RunOptions = {
  readonly configFile?: string | undefined;
  readonly cwd?: string | undefined;
  readonly demo?: true | 'auto' | undefined;
};

/** A kernel in this process, and when it has stopped. */
type KernelHere = { readonly channel: Channel; readonly stopped: Promise<void> };

/** A daemon in this process, and a client that needs no port. */
export type OwnDaemon = { readonly stopped: Promise<void>; readonly client: KeepaliveClient };

type DaemonOptions = Pick<ConnectOptions, 'reconnect' | 'access'>;

/** Access to other processes. Tests replace it. */
export type System = {
  connect(options: DaemonOptions): Promise<KeepaliveClient>;
  /** Starts a kernel in its own process. */
  spawn(options: SpawnOptions): Promise<KernelProcess>;
  /** Starts a kernel in this process. Undefined if it would run code of someone else. */
  serveHere(options: SpawnOptions): Promise<KernelHere | undefined>;
  /** Runs the daemon in this process. */
  runDaemon(options: RunOptions): Promise<OwnDaemon>;
  /** Starts the tray in a process that outlives this one. */
  spawnTray(): Promise<TrayStart>;
  /** Tests a plugin in its own process. */
  tryPlugin(request: TrialRequest): Promise<Trial>;
  /** Whether the pid is taken, perhaps by a process that has ended. */
  isRunning(pid: number): boolean;
  /** Whether that process has not ended. */
  isAlive(pid: number): boolean;
  terminate(pid: number): void;
  /** Asks the user at the terminal. Undefined if there is none. */
  ask(question: string): Promise<string | undefined>;
  /** Reads the standard input to its end. */
  readInput(): Promise<string>;
  /** Reads the standard input line by line, until the reader stops. A terminal has none: reading may stop a job. */
  readLines(): AsyncGenerator<string>;
  /** Opens a file in the user's browser. Resolves with false if that is not possible. */
  openInBrowser(file: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean>;
};

export const realSystem: System = {
  connect,
  spawn: async options => (await import('./spawn-kernel.ts')).spawnKernel(options),
  serveHere: async options => (await importKernel()).serveHere(options),
  async runDaemon(options) {
    const { stopped, connect: open } = await (await importKernel()).startDaemon(options);
    return { stopped, client: createClient(open()) };
  },
  spawnTray: async () => (await import('./spawn-tray.ts')).spawnTray(),
  tryPlugin: async request => (await import('./spawn-trial.ts')).spawnTrial(request),
  isRunning,
  isAlive,
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
  async *readLines() {
    if (process.stdin.isTTY) return;
    const { createInterface } = await import('node:readline');
    yield* createInterface({ input: process.stdin });
  },
  async openInBrowser(file, env) {
    const { openInBrowser } = await import('../../../sdk/system/open-in-browser.ts');
    return openInBrowser(file, { env });
  },
};

/** What the kernel's program exports. */
type KernelModule = {
  startDaemon(options: RunOptions): Promise<{ readonly stopped: Promise<void>; readonly connect: () => Channel }>;
  readonly serveHere: System['serveHere'];
};

async function importKernel(): Promise<KernelModule> {
  const { KERNEL_MAIN } = await import('./kernel-main.ts');
  return import(KERNEL_MAIN.href);
}

/** Loads the configuration in a one-shot kernel. Rejects if it is refused, before anything has changed. */
export async function checkConfig(system: System, configFile: string | undefined, logFile: string): Promise<void> {
  const connections = createConnections(system, { mode: 'once', configFile, logFile });
  try {
    await connections.oneShot();
  } finally {
    await connections.close();
  }
}

/** What a command needs of a one-shot kernel. */
export type Needs = {
  /** It starts even if the configuration is invalid. */
  readonly tolerant?: boolean;
  /** The command renews nothing. Its kernel may run in this process, where a signal ends both at once. */
  readonly looksOnly?: boolean;
  /** It may go on after the command, which calls `letGo` then. */
  readonly mayOutlive?: boolean;
};

export interface Connections {
  daemon(options?: DaemonOptions): Promise<KeepaliveClient>;
  kernel(options?: Needs): Promise<KeepaliveClient>;
  /** Starts a kernel for this command, even if a daemon runs. */
  oneShot(options?: Needs): Promise<KeepaliveClient>;
  /** Lets kernels in their own process finish without us: `close` does not wait for their end. */
  letGo(): void;
  close(): Promise<void>;
}

/** Opens connections on demand, and closes them after the command. `beforeOneShot` runs before a kernel is started. */
export function createConnections(
  system: System,
  once: SpawnOptions,
  beforeOneShot?: () => Promise<void>,
): Connections {
  const closing: (() => void | Promise<void>)[] = [];
  const releases: (() => void)[] = [];

  async function daemon(options = {}): Promise<KeepaliveClient> {
    const client = await system.connect(options);
    closing.push(() => client.close());
    return client;
  }

  async function oneShot({
    tolerant = false,
    looksOnly = false,
    mayOutlive = false,
  }: Needs = {}): Promise<KeepaliveClient> {
    await beforeOneShot?.();
    const options = { ...once, ...(tolerant && { tolerant }), ...(mayOutlive && { mayOutlive }) };
    const here = looksOnly ? await system.serveHere(options) : undefined;
    const kernel = here ?? (await system.spawn(options));
    if ('release' in kernel) releases.push(kernel.release);
    const client = createClient(kernel.channel);
    closing.push(async () => {
      // The kernel may exit before it has answered.
      await client.request('kernel/stop').catch(() => null);
      client.close();
      await here?.stopped;
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
    letGo() {
      for (const release of releases.splice(0)) release();
    },
    async close() {
      for (const close of closing.splice(0).toReversed()) await close();
    },
  };
}
