import type { Stats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from '../../sdk/system/home.ts';
import { setAside } from './quarantine.ts';

/**
 * Sets aside files in the home that belong to other users. If the home was open to them (`wasOpen`), also files of ours
 * that they could have written. The configuration is checked when it is read.
 */
export async function setOthersAside(home: Home, wasOpen: boolean): Promise<void> {
  const { stateDir, configDir: _checkedElsewhere, ...places } = home;
  const cache = join(stateDir, 'cache');
  const folders = [home.journal, home.trusted, cache];
  const others = [`${home.log}.1`, join(stateDir, 'starting.lock'), cache];
  for (const path of [...Object.values(places), ...others]) await setAsideIfForeign(path, wasOpen);
  for (const folder of folders) {
    for (const name of await readdir(folder).catch((): string[] => []))
      await setAsideIfForeign(join(folder, name), wasOpen);
  }
}

async function setAsideIfForeign(path: string, wasOpen: boolean): Promise<void> {
  // Both a link and its target.
  const facts = await Promise.all([lstat(path), stat(path)].map(one => one.catch(() => undefined)));
  if (facts.some(one => one && isForeign(one, wasOpen))) await setAside(path, 'foreign');
}

function isForeign(facts: Stats, wasOpen: boolean): boolean {
  const user = process.geteuid?.();
  if (user === undefined) return false;
  return ![0, user].includes(facts.uid) || (wasOpen && !facts.isSymbolicLink() && (facts.mode & 0o022) !== 0);
}
