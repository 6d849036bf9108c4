import { lstat, open, rename, stat } from 'node:fs/promises';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { patiently } from '../../sdk/system/patient.ts';
import type { KernelLog } from '../log/log.ts';
import { errnoOf, isExhausted, isMissing } from '../../sdk/base/errno.ts';

/** None of our own files grows larger. A `states.json` with 100,000 sessions has a third of this. */
export const MAX_BYTES = 384 * 1024 * 1024;

type Trouble = 'damaged' | 'unreadable' | 'foreign';

/** The name of a file that was set aside: its former name, and why. */
export const ASIDE = /^(.+)\.(damaged|unreadable|foreign)-\d+$/;

/** Renames one of our own files, so that the user can examine it. Returns its new path. */
export async function setAside(file: string, trouble: Trouble): Promise<string> {
  const aside = `${file}.${trouble}-${Date.now()}`;
  try {
    await patiently(() => rename(file, aside));
  } catch (error) {
    throw unusable(file, error);
  }
  return aside;
}

/** Another home would not help if the machine has run out of open files. */
export function unusable(file: string, error: unknown): KeepaliveError {
  const reason = errnoOf(error);
  return new KeepaliveError(isExhausted(reason) ? 'KA_MACHINE_EXHAUSTED' : 'KA_HOME_UNUSABLE', { file, reason }, error);
}

/** Only reading, or reading and writing. */
type Use = 'r' | 'r+';

export type Quarantined = { readonly file: string; readonly reason: string; readonly aside: string };

/**
 * Sets aside what has the name of one of our own files and cannot be used as one: a folder, a pipe, another user's
 * file. Undefined if nothing is in the way.
 */
export async function quarantineIfUnusable(
  file: string,
  use: Use,
  maxBytes = MAX_BYTES,
): Promise<Quarantined | undefined> {
  const reason = await obstacleAt(file, use, maxBytes);
  return reason === undefined ? undefined : { file, reason, aside: await setAside(file, 'unreadable') };
}

export const warnQuarantined = (quarantined: Quarantined | undefined, log: KernelLog): void => {
  if (quarantined) log.warn(quarantined, 'a file of our own could not be used and has been set aside');
};

/** The errno if the file is permanently unusable. Transient errors, such as a disk that does not answer, throw. */
async function obstacleAt(file: string, use: Use, maxBytes: number): Promise<string | undefined> {
  try {
    const facts = await stat(file);
    if (!facts.isFile()) return facts.isDirectory() ? 'EISDIR' : 'EFTYPE';
    if (facts.size > maxBytes) return 'EFBIG';
    // On Windows, a file that is held for a moment is not one that stays unreadable.
    await (await patiently(() => open(file, use))).close();
    return undefined;
  } catch (error) {
    const reason = errnoOf(error);
    // A link without a target is unusable too.
    if (isMissing(error)) return (await exists(file)) ? reason : undefined;
    if (['EACCES', 'EPERM', 'ELOOP'].includes(reason)) return reason;
    throw unusable(file, error);
  }
}

const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );
