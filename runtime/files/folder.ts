import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { Home } from '../../sdk/system/home.ts';
import { openTemporary, removeTemporary, sweepFolder } from './durable.ts';
import { errnoOf, isMissing } from '../../sdk/base/errno.ts';
import { setOthersAside } from './leftovers.ts';
import { restrictAccess } from './windows-acl.ts';

/** Makes a private folder and its parents. One by one, because Node's own recursive form never ends below /proc. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/**
 * Creates the home, private to the user, and clears what a crash or other users left in it. Throws `KA_HOME_UNUSABLE`
 * if it cannot be created, is not ours, or is not writable.
 */
export async function prepareHome(home: Home): Promise<void> {
  const { stateDir, journal } = home;
  try {
    await makeFolder(stateDir);
    const { uid, mode } = await stat(stateDir);
    if (process.geteuid && uid !== process.geteuid()) {
      throw new KeepaliveError('KA_HOME_UNUSABLE', { home: stateDir, reason: 'it belongs to another user' });
    }
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(stateDir, 0o700);
    if (process.platform === 'win32') await restrictAccess(stateDir);
    // On file systems without modes, such as Windows drives, the mode never changes and everything looks open.
    await setOthersAside(home, (mode & 0o022) !== 0 && ((await stat(stateDir)).mode & 0o022) === 0);
    const probe = await openTemporary(join(stateDir, 'probe'));
    await probe.handle.close();
    await removeTemporary(probe.file);
    await sweepFolder(stateDir);
    await sweepFolder(journal).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  } catch (error) {
    if (error instanceof KeepaliveError) throw error;
    throw new KeepaliveError('KA_HOME_UNUSABLE', { home: stateDir, reason: errnoOf(error) }, error);
  }
}
