import type { ChildProcess } from 'node:child_process';
import { ipcChannel } from '../../sdk/client/ipc-channel.ts';
import { HOLD_LIMIT_MS } from './limits.ts';
import { createPeer, type KernelSide, type Peer, type PluginSide } from './protocol.ts';

const OUT_OF_MEMORY = 'SIGABRT, as where it needs more memory than it may have';

/** A process for plugins, from its start to its end. */
export class PluginProcess {
  readonly peer: Peer<PluginSide>;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
  /** The plugins that were loaded into it, or are being. */
  readonly loaded = new Map<number, Promise<void>>();
  readonly #child: ChildProcess;
  #holds = 0;
  #doomed = false;
  #endedFor: number | undefined;

  constructor(child: ChildProcess, answers: Omit<KernelSide, 'hold' | 'release'>) {
    this.#child = child;
    this.peer = createPeer<KernelSide, PluginSide>(ipcChannel(child), {
      ...answers,
      hold: () => {
        if (!this.#doomed) this.#holds += 1;
        return !this.#doomed;
      },
      release: () => {
        this.#holds -= 1;
        if (this.#doomed && this.#holds === 0) this.#kill();
      },
    });
    this.ended = new Promise(resolve => {
      const end = (how: string) => {
        this.#doomed = true;
        this.peer.giveUp(`Its process ended: ${how}.`);
        resolve(how);
      };
      child.once('exit', (code, signal) =>
        end(signal === null ? `exit code ${code}` : signal === 'SIGABRT' ? OUT_OF_MEMORY : signal),
      );
      child.once('error', error => end(error.message));
    });
  }

  get isDoomed(): boolean {
    return this.#doomed;
  }

  /** The plugin whose fault it is that this was ended. */
  get endedFor(): number | undefined {
    return this.#endedFor;
  }

  /** Ends it: at once, or as soon as what must not be cut off is over. */
  doom(plugin?: number): void {
    if (this.#doomed) return;
    this.#doomed = true;
    this.#endedFor = plugin;
    if (this.#holds === 0) return this.#kill();
    const limit = setTimeout(() => this.#kill(), HOLD_LIMIT_MS);
    void this.ended.then(() => clearTimeout(limit));
  }

  /** Lets it end by itself, when it has finished what must not be cut off. */
  leave(): void {
    this.#doomed = true;
    if (this.#child.connected) this.#child.disconnect();
  }

  #kill(): void {
    this.#child.kill('SIGKILL');
  }
}
