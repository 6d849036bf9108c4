import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import type { RefreshOutcome } from '../../../sdk/contract/outcome.ts';
import type { TokenFile } from '../../../sdk/recipes/oauth/token-file.ts';
import { onTestFinished } from '../running-test.ts';

const PROGRAM = fileURLToPath(new URL('other-process.mjs', import.meta.url));

export type Failure = {
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly message: string;
};
export type Redeemed = RefreshOutcome | { readonly status: 'failed'; readonly failed: Failure };

export type RedeemRequest = {
  readonly source: TokenFile;
  /** The user's home. */
  readonly folder: string;
  readonly journalDir?: string;
  readonly force?: boolean;
  /** How long to wait first, in milliseconds. */
  readonly after?: number;
};

type Start = {
  /** The number of threads that work with files. With one, calls are sequential. */
  readonly threads?: number;
  /** A program and its arguments that start the process. */
  readonly within?: readonly string[];
};

type Message = {
  readonly ready?: string;
  readonly number?: number;
  readonly result?: unknown;
  readonly failed?: Failure;
};

function launch({ threads = 4, within = [] }: Start = {}): ChildProcess {
  const env = { ...process.env, UV_THREADPOOL_SIZE: String(threads), UV_USE_IO_URING: '0' };
  const [program = '', ...args] = [...within, process.execPath, PROGRAM];
  return spawn(program, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** A separate process that runs the built code and can be killed. */
export class OtherProcess {
  #count = 0;
  readonly #waiting = new Map<number, (message: Message) => void>();
  /** Resolves with the signal that ended it. */
  readonly gone: Promise<NodeJS.Signals | null>;
  /** The id of the thread that works with files; empty if it is not known. */
  thread = '';

  private constructor(readonly child: ChildProcess) {
    this.gone = new Promise(resolve => child.once('exit', (_code, signal) => resolve(signal)));
    child.on('message', (message: Message) => {
      this.#waiting.get(message.number ?? 0)?.(message);
      this.#waiting.delete(message.number ?? 0);
    });
  }

  /** Starts a process that lives until the test ends. */
  static async start(start?: Start): Promise<OtherProcess> {
    const other = new OtherProcess(launch(start));
    onTestFinished(() => other.kill());
    await other.#begin();
    return other;
  }

  /** Starts processes that live as long as the tests of the file. */
  static shared(count: number): readonly OtherProcess[] {
    const all: OtherProcess[] = [];
    beforeAll(async () => {
      for (let index = 0; index < count; index += 1) all.push(new OtherProcess(launch()));
      await Promise.all(all.map(other => other.#begin()));
    });
    afterAll(() => Promise.all(all.map(other => other.kill())));
    return all;
  }

  async #begin(): Promise<void> {
    const early = this.gone.then(() => Promise.reject(new Error('The process ended before it was ready.')));
    const [{ ready = '' }] = (await Promise.race([once(this.child, 'message'), early])) as [Message];
    early.catch(() => {}); // It is killed later.
    this.thread = ready;
  }

  async redeem(order: RedeemRequest): Promise<Redeemed> {
    const { result, failed } = await this.#ask('redeem', order);
    return failed ? { status: 'failed', failed } : (result as RefreshOutcome);
  }

  /** Takes and holds a directory lock. False if another process has it. */
  async take(path: string, staleMs?: number): Promise<boolean> {
    return (await this.#ask('take', { path, staleMs })).result === true;
  }

  async release(path: string): Promise<void> {
    await this.#ask('release', { path });
  }

  /** Tries until it has the lock, then releases it. Returns whether it held the lock alone. */
  async takeInTurn(path: string, staleMs?: number): Promise<boolean> {
    return (await this.#ask('takeInTurn', { path, staleMs })).result === true;
  }

  /** Redeems repeatedly without an end. */
  redeemOnAndOn(order: RedeemRequest): void {
    void this.#ask('redeemOnAndOn', order);
  }

  /** Writes a file in place repeatedly, which this project never does. */
  writeOnAndOn(file: string, texts: readonly string[]): void {
    void this.#ask('writeOnAndOn', { file, texts });
  }

  /** Makes it kill itself before Node's file-changing call with this number. */
  async dieBefore(step: number): Promise<void> {
    await this.#ask('dieBefore', { step });
  }

  /** The number of such calls since then. */
  async countSteps(): Promise<number> {
    return Number((await this.#ask('countSteps', {})).result);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }

  /** Never settles if the process dies meanwhile: see `gone`. */
  #ask(deed: string, order: object): Promise<Message> {
    this.#count += 1;
    const number = this.#count;
    this.child.send({ number, deed, order }, () => {}); // It may be dead already.
    return new Promise(resolve => this.#waiting.set(number, resolve));
  }
}
