import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { KeepaliveError } from '../../sdk/errors.ts';
import type { Journal } from '../../sdk/files.ts';
import { openDurably, overwrite, sweepTemporaries, writeDurably } from './durable.ts';
import { makeFolder } from './folder.ts';
import { errnoOf, isMissing, writing } from './errno.ts';

/** Room for the line that is added: more than any vendor's answer takes. */
const RESERVE = 12_288;

/** Notes in files of their own; a key may be any text. */
export function createJournal(folder: string): Journal {
  const fileOf = (key: string) => join(folder, createHash('sha256').update(key).digest('hex').slice(0, 32));
  /** Notes as they would be, had the disk taken what was added to them. */
  const unwritten = new Map<string, string>();

  const replace = <T>(key: string, write: (path: string) => Promise<T>): Promise<T> => writing(fileOf(key), async () => {
    const path = fileOf(key);
    await makeFolder(folder);
    await sweepTemporaries(path);
    const written = await write(path);
    unwritten.delete(key);
    return written;
  });

  return {
    async read(key) {
      const path = fileOf(key);
      try {
        return unwritten.get(key) ?? await readFile(path, 'utf8');
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason: errnoOf(error) }, error);
      }
    },
    write: (key, text) => replace(key, path => writeDurably(path, text)),
    async begin(key, line) {
      const begun = `${line}\n`;
      const handle = await replace(key, path => openDurably(path, begun + noise()));
      return {
        close: () => handle.close(),
        async add(more) {
          unwritten.set(key, `${begun}${more}\n`);
          await writing(fileOf(key), () => append(handle, Buffer.from(`${more}\n`), Buffer.byteLength(begun)));
          unwritten.delete(key);
        },
      };
    },
    remove: key => writing(fileOf(key), async () => {
      unwritten.delete(key);
      await rm(fileOf(key), { force: true });
    }),
  };
}

/** Takes room, also on a file system that compresses. It has no end of a line, so that no part of it is taken for one that was added. */
const noise = (): string => randomBytes(RESERVE).toString('base64');

/** Whole after its first step; that the reserve goes is only tidier. */
async function append(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  await overwrite(handle, bytes, at);
  await handle.truncate(at + bytes.length);
  await handle.sync();
}
