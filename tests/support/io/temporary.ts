import { realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

/** Whether every user can access the content of the folder. */
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

/** Where tests create their folders. Other users need access to some of them, and root's own TMPDIR may be private. */
export const TEMPORARY =
  process.getuid?.() === 0 ? ([tmpdir(), '/tmp', '/var/tmp'].find(folder => isPlace(folder)) ?? tmpdir()) : tmpdir();
