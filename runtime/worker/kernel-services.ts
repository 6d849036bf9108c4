import type { Files } from '../../sdk/plugin/files.ts';
import type { FrontendContext, Machine, PageFiles } from '../../sdk/plugin/frontend.ts';
import type { Logger } from '../../sdk/plugin/logger.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { SignInTalk } from '../context.ts';
import type { KernelSide } from './protocol.ts';
import { codeStepFrom, openStepFrom } from './validate.ts';

/** The methods that the kernel answers for each plugin separately. */
export type PluginMethods = Pick<
  KernelSide,
  | 'changed'
  | 'watchFile'
  | 'unwatchFile'
  | 'showStep'
  | 'askCode'
  | 'servePage'
  | 'unservePage'
  | 'setAlarm'
  | 'cancelAlarm'
  | 'log'
>;

/** What the kernel does for a plugin even if its process has exited: files, pages, alarms and logs. */
export class KernelServices {
  readonly #files = new Map<number, Cleanup>();
  readonly #pages = new Map<number, Cleanup>();
  #changed: (() => void) | undefined;
  readonly #alarms = new Map<number, Cleanup>();
  #frontend: (Pick<FrontendContext, 'serve'> & Pick<Machine, 'at'>) | undefined;
  #talk: SignInTalk | undefined;

  constructor(
    private readonly files: Pick<Files, 'watch'>,
    private readonly log: Logger,
    private readonly ask: {
      readonly readPage: (page: number) => Promise<PageFiles>;
      readonly ring: (alarm: number) => void;
    },
  ) {}

  get isWatching(): boolean {
    return this.#changed !== undefined;
  }

  startWatching(changed: () => void): void {
    this.#changed = changed;
  }

  /** What the frontend in the plugin's process may use of this one. */
  startServing(serve: FrontendContext['serve'], at: Machine['at']): void {
    this.#frontend = { serve, at };
  }

  /** What the frontend leaves behind ends with it, and it can set nothing new. */
  async stopServing(): Promise<void> {
    this.#frontend = undefined;
    await Promise.all([cleanUpAll(this.#pages), cleanUpAll(this.#alarms)]);
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
      const serving = this.#frontend?.serve(() => this.ask.readPage(page));
      if (serving) this.#pages.set(page, serving);
    },
    unservePage: ({ page }) => void cleanUp(this.#pages, page),
    setAlarm: ({ alarm, at }) => {
      const cancel = this.#frontend?.at(at, () => {
        if (this.#alarms.delete(alarm)) this.ask.ring(alarm);
      });
      if (cancel) this.#alarms.set(alarm, cancel);
    },
    cancelAlarm: ({ alarm }) => void cleanUp(this.#alarms, alarm),
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
    await Promise.all([this.stopWatching(), this.stopServing()]);
  }
}

const cleanUpAll = async (running: Map<number, Cleanup>): Promise<void> =>
  void (await Promise.all([...running.keys()].map(key => cleanUp(running, key))));

async function cleanUp(running: Map<number, Cleanup>, key: number): Promise<void> {
  const cleanup = running.get(key);
  running.delete(key);
  await cleanup?.();
}
