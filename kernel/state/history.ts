import { appendFile, open, stat } from 'node:fs/promises';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { RpcParams } from '../../sdk/contract/rpc.ts';
import type { Attempt } from '../../sdk/contract/session.ts';
import { Events } from '../events.ts';
import { writeDurably } from '../../runtime/files/durable.ts';
import { makeWay, readOwnFile, tellOf } from '../../runtime/files/own-file.ts';
import { inTurn } from '../../runtime/in-turn.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { attemptSchema } from '../../sdk/contract/session-schema.ts';
import { KernelOptions, Log, type KernelOptions as Options } from '../tokens.ts';

/** About ten thousand attempts; beyond it the older half goes. */
const MAX_BYTES = 2 * 1024 * 1024;
const DEFAULT_LIMIT = 100;

/** Every attempt that was made, one line of JSON each. */
@scoped(Lifecycle.ContainerScoped)
export class History {
  /** One after another: lines never mix, a trim never loses one, and however many ask, the file is in memory once. */
  readonly #inTurn = inTurn();
  readonly #unwritten: Attempt[] = [];
  #toldOfDamage = false;

  constructor(
    @inject(KernelOptions) private readonly options: Options,
    @inject(Log) private readonly log: KernelLog,
    @inject(Events) events: Events,
  ) {
    events.on('attempted', attempt => {
      // Those that come before it is their turn are written together.
      if (this.#unwritten.push(attempt) > 1) return;
      this.#inTurn(() => this.#append(this.#unwritten.splice(0))).catch((error: unknown) =>
        log.warn({ err: error }, 'the history could not be written'),
      );
    });
  }

  /** Newest first. */
  async list({ id, limit = DEFAULT_LIMIT, before = Infinity }: RpcParams<'session/history'> = {}): Promise<
    readonly Attempt[]
  > {
    return this.#inTurn(async () => {
      const found: Attempt[] = [];
      for (const line of (await this.#lines()).toReversed()) {
        if (found.length >= limit) break;
        const attempt = parse(line);
        if (!attempt) this.#tellOfDamage();
        else if ((id === undefined || attempt.id === id) && attempt.startedAt < before) found.push(attempt);
      }
      return found;
    });
  }

  flush(): Promise<void> {
    return this.#inTurn(async () => undefined);
  }

  async #append(attempts: readonly Attempt[]): Promise<void> {
    const { history: file } = this.options.home;
    tellOf(await makeWay(file, 'r+'), this.log);
    const lines = attempts.map(attempt => `${JSON.stringify(attempt)}\n`).join('');
    // What a crash left of a line must not take this one with it.
    await appendFile(file, `${(await endsMidLine(file)) ? '\n' : ''}${lines}`, { mode: 0o600 });
    if ((await stat(file)).size <= MAX_BYTES) return;
    const all = await this.#lines();
    await writeDurably(
      file,
      all
        .slice(Math.floor(all.length / 2))
        .map(line => `${line}\n`)
        .join(''),
    );
    this.log.debug('the older half of the history was dropped');
  }

  async #lines(): Promise<string[]> {
    const bytes = await readOwnFile(this.options.home.history, this.log);
    return bytes?.toString('utf8').split('\n').filter(Boolean) ?? [];
  }

  #tellOfDamage(): void {
    if (!this.#toldOfDamage)
      this.log.warn({ file: this.options.home.history }, 'some lines of the history are damaged and are passed over');
    this.#toldOfDamage = true;
  }
}

async function endsMidLine(file: string): Promise<boolean> {
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    return size > 0 && (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString() !== '\n';
  } finally {
    await handle.close();
  }
}

/** Undefined for a line that a crash or a hand damaged. */
function parse(line: string): Attempt | undefined {
  try {
    return attemptSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
