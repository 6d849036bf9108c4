import type { Stats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from '../../sdk/home.ts';
import { setAside } from './own-file.ts';

/**
 * Sets aside what other users have put, or could have written, among the files of our own. `wasOpen`: until now they could write in the home,
 * so that a file of ours which they could write too may say what they wanted. The configuration is judged where it is read.
 */
export async function setOthersAside(home: Home, wasOpen: boolean): Promise<void> {
  const { stateDir, configDir: _judgedElsewhere, ...places } = home;
  const cache = join(stateDir, 'cache');
  const folders = [home.journal, home.trusted, cache];
  for (const path of [...Object.values(places), `${home.log}.1`, join(stateDir, 'starting.lock'), cache]) await judge(path, wasOpen);
  for (const folder of folders) {
    for (const name of await readdir(folder).catch((): string[] => [])) await judge(join(folder, name), wasOpen);
  }
}

async function judge(path: string, wasOpen: boolean): Promise<void> {
  // A link, and what it leads to.
  const facts = await Promise.all([lstat(path), stat(path)].map(one => one.catch(() => undefined)));
  if (facts.some(one => one && isForeign(one, wasOpen))) await setAside(path, 'foreign');
}

function isForeign(facts: Stats, wasOpen: boolean): boolean {
  const user = process.geteuid?.();
  if (user === undefined) return false;
  return ![0, user].includes(facts.uid) || (wasOpen && !facts.isSymbolicLink() && (facts.mode & 0o022) !== 0);
}
