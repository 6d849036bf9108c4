import { open, stat, type FileHandle } from 'node:fs/promises';
import { isMissing } from '../../sdk/base/errno.ts';
import { patiently } from '../../sdk/system/patient.ts';
import type { KernelLog } from '../log/log.ts';
import { syncFolderOf } from './durable.ts';
import { quarantineIfUnusable, warnQuarantined } from './quarantine.ts';

type Opened = {
  readonly handle: FileHandle;
  readonly dev: number;
  readonly ino: number;
  /** The size of the file after our last line; undefined if the file may end within a line. */
  endsAt?: number | undefined;
  /** What the file may have of an append that failed, and could not be taken back. */
  refused?: { readonly from: number; readonly to: number } | undefined;
};

/**
 * One of our own files, 0600, to which lines are appended. It stays open: opening and examining it took most of the
 * time of an append. If it was moved, removed or replaced, the next append opens the file that has its name then.
 * A line that was appended survives a power cut.
 */
export class LineFile {
  #opened: Opened | undefined;

  constructor(
    private readonly file: string,
    private readonly log: KernelLog,
  ) {}

  /** Appends complete lines. Returns the size of the file. */
  async append(lines: string): Promise<number> {
    const { opened, size: found } = (await this.#inPlace()) ?? (await this.#open());
    const size = await takeBack(opened, found);
    // After a crash or a failed write the last line may be incomplete: the next one must not continue it.
    const isComplete = size === opened.endsAt || (await endsLine(opened.handle, size));
    const text = isComplete ? lines : `\n${lines}`;
    opened.endsAt = undefined;
    try {
      await opened.handle.appendFile(text);
      await opened.handle.datasync();
      // The name of a new file may still be missing on the disk.
      if (size === 0) await syncFolderOf(this.file);
    } catch (error) {
      // The caller writes the lines again.
      opened.refused = { from: size, to: size + Buffer.byteLength(text) };
      await takeBack(opened, opened.refused.to).catch(() => {}); // The first error is the useful one.
      throw error;
    }
    opened.endsAt = size + Buffer.byteLength(text);
    return opened.endsAt;
  }

  async close(): Promise<void> {
    const { handle } = this.#opened ?? {};
    this.#opened = undefined;
    await handle?.close();
  }

  /** Undefined if the file is not open, or does not have its name any more. */
  async #inPlace(): Promise<{ readonly opened: Opened; readonly size: number } | undefined> {
    const opened = this.#opened;
    if (!opened) return undefined;
    const found = await stat(this.file).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    return found?.dev === opened.dev && found.ino === opened.ino ? { opened, size: found.size } : undefined;
  }

  async #open(): Promise<{ readonly opened: Opened; readonly size: number }> {
    await this.close();
    warnQuarantined(await quarantineIfUnusable(this.file, 'r+'), this.log);
    const handle = await patiently(() => open(this.file, 'a+', 0o600));
    try {
      const { dev, ino, size } = await handle.stat();
      this.#opened = { handle, dev, ino };
      return { opened: this.#opened, size };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}

/** Cuts off what failed, unless another program has appended to it. Returns the size of the file. */
async function takeBack(opened: Opened, size: number): Promise<number> {
  const { from, to } = opened.refused ?? { from: size, to: size };
  const isOurs = from < size && size <= to;
  if (isOurs) await opened.handle.truncate(from);
  opened.refused = undefined;
  return isOurs ? from : size;
}

async function endsLine(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === '\n';
}
