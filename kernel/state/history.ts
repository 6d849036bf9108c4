import { appendFile, open, stat } from 'node:fs/promises';
import type { RpcParams } from '../../sdk/contract/rpc.ts';
import type { Attempt } from '../../sdk/contract/session.ts';
import { writeDurably } from '../../runtime/files/durable.ts';
import { parseJson, readOwnFile } from '../../runtime/files/own-file.ts';
import { quarantineIfUnusable, warnQuarantined } from '../../runtime/files/quarantine.ts';
import { inTurn } from '../../runtime/in-turn.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { attemptSchema } from '../../sdk/contract/session-schema.ts';

/** About ten thousand attempts. When the file is larger, the older half is dropped. */
const MAX_BYTES = 2 * 1024 * 1024;
const DEFAULT_LIMIT = 100;

/** Every attempt, as one line of JSON each. */
export class History {
  /** Serializes reads, appends and trims. Also keeps the file in memory only once, however many clients ask. */
  readonly #inTurn = inTurn();
  readonly #unwritten: Attempt[] = [];
  #hasWarned = false;

  constructor(
    private readonly file: string,
    private readonly log: KernelLog,
  ) {}

  /** Attempts that are added while another write is under way are written together. */
  add(attempt: Attempt): void {
    if (this.#unwritten.push(attempt) > 1) return;
    this.#inTurn(() => this.#append(this.#unwritten.splice(0))).catch((error: unknown) =>
      this.log.warn({ err: error }, 'the history could not be written'),
    );
  }

  /** Newest first. */
  async list({ id, limit = DEFAULT_LIMIT, before = Infinity }: RpcParams<'session/history'> = {}): Promise<
    readonly Attempt[]
  > {
    return this.#inTurn(async () => {
      const found: Attempt[] = [];
      for (const line of (await this.#lines()).toReversed()) {
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
      for (const line of (await this.#lines()).toReversed()) {
        const { data: attempt } = attemptSchema.safeParse(parseJson(line));
        if (!attempt) this.#warnOfDamage();
        // By identity, because the clock may have been set back since.
        else if (attempt.id === last?.id && attempt.endedAt === last.endedAt) return found.toReversed();
        else found.push(attempt);
      }
      return found.filter(({ endedAt }) => endedAt > (last?.endedAt ?? 0)).toReversed();
    });
  }

  /** Resolves when everything that was added is on disk. */
  flush(): Promise<void> {
    return this.#inTurn(async () => undefined);
  }

  async #append(attempts: readonly Attempt[]): Promise<void> {
    const { file } = this;
    warnQuarantined(await quarantineIfUnusable(file, 'r+'), this.log);
    const lines = attempts.map(attempt => `${JSON.stringify(attempt)}\n`).join('');
    // After a crash the last line may be incomplete: the next one must not continue it.
    await appendFile(file, `${(await endsMidLine(file)) ? '\n' : ''}${lines}`, { mode: 0o600 });
    if ((await stat(file)).size <= MAX_BYTES) return;
    const all = await this.#lines();
    const newer = all.slice(Math.floor(all.length / 2));
    await writeDurably(file, newer.map(line => `${line}\n`).join(''));
    this.log.debug('the older half of the history was dropped');
  }

  async #lines(): Promise<string[]> {
    const bytes = await readOwnFile(this.file, this.log);
    return bytes?.toString('utf8').split('\n').filter(Boolean) ?? [];
  }

  #warnOfDamage(): void {
    if (!this.#hasWarned) this.log.warn({ file: this.file }, 'some lines of the history are damaged and are skipped');
    this.#hasWarned = true;
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
