import { errnoOf } from '../sdk/base/errno.ts';
import { KeepaliveError } from '../sdk/contract/errors.ts';
import { inTurn } from '../sdk/base/in-turn.ts';
import { StatesFile } from './states-file.ts';
import { ChangeLog } from './states-log.ts';
import type { StatesFiles } from './states-reading.ts';
import type { Change, Content } from './states-slots.ts';

/** A longer log is emptied. To sync a large file costs more, so it is done less often. */
const MIN_LOG_BYTES = 1024 * 1024;
const LOG_SHARE = 1 / 4;

/**
 * `states.json` and its log. A change is durable once it is in the log; then its line in `states.json` is overwritten,
 * which needs no sync. The first write of a process lays out a new `states.json`.
 */
export class StatesOnDisk {
  readonly #inTurn = inTurn();
  readonly #file: StatesFile;
  readonly #log: ChangeLog;

  constructor(
    private readonly paths: StatesFiles,
    content: Content,
  ) {
    this.#file = new StatesFile(paths.states, content);
    this.#log = new ChangeLog(paths.changes);
  }

  /** Resolves when the changes, which are in the content already, are on disk. */
  write(changes: readonly Change[]): Promise<void> {
    return this.#inTurn(async () => {
      try {
        const canAppend = !this.#file.needsLayout && this.#log.isUsable && (await this.#log.isInPlace());
        if (!canAppend) return await this.#layOut();
        await this.#log.append(changes);
        // Another process has put its own file there, or the user has removed ours.
        if (!(await this.#isInPlace())) return await this.#layOut();
      } catch (error) {
        throw new KeepaliveError('KA_HOME_UNUSABLE', { file: this.paths.states, reason: errnoOf(error) }, error);
      }
      this.#file.show(changes);
      if (this.#log.size > Math.max(MIN_LOG_BYTES, this.#file.size * LOG_SHARE)) void this.#emptyLog();
    });
  }

  /** Resolves when `states.json` shows every change. */
  show(): Promise<void> {
    return this.#inTurn(() => this.#file.showNow());
  }

  /** Leaves a complete `states.json`, and no log. If it cannot, the next start reads the log. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        if ((await this.#isInPlace()) && (await this.#file.sync())) await this.#log.remove();
      } finally {
        // Node 26 ends a process that forgets an open file.
        await this.#log.close();
      }
    });
  }

  async #isInPlace(): Promise<boolean> {
    const both = await Promise.all([this.#file.isInPlace(), this.#log.isInPlace()]);
    return both.every(Boolean);
  }

  async #layOut(): Promise<void> {
    await this.#log.begin(await this.#file.layOut());
  }

  /** If this fails, the log stays as it is until the next change. */
  #emptyLog(): Promise<void> {
    return this.#inTurn(async () => {
      if (await this.#file.sync()) await this.#log.clear();
    }).catch(() => undefined);
  }
}
