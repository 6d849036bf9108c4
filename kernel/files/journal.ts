import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KeepaliveError } from '../../sdk/errors.ts';
import type { Journal } from '../../sdk/files.ts';
import { readPlainFile } from '../../sdk/plain-file.ts';
import { sweepTemporaries, writeDurably } from './durable.ts';
import { makeFolder } from './folder.ts';
import { errnoOf, isMissing, writing } from './errno.ts';
import { setAside } from './own-file.ts';

const digest = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/**
 * Notes in files of their own; a key may be any text. The first line is a checksum of the others: the successor of a token with one bit
 * wrong would replace a good one. A note that does not fit it is set aside.
 */
export function createJournal(folder: string): Journal {
  const fileOf = (key: string) => join(folder, digest(key));
  return {
    async read(key) {
      const path = fileOf(key);
      const bytes = await readNote(path);
      if (!bytes) return undefined;
      const end = bytes.indexOf('\n');
      const text = bytes.subarray(end + 1);
      if (bytes.toString('latin1', 0, Math.max(end, 0)) === digest(text)) return text.toString('utf8');
      await setAside(path, 'damaged');
      return undefined;
    },
    write: (key, text) => writing(fileOf(key), async () => {
      const path = fileOf(key);
      await makeFolder(folder);
      await sweepTemporaries(path);
      await writeDurably(path, `${digest(text)}\n${text}`);
    }),
    remove: key => writing(fileOf(key), () => rm(fileOf(key), { force: true })),
  };
}

async function readNote(path: string): Promise<Buffer | undefined> {
  try {
    return await readPlainFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason: errnoOf(error) }, error);
  }
}
