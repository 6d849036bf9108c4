import { connect } from '../../sdk/client/client.ts';
import type { FrontendContext, FrontendPlugin } from '../../sdk/plugin/frontend.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { callPlugin } from '../../runtime/call-plugin.ts';

const START_LIMIT_MS = 15_000;

/** The frontends that run in this process. Each gets a client over the loopback socket, like everybody else. */
export class Frontends {
  readonly #running = new Map<FrontendPlugin, { readonly stop: AbortController; readonly started: Promise<Cleanup> }>();

  constructor(
    private readonly endpointFile: string,
    private readonly log: KernelLog,
    private readonly serve: FrontendContext['serve'],
  ) {}

  /** Starts those that are new, ends those that are gone. One that fails to start hurts nobody. */
  sync(wanted: readonly FrontendPlugin[]): void {
    for (const [frontend] of this.#running) if (!wanted.includes(frontend)) void this.#end(frontend);
    for (const frontend of wanted) if (!this.#running.has(frontend)) this.#start(frontend);
  }

  /** Resolves when those that were wanted have started, or failed to. */
  async settled(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ started }) => started));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map(frontend => this.#end(frontend)));
  }

  #start(frontend: FrontendPlugin): void {
    const stop = new AbortController();
    const log = this.log.child({ plugin: frontend.id });
    const limits = { timeoutMs: START_LIMIT_MS, stop: stop.signal };
    const serve: FrontendContext['serve'] = read => this.serve(() => callPlugin(frontend, 'serve', limits, read));
    const started = (async (): Promise<Cleanup> => {
      const client = await connect({ endpointFile: this.endpointFile });
      try {
        const cleanup = await callPlugin(frontend, 'start', limits, () =>
          frontend.start({ client, log, signal: stop.signal, serve }),
        );
        return async () => {
          await cleanup?.();
          client.close();
        };
      } catch (error) {
        client.close();
        log.error({ err: error }, 'a frontend did not start');
        return () => undefined;
      }
    })();
    this.#running.set(frontend, { stop, started });
  }

  async #end(frontend: FrontendPlugin): Promise<void> {
    const entry = this.#running.get(frontend);
    this.#running.delete(frontend);
    entry?.stop.abort();
    await (
      await entry?.started
    )?.();
  }
}
