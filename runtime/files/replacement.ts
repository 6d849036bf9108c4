import { constants, type Stats } from 'node:fs';
import { access, readFile, realpath, stat, type FileHandle } from 'node:fs/promises';
import type { Replacement } from '../../sdk/plugin/files.ts';
import { moveIntoPlace, openTemporary, overwrite, removeTemporary, sweepTemporaries, writing } from './durable.ts';

const MIN_RESERVE = 16_384;

/** Prepares a new version of an existing file. Everything that can fail fails now, not after a token is spent. */
export function prepareReplacement(path: string): Promise<Replacement> {
  return writing(path, async () => {
    const target = await realpath(path);
    const facts = await stat(target);
    await access(target, constants.W_OK);
    if (await isMountPoint(target))
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

/** Reserves space with random bytes, because a compressing file system would reserve nothing for zeros. */
async function reserve(handle: FileHandle, { size, mode, uid, gid }: Stats): Promise<void> {
  const { randomBytes } = await import('node:crypto');
  await overwrite(handle, randomBytes(Math.max(size * 2, MIN_RESERVE)));
  const own = await handle.stat();
  if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid);
  await handle.chmod(mode & 0o777);
  await handle.sync();
}

/** A single file that is mounted into a container can be written, but not replaced. */
async function isMountPoint(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return mounts.split('\n').some(line => line.split(' ')[4]?.replaceAll('\\040', ' ') === path);
}
