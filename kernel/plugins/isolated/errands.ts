import type { Files } from '../../../sdk/files.ts';
import type { FrontendContext, PageFiles } from '../../../sdk/frontend.ts';
import type { Cleanup } from '../../../sdk/provider.ts';
import type { KernelSide } from './wire.ts';

type Answers = Pick<KernelSide, 'changed' | 'follow' | 'unfollow' | 'serve' | 'unserve'>;

/** What the kernel does for a plugin whose process may be gone: it watches files, and shows pages. */
export class Errands {
  readonly #files = new Map<number, Cleanup>();
  readonly #pages = new Map<number, Cleanup>();
  #changed: (() => void) | undefined;
  #serve: FrontendContext['serve'] | undefined;

  constructor(private readonly files: Pick<Files, 'watch'>, private readonly read: (page: number) => Promise<PageFiles>) {}

  get isWatching(): boolean {
    return this.#changed !== undefined;
  }

  watchFor(changed: () => void): void {
    this.#changed = changed;
  }

  servedBy(serve: FrontendContext['serve']): void {
    this.#serve = serve;
  }

  /** The answers to the plugin's process. */
  answers(): Answers {
    return {
      changed: () => this.#changed?.(),
      follow: ({ file, path }) => void this.#files.set(file, this.files.watch(path, () => this.#changed?.())),
      unfollow: ({ file }) => void end(this.#files, file),
      serve: ({ page }) => void (this.#serve && this.#pages.set(page, this.#serve(() => this.read(page)))),
      unserve: ({ page }) => void end(this.#pages, page),
    };
  }

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

const endAll = async (running: Map<number, Cleanup>): Promise<void> => void (await Promise.all([...running.keys()].map(key => end(running, key))));

async function end(running: Map<number, Cleanup>, key: number): Promise<void> {
  const cleanup = running.get(key);
  running.delete(key);
  await cleanup?.();
}
