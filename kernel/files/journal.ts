import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KeepaliveError } from '../../sdk/errors.ts';
import type { Journal } from '../../sdk/files.ts';
import { sweepTemporaries, writeDurably } from './durable.ts';
import { makeFolder } from './folder.ts';
import { errnoOf, isMissing, writing } from './errno.ts';

/** Notes in files of their own; a key may be any text. */
export function createJournal(folder: string): Journal {
  const fileOf = (key: string) => join(folder, createHash('sha256').update(key).digest('hex').slice(0, 32));
  return {
    async read(key) {
      const path = fileOf(key);
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason: errnoOf(error) }, error);
      }
    },
    write: (key, text) => writing(fileOf(key), async () => {
      const path = fileOf(key);
      await makeFolder(folder);
      await sweepTemporaries(path);
      await writeDurably(path, text);
    }),
    remove: key => writing(fileOf(key), () => rm(fileOf(key), { force: true })),
  };
}
