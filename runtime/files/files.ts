import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { FileFacts, Files } from '../../sdk/plugin/files.ts';
import { expandHome } from '../../sdk/system/home.ts';
import { readPlainFile } from '../../sdk/system/plain-file.ts';
import type { CriticalTable } from './critical.ts';
import { errnoOf, isMissing } from '../../sdk/base/errno.ts';
import { takeDirLock } from './dir-lock.ts';
import { sweepOwnTemporaries } from './durable.ts';
import { createJournal, type KernelJournal } from './journal.ts';
import { prepareReplacement } from './replacement.ts';
import { watchFile } from './watch-file.ts';

/** No credential file is larger. */
const MAX_BYTES = 8 * 1_048_576;

export type FilesOptions = {
  /** What a leading `~` stands for; without it, such paths are refused. */
  readonly userHome: string | undefined;
  readonly journalDir: string;
  /** Set for a plugin that does not come with the product. */
  readonly maxNotes?: number | undefined;
};

export type KernelFiles = Files & { readonly journal: KernelJournal };

/** A lock and a prepared file are left behind if their process is killed. The journal writes each note in one step. */
export const FILES_CRITICAL: CriticalTable<KernelFiles> = {
  resolve: 'never',
  read: 'never',
  readBytes: 'never',
  stat: 'never',
  prepare: { until: ['commit', 'discard'] },
  lock: 'until-released',
  watch: 'never',
  journal: { read: 'never', write: 'never', begin: 'never', remove: 'never', hasUnwritten: 'never' },
};

/** The files of the user, for plugins. */
export function createFiles({ userHome, journalDir, maxNotes }: FilesOptions): KernelFiles {
  const resolve = (path: string) => expandHome(path, userHome);
  return {
    resolve,
    read: path => unlessMissing(resolve(path), async file => (await readPlainFile(file, MAX_BYTES)).toString('utf8')),
    readBytes: path => unlessMissing(resolve(path), file => readPlainFile(file)),
    stat: path => unlessMissing(resolve(path), factsOf),
    prepare: (path, options) => prepareReplacement(resolve(path), options),
    lock: (path, { staleMs } = {}) => takeDirLock(resolve(path), staleMs),
    watch: (path, changed) => {
      void sweepBeside(resolve(path));
      return watchFile(resolve(path), changed);
    },
    journal: createJournal(journalDir, maxNotes),
  };
}

/** Removes what a crash left beside the file. If that fails, the next replacement reports it. */
const sweepBeside = (path: string): Promise<void> =>
  realpath(path)
    .then(sweepOwnTemporaries)
    .catch(() => {});

async function factsOf(file: string): Promise<FileFacts> {
  const path = await realpath(file);
  const isAllowed = access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  const [{ mtimeMs, mode }, writable] = await Promise.all([stat(path), isAllowed]);
  return { path, modifiedAt: mtimeMs, mode: mode & 0o777, writable };
}

async function unlessMissing<T>(path: string, look: (path: string) => Promise<T>): Promise<T | undefined> {
  try {
    return await look(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    const reason = errnoOf(error) === 'EFBIG' ? 'larger than 8 MiB' : errnoOf(error);
    throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason }, error);
  }
}
