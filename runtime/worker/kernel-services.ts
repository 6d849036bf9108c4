import type { Files } from '../../sdk/plugin/files.ts';
import type { FrontendContext, PageFiles } from '../../sdk/plugin/frontend.ts';
import type { Logger } from '../../sdk/plugin/logger.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { SignInTalk } from '../context.ts';
import type { KernelSide } from './protocol.ts';
import { codeStepFrom, openStepFrom } from './validate.ts';

/** The methods that the kernel answers for each plugin separately. */
export type PluginMethods = Pick<
  KernelSide,
  'changed' | 'watchFile' | 'unwatchFile' | 'showStep' | 'askCode' | 'servePage' | 'unservePage' | 'log'
>;

/** What the kernel does for a plugin, even if its process has exited: watches files, serves pages, writes logs. */
export class KernelServices {
  readonly #files = new Map<number, Cleanup>();
  readonly #pages = new Map<number, Cleanup>();
  #changed: (() => void) | undefined;
  #serve: FrontendContext['serve'] | undefined;
  #talk: SignInTalk | undefined;

  constructor(
    private readonly files: Pick<Files, 'watch'>,
    private readonly log: Logger,
    private readonly readPage: (page: number) => Promise<PageFiles>,
  ) {}

  get isWatching(): boolean {
    return this.#changed !== undefined;
  }

  startWatching(changed: () => void): void {
    this.#changed = changed;
  }

  startServing(serve: FrontendContext['serve']): void {
    this.#serve = serve;
  }

  /** While `run` runs, the plugin's process talks to the user. */
  async whileTalking(talk: SignInTalk, run: () => Promise<unknown>): Promise<void> {
    this.#talk = talk;
    try {
      await run();
    } finally {
      this.#talk = undefined;
    }
  }

  readonly methods: PluginMethods = {
    changed: () => this.#changed?.(),
    watchFile: ({ file, path }) => {
      const watching = this.files.watch(path, () => this.#changed?.());
      this.#files.set(file, watching);
    },
    unwatchFile: ({ file }) => void cleanUp(this.#files, file),
    showStep: ({ step }) => this.#talk?.show(openStepFrom(step)),
    askCode: ({ step }) => this.#talk?.ask(codeStepFrom(step)),
    servePage: ({ page }) => {
      const serving = this.#serve?.(() => this.readPage(page));
      if (serving) this.#pages.set(page, serving);
    },
    unservePage: ({ page }) => void cleanUp(this.#pages, page),
    log: ({ level, fields, message }) => this.log[level](fields, message),
  };

  async stopWatching(): Promise<void> {
    this.#changed = undefined;
    await this.unwatchFiles();
  }

  unwatchFiles(): Promise<void> {
    return cleanUpAll(this.#files);
  }

  async close(): Promise<void> {
    await Promise.all([this.stopWatching(), cleanUpAll(this.#pages)]);
  }
}

const cleanUpAll = async (running: Map<number, Cleanup>): Promise<void> =>
  void (await Promise.all([...running.keys()].map(key => cleanUp(running, key))));

async function cleanUp(running: Map<number, Cleanup>, key: number): Promise<void> {
  const cleanup = running.get(key);
  running.delete(key);
  await cleanup?.();
}
