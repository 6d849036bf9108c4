import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import type { RefreshOutcome } from '../../../sdk/plugin/provider.ts';
import type { TokenFile } from '../../../sdk/recipes/oauth/token-file.ts';
import { onTestFinished } from '../running-test.ts';

const PROGRAM = fileURLToPath(new URL('other-process.mjs', import.meta.url));

export type Failure = {
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly message: string;
};
export type Redeemed = RefreshOutcome | { readonly status: 'failed'; readonly failed: Failure };

export type RedeemOrder = {
  readonly source: TokenFile;
  /** Its user's home. */
  readonly folder: string;
  readonly journalDir?: string;
  readonly force?: boolean;
  /** How long it waits first, in milliseconds. */
  readonly after?: number;
};

type Start = {
  /** For work with files. With one, their calls come one after another. */
  readonly threads?: number;
  /** What starts it: a program and its arguments. */
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

/** Another process, which runs what was built, and which can be killed. */
export class OtherProcess {
  #count = 0;
  readonly #waiting = new Map<number, (message: Message) => void>();
  /** Resolves when it has ended, with the signal that ended it. */
  readonly gone: Promise<NodeJS.Signals | null>;
  /** Its thread that works with files; empty where that cannot be told. */
  thread = '';

  private constructor(readonly child: ChildProcess) {
    this.gone = new Promise(resolve => child.once('exit', (_code, signal) => resolve(signal)));
    child.on('message', (message: Message) => {
      this.#waiting.get(message.number ?? 0)?.(message);
      this.#waiting.delete(message.number ?? 0);
    });
  }

  /** Starts one, which lives until the test ends. */
  static async start(start?: Start): Promise<OtherProcess> {
    const other = new OtherProcess(launch(start));
    onTestFinished(() => other.kill());
    await other.#begin();
    return other;
  }

  /** Some that live as long as the tests of the file, and are there once these begin. */
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
    const early = this.gone.then(() => Promise.reject(new Error('It ended before it began.')));
    const [{ ready = '' }] = (await Promise.race([once(this.child, 'message'), early])) as [Message];
    early.catch(() => {}); // It is killed at some time.
    this.thread = ready;
  }

  async redeem(order: RedeemOrder): Promise<Redeemed> {
    const { result, failed } = await this.#ask('redeem', order);
    return failed ? { status: 'failed', failed } : (result as RefreshOutcome);
  }

  /** Takes a directory lock, and holds it; false where someone else has it. */
  async take(path: string, staleMs?: number): Promise<boolean> {
    return (await this.#ask('take', { path, staleMs })).result === true;
  }

  async release(path: string): Promise<void> {
    await this.#ask('release', { path });
  }

  /** Tries until it has the lock, and gives it back; whether it was alone while it had it. */
  async takeInTurn(path: string, staleMs?: number): Promise<boolean> {
    return (await this.#ask('takeInTurn', { path, staleMs })).result === true;
  }

  /** Redeems without an end. */
  redeemOnAndOn(order: RedeemOrder): void {
    void this.#ask('redeemOnAndOn', order);
  }

  /** Does without an end what this project never does: writes a file in place. */
  writeOnAndOn(file: string, texts: readonly string[]): void {
    void this.#ask('writeOnAndOn', { file, texts });
  }

  /** Has it kill itself right before the so-many-th call of Node's that changes files. */
  async dieBefore(step: number): Promise<void> {
    await this.#ask('dieBefore', { step });
  }

  /** How many such calls there were since. */
  async countSteps(): Promise<number> {
    return Number((await this.#ask('countSteps', {})).result);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }

  /** Never settles if it dies meanwhile: see `gone`. */
  #ask(deed: string, order: object): Promise<Message> {
    this.#count += 1;
    const number = this.#count;
    this.child.send({ number, deed, order }, () => {}); // It may be dead already.
    return new Promise(resolve => this.#waiting.set(number, resolve));
  }
}
