import type { Files } from '../../sdk/plugin/files.ts';
import type { FrontendContext, PageFiles } from '../../sdk/plugin/frontend.ts';
import type { Logger } from '../../sdk/plugin/logger.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { KernelSide } from './protocol.ts';

/** What a process asks for its plugins; each has an answer of its own. */
export type Asked = Pick<KernelSide, 'changed' | 'follow' | 'unfollow' | 'serve' | 'unserve' | 'log'>;

/** What the kernel does for a plugin whose process may be gone: it watches files, shows pages, and keeps the log. */
export class Errands {
  readonly #files = new Map<number, Cleanup>();
  readonly #pages = new Map<number, Cleanup>();
  #changed: (() => void) | undefined;
  #serve: FrontendContext['serve'] | undefined;

  constructor(
    private readonly files: Pick<Files, 'watch'>,
    private readonly log: Logger,
    private readonly read: (page: number) => Promise<PageFiles>,
  ) {}

  get isWatching(): boolean {
    return this.#changed !== undefined;
  }

  watchFor(changed: () => void): void {
    this.#changed = changed;
  }

  servedBy(serve: FrontendContext['serve']): void {
    this.#serve = serve;
  }

  readonly answers: Asked = {
    changed: () => this.#changed?.(),
    follow: ({ file, path }) =>
      void this.#files.set(
        file,
        this.files.watch(path, () => this.#changed?.()),
      ),
    unfollow: ({ file }) => void end(this.#files, file),
    serve: ({ page }) =>
      void (
        this.#serve &&
        this.#pages.set(
          page,
          this.#serve(() => this.read(page)),
        )
      ),
    unserve: ({ page }) => void end(this.#pages, page),
    log: ({ level, fields, message }) => this.log[level](fields, message),
  };

  async unwatch(): Promise<void> {
    this.#changed = undefined;
    await this.unfollow();
  }

  unfollow(): Promise<void> {
    return endAll(this.#files);
  }

  async close(): Promise<void> {
    await Promise.all([this.unwatch(), endAll(this.#pages)]);
  }
}

const endAll = async (running: Map<number, Cleanup>): Promise<void> =>
  void (await Promise.all([...running.keys()].map(key => end(running, key))));

async function end(running: Map<number, Cleanup>, key: number): Promise<void> {
  const cleanup = running.get(key);
  running.delete(key);
  await cleanup?.();
}
