import { realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

/** Whether any user can get to what is below the folder. */
function isOpenToAll(folder: string): boolean {
  return (statSync(folder).mode & 0o001) !== 0 && (dirname(folder) === folder || isOpenToAll(dirname(folder)));
}

function isPlace(folder: string): boolean {
  try {
    return isOpenToAll(realpathSync(folder));
  } catch {
    return false;
  }
}

/** Where tests put their folders. Root gives some of them away, to users who may not get into root's own TMPDIR. */
export const TEMPORARY =
  process.getuid?.() === 0 ? ([tmpdir(), '/tmp', '/var/tmp'].find(folder => isPlace(folder)) ?? tmpdir()) : tmpdir();
