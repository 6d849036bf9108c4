import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from '../running-test.ts';
import { TEMPORARY } from '../io/temporary.ts';

/** Two user ids that no machine uses. Only root can give files to them and act as one of them. */
export const USER = 61_001;
export const OTHER_USER = 61_002;
export const CAN_ACT = process.getuid?.() === 0;
export const WHY_NOT = CAN_ACT ? '' : ' (skipped: only root can act as another user)';

/** A folder that every user can enter, with files that belong to `owner`. */
export function folderOf(owner: number, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(TEMPORARY, 'keepalive-user-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    for (let at = join(folder, name); at !== folder; at = dirname(at)) chownSync(at, owner, owner);
  }
  chownSync(folder, owner, owner);
  return folder;
}

/** Runs `work` with the effective ids of that user. */
export async function actAs<T>(user: number, work: () => Promise<T>): Promise<T> {
  process.setegid?.(user);
  process.seteuid?.(user);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
