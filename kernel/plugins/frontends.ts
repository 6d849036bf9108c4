import type { KeepaliveClient } from '../../sdk/client/client.ts';
import type { FrontendContext, FrontendPlugin, Machine } from '../../sdk/plugin/frontend.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';

const START_LIMIT_MS = 15_000;

type Running = { readonly stop: AbortController; readonly started: Promise<Cleanup> };

/** The frontends that run in this process. `connect` makes a separate client for each, as in any other process. */
export class Frontends {
  readonly #running = new Map<FrontendPlugin, Running>();

  constructor(
    private readonly connect: () => Promise<KeepaliveClient>,
    private readonly log: KernelLog,
    private readonly serve: (id: string, ...page: Parameters<FrontendContext['serve']>) => Cleanup,
    private readonly machine: Machine,
  ) {}

  /** Starts the new ones and stops those that are gone. One that fails to start does not affect the others. */
  sync(wanted: readonly FrontendPlugin[]): void {
    for (const frontend of this.#running.keys()) if (!wanted.includes(frontend)) void this.#end(frontend);
    for (const frontend of wanted) {
      if (this.#running.has(frontend)) continue;
      const stop = new AbortController();
      this.#running.set(frontend, { stop, started: this.#start(frontend, stop.signal) });
    }
  }

  /** Resolves when every frontend has started or failed to. */
  async settled(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ started }) => started));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map(frontend => this.#end(frontend)));
  }

  async #start(frontend: FrontendPlugin, signal: AbortSignal): Promise<Cleanup> {
    const log = this.log.child({ plugin: frontend.id });
    const limits = { timeoutMs: START_LIMIT_MS, stop: signal };
    const serve: FrontendContext['serve'] = read =>
      this.serve(frontend.id, () => callPlugin(frontend, 'serve', limits, read));
    const client = await this.connect();
    const { machine } = this;
    try {
      const begin = () => frontend.start({ client, log, signal, serve, machine });
      const cleanup = await callPlugin(frontend, 'start', limits, begin);
      return async () => {
        await cleanup?.();
        client.close();
      };
    } catch (error) {
      client.close();
      log.error({ err: error }, 'a frontend did not start');
      return () => undefined;
    }
  }

  async #end(frontend: FrontendPlugin): Promise<void> {
    const running = this.#running.get(frontend);
    this.#running.delete(frontend);
    running?.stop.abort();
    const cleanup = await running?.started;
    await cleanup?.();
  }
}
