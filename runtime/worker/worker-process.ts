import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ipcChannel } from '../../sdk/client/ipc-channel.ts';
import { EXTENSION } from '../installation.ts';
import type { Turn } from './start-turns.ts';
import { CRITICAL_LIMIT_MS, createPeer, type KernelSide, type Peer, type WorkerSide } from './protocol.ts';

/** A plugin process ends when its heap grows above this. The daemon and other plugins go on. */
const MAX_HEAP_MB = 256;

const OUT_OF_MEMORY = 'SIGABRT, which may mean that it needs more memory than it may use';

const WORKER_MAIN = fileURLToPath(new URL(`./main${EXTENSION}`, import.meta.url));

/** Spawns plugin processes. The module's name is an argument so that process lists show it. */
export const forker =
  (env: Readonly<Record<string, string | undefined>>, main: string = WORKER_MAIN) =>
  (module: string): ChildProcess =>
    spawn(process.execPath, [`--max-old-space-size=${MAX_HEAP_MB}`, main, module], {
      env: { ...env },
      serialization: 'advanced',
      // The last one is KERNEL_PIPE.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
      windowsHide: true,
    });

/** One plugin process, from its start to its end. */
export class WorkerProcess {
  readonly peer: Peer<WorkerSide>;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
  /** The plugins that are loaded into it or are being loaded. */
  readonly loaded = new Map<number, Promise<void>>();
  readonly #child: ChildProcess;
  #criticalSections = 0;
  #isEnding = false;
  #killedFor: number | undefined;

  constructor(
    child: ChildProcess,
    methods: Omit<KernelSide, 'enterCritical' | 'leaveCritical' | 'beganLoading'>,
    /** Ends when its first plugin has loaded. */
    private readonly turn: Turn,
  ) {
    this.#child = child;
    this.peer = createPeer<KernelSide, WorkerSide>(ipcChannel(child), {
      ...methods,
      beganLoading: () => turn.began(),
      enterCritical: () => {
        if (!this.#isEnding) this.#criticalSections += 1;
        return !this.#isEnding;
      },
      leaveCritical: () => {
        this.#criticalSections -= 1;
        if (this.#isEnding && this.#criticalSections === 0) this.#killNow();
      },
    });
    this.ended = new Promise(resolve => {
      const end = (how: string) => {
        this.#isEnding = true;
        this.peer.rejectAll(`Its process ended: ${how}.`);
        this.turn.end();
        resolve(how);
      };
      child.once('exit', (code, signal) =>
        end(signal === null ? `exit code ${code}` : signal === 'SIGABRT' ? OUT_OF_MEMORY : signal),
      );
      child.once('error', error => end(error.message));
    });
  }

  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** The plugin that it was killed for. */
  get killedFor(): number | undefined {
    return this.#killedFor;
  }

  /** Loads a plugin into it, unless it is loaded or being loaded. */
  async load(plugin: number, work: () => Promise<void>): Promise<void> {
    const loading = this.loaded.get(plugin) ?? work();
    this.loaded.set(plugin, loading);
    try {
      await loading;
    } catch (error) {
      this.loaded.delete(plugin);
      throw error;
    } finally {
      this.turn.end();
    }
  }

  /** Kills it now, or at the end of its critical sections. */
  kill(plugin?: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#killedFor = plugin;
    if (this.#criticalSections === 0) return this.#killNow();
    const limit = setTimeout(() => this.#killNow(), CRITICAL_LIMIT_MS);
    void this.ended.then(() => clearTimeout(limit));
  }

  /** Lets it exit by itself at the end of its critical sections. */
  disconnect(): void {
    this.#isEnding = true;
    if (this.#child.connected) this.#child.disconnect();
  }

  #killNow(): void {
    this.#child.kill('SIGKILL');
  }
}
