import { constants, readFileSync, type Stats } from 'node:fs';
import { access, lstat, mkdir, realpath, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissing } from '../../sdk/base/errno.ts';
import type { Replacement } from '../../sdk/plugin/files.ts';
import {
  moveIntoPlace,
  openTemporary,
  overwrite,
  removeTemporary,
  sweepTemporaries,
  syncFolderOf,
  writing,
} from './durable.ts';

const MIN_RESERVE = 16_384;

/**
 * Prepares a new version of a file, which must exist unless `create` is set. Everything that can fail fails now, not
 * after a token is spent.
 */
export function prepareReplacement(path: string, { create = false }: { create?: boolean | undefined } = {}) {
  return writing<Replacement>(path, async () => {
    const target = await realpath(path).catch((error: unknown) => {
      if (create && isMissing(error)) return newFile(path);
      throw error;
    });
    const facts = await factsOf(target, create);
    if (isMountPoint(target))
      throw Object.assign(new Error('It is mounted by itself and cannot be replaced.'), { code: 'EBUSY' });
    await sweepTemporaries(target);
    const { file, handle } = await openTemporary(target);
    const close = async () => {
      await handle.close();
      await removeTemporary(file);
    };
    try {
      await reserve(handle, facts);
    } catch (error) {
      await close();
      throw error;
    }
    return createReplacement(path, { handle, close, install: () => moveIntoPlace(file, target) });
  });
}

type Temporary = {
  readonly handle: FileHandle;
  readonly close: () => Promise<void>;
  readonly install: () => Promise<void>;
};

function createReplacement(path: string, { handle, close, install }: Temporary): Replacement {
  let open = true;
  const discard = async () => {
    if (!open) return;
    open = false;
    await close();
  };
  return {
    discard,
    commit: text =>
      writing(path, async () => {
        try {
          const bytes = Buffer.from(text);
          await overwrite(handle, bytes);
          await handle.truncate(bytes.length);
          await handle.sync();
          await install();
        } finally {
          await discard();
        }
      }),
  };
}

/** Where a missing file will be. Its folder is made. */
async function newFile(path: string): Promise<string> {
  const folder = dirname(path);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await syncFolderOf(made);
  const target = join(await realpath(folder), basename(path));
  // A symbolic link whose target is missing would be replaced.
  const isLink = await lstat(target).then(
    facts => facts.isSymbolicLink(),
    () => false,
  );
  if (isLink) throw Object.assign(new Error('It is a link to a missing file.'), { code: 'ENOENT' });
  return target;
}

async function factsOf(target: string, mayBeMissing: boolean): Promise<Stats | undefined> {
  try {
    const [facts] = await Promise.all([stat(target), access(target, constants.W_OK)]);
    return facts;
  } catch (error) {
    if (mayBeMissing && isMissing(error)) return undefined;
    throw error;
  }
}

/** Reserves space with random bytes, because a compressing file system would reserve nothing for zeros. */
async function reserve(handle: FileHandle, before: Stats | undefined): Promise<void> {
  const { randomBytes } = await import('node:crypto');
  await overwrite(handle, randomBytes(Math.max((before?.size ?? 0) * 2, MIN_RESERVE)));
  if (before) {
    const { uid, gid } = await handle.stat();
    if (uid !== before.uid || gid !== before.gid) await handle.chown(before.uid, before.gid);
    await handle.chmod(before.mode & 0o777);
  }
  await handle.sync();
}

/** A single file that is mounted into a container can be written, but not replaced. */
function isMountPoint(path: string): boolean {
  return mounts()
    .split('\n')
    .some(line => line.split(' ')[4]?.replaceAll('\\040', ' ') === path);
}

/** Read at once: the list is in memory, so no disk can block. */
function mounts(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return ''; // Only Linux has it.
  }
}
