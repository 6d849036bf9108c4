import { appendFile, readFile, stat } from 'node:fs/promises';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { RpcParams } from '../sdk/rpc.ts';
import type { Attempt } from '../sdk/session.ts';
import { Events } from './events.ts';
import { writeDurably } from './files/durable.ts';
import type { KernelLog } from './log.ts';
import { attemptSchema } from './schemas.ts';
import { KernelOptions, Log, type KernelOptions as Options } from './tokens.ts';

/** About ten thousand attempts; beyond it the older half goes. */
const MAX_BYTES = 2 * 1024 * 1024;
const DEFAULT_LIMIT = 100;

/** Every attempt that was made, one line of JSON each. */
@scoped(Lifecycle.ContainerScoped)
export class History {
  #writing: Promise<void> = Promise.resolve();

  constructor(@inject(KernelOptions) private readonly options: Options, @inject(Log) private readonly log: KernelLog, @inject(Events) events: Events) {
    events.on('attempted', attempt => {
      // One after another, so that lines never mix and a trim never loses one.
      this.#writing = this.#writing.then(() => this.#append(attempt)).catch(error => log.warn({ err: error }, 'the history could not be written'));
    });
  }

  /** Newest first. */
  async list({ id, limit = DEFAULT_LIMIT, before = Infinity }: RpcParams<'session/history'> = {}): Promise<readonly Attempt[]> {
    await this.#writing;
    const found: Attempt[] = [];
    for (const line of (await this.#lines()).toReversed()) {
      if (found.length >= limit) break;
      const attempt = parse(line);
      if (attempt && (id === undefined || attempt.id === id) && attempt.startedAt < before) found.push(attempt);
    }
    return found;
  }

  flush(): Promise<void> {
    return this.#writing;
  }

  async #append(attempt: Attempt): Promise<void> {
    const file = this.options.home.history;
    await appendFile(file, `${JSON.stringify(attempt)}\n`, { mode: 0o600 });
    if ((await stat(file)).size <= MAX_BYTES) return;
    const lines = await this.#lines();
    await writeDurably(file, lines.slice(Math.floor(lines.length / 2)).map(line => `${line}\n`).join(''));
    this.log.debug('the older half of the history was dropped');
  }

  async #lines(): Promise<string[]> {
    try {
      return (await readFile(this.options.home.history, 'utf8')).split('\n').filter(Boolean);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}

/** A line that a crash or a hand damaged is passed over. */
function parse(line: string): Attempt | undefined {
  try {
    return attemptSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
