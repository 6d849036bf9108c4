import type { RpcParams } from '../sdk/contract/rpc.ts';
import type { Attempt } from '../sdk/contract/session.ts';
import { writeDurably } from '../runtime/files/durable.ts';
import { LineFile } from '../runtime/files/line-file.ts';
import { parseJson, readOwnFile } from '../runtime/files/own-file.ts';
import { RepeatedWrite } from '../runtime/files/repeated-write.ts';
import { inTurn } from '../sdk/base/in-turn.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import { attemptSchema } from '../sdk/contract/session-schema.ts';

/** About ten thousand attempts. When the file is larger, the older half is dropped. */
const MAX_BYTES = 2 * 1024 * 1024;
const DEFAULT_LIMIT = 100;
/** How many characters wait in memory while the file cannot be written, about a thousand attempts. */
const MAX_WAITING = 256 * 1024;

/** Every attempt, as one line of JSON each. */
export class History {
  /** Serializes reads, appends and trims. Also keeps the file in memory only once, however many clients ask. */
  readonly #inTurn = inTurn();
  readonly #lineFile: LineFile;
  readonly #writing: RepeatedWrite;
  #unwritten = '';
  #beforeDrop: () => Promise<void> = async () => undefined;
  #dropping: Promise<void> | undefined;
  /** A failed drop is not tried again with each attempt. */
  #dropAbove = MAX_BYTES;
  #hasWarned = false;

  constructor(
    private readonly file: string,
    private readonly log: KernelLog,
  ) {
    this.#lineFile = new LineFile(file, log);
    this.#writing = new RepeatedWrite(
      () => this.#append(),
      error => log.warn({ err: error }, 'the history could not be written'),
      this.#inTurn,
    );
  }

  /**
   * Resolves when the attempt is in the file. Those that are added during a write share the next one. If the file
   * cannot be written, the attempt waits for the next one, or for a minute.
   */
  add(attempt: Attempt): Promise<void> {
    this.#unwritten += `${JSON.stringify(attempt)}\n`;
    return this.#writing.run();
  }

  /** Newest first. */
  async list({ id, limit = DEFAULT_LIMIT, before = Infinity }: RpcParams<'session/history'> = {}): Promise<
    readonly Attempt[]
  > {
    return this.#inTurn(async () => {
      const found: Attempt[] = [];
      for (const line of await this.#newestFirst()) {
        if (found.length >= limit) break;
        const { data: attempt } = attemptSchema.safeParse(parseJson(line));
        if (!attempt) this.#warnOfDamage();
        else if ((id === undefined || attempt.id === id) && attempt.startedAt < before) found.push(attempt);
      }
      return found;
    });
  }

  /**
   * The attempts after that one, oldest first. If it is not there any more, those that ended later. All without it.
   */
  async after(last: Pick<Attempt, 'id' | 'endedAt'> | undefined): Promise<readonly Attempt[]> {
    return this.#inTurn(async () => {
      const found: Attempt[] = [];
      for (const line of await this.#newestFirst()) {
        const { data: attempt } = attemptSchema.safeParse(parseJson(line));
        if (!attempt) this.#warnOfDamage();
        // By identity, because the clock may have been set back since.
        else if (attempt.id === last?.id && attempt.endedAt === last.endedAt) return found.toReversed();
        else found.push(attempt);
      }
      return found.filter(({ endedAt }) => endedAt > (last?.endedAt ?? 0)).toReversed();
    });
  }

  /** Sets what is done before the older half is dropped. */
  beforeDrop(task: () => Promise<void>): void {
    this.#beforeDrop = task;
  }

  /** Closes the file once everything that was added is in it. */
  async close(): Promise<void> {
    // What waits gets a last try.
    await this.#writing.end();
    await this.#dropping;
    await this.#inTurn(() => this.#lineFile.close());
  }

  async #append(): Promise<void> {
    const lines = this.#unwritten;
    this.#unwritten = '';
    if (!lines) return;
    const size = await this.#lineFile.append(lines).catch((error: unknown) => {
      this.#unwritten = newest(lines + this.#unwritten);
      throw error;
    });
    if (size > this.#dropAbove) this.#dropping ??= this.#drop(size);
  }

  /** Not in the turn of the append, because the task before it may read. */
  async #drop(size: number): Promise<void> {
    await this.#beforeDrop();
    try {
      await this.#inTurn(() => this.#dropOlderHalf());
      this.#dropAbove = MAX_BYTES;
    } catch (error) {
      this.#dropAbove = size + MAX_BYTES / 8;
      this.log.warn({ err: error }, 'the older half of the history could not be dropped');
    }
    this.#dropping = undefined;
  }

  async #dropOlderHalf(): Promise<void> {
    const all = linesIn((await this.#written()).toString('utf8'));
    const newer = all.slice(Math.floor(all.length / 2));
    // Windows cannot replace a file that is open.
    await this.#lineFile.close();
    await writeDurably(this.file, newer.map(line => `${line}\n`).join(''));
    this.log.debug('the older half of the history was dropped');
  }

  async #newestFirst(): Promise<Iterable<string>> {
    return newestFirst([await this.#written(), Buffer.from(this.#unwritten)]);
  }

  async #written(): Promise<Buffer> {
    return (await readOwnFile(this.file, this.log)) ?? Buffer.alloc(0);
  }

  #warnOfDamage(): void {
    if (!this.#hasWarned) this.log.warn({ file: this.file }, 'some lines of the history are damaged and are skipped');
    this.#hasWarned = true;
  }
}

const linesIn = (text: string): string[] => text.split('\n').filter(Boolean);

/** Decodes the lines one by one, because the newest few are usually enough. */
function* newestFirst(parts: readonly Buffer[]): Generator<string> {
  for (const bytes of parts.toReversed()) {
    let end = bytes.length;
    while (end > 0) {
      const start = bytes.lastIndexOf('\n', end - 1) + 1;
      if (start < end) yield bytes.toString('utf8', start, end);
      end = start - 1;
    }
  }
}

/** The last whole lines that may wait in memory. */
const newest = (lines: string): string =>
  lines.length <= MAX_WAITING ? lines : lines.slice(lines.indexOf('\n', lines.length - MAX_WAITING) + 1);
