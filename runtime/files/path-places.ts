import { lstat, readlink } from 'node:fs/promises';
import { isAbsolute, join, parse, resolve, sep } from 'node:path';

/** An entry of a folder. `identity` changes if another folder takes the name of the folder. */
export type Place = { readonly folder: string; readonly name: string; readonly identity: string };

/** As many as Linux follows. */
const MAX_LINKS = 40;

/**
 * The entries that decide where a path leads: each symbolic link on the way,
 * and the file, or the first missing folder.
 */
export async function placesOf(path: string): Promise<readonly Place[]> {
  const places: Place[] = [];
  let folder = parse(resolve(path)).root;
  let rest = namesIn(resolve(path));
  while (rest.length > 0) {
    const [name = '', ...after] = rest;
    const entry = join(folder, name);
    const facts = await lstat(entry).catch(() => undefined);
    const isLink = facts?.isSymbolicLink() === true;
    if (isLink || !facts || after.length === 0) places.push({ folder, name, identity: await identityOf(folder) });
    if (!facts || (isLink && places.length > MAX_LINKS)) return places;
    const target = isLink ? await readlink(entry).catch(() => undefined) : undefined;
    if (isLink && target === undefined) return places;
    if (target === undefined) folder = entry;
    else if (isAbsolute(target)) folder = parse(resolve(target)).root;
    rest = target === undefined ? after : [...namesIn(target), ...after];
  }
  return places;
}

const namesIn = (path: string): readonly string[] =>
  path
    .slice(parse(path).root.length)
    .split(sep === '\\' ? /[\\/]/ : sep)
    .filter(Boolean);

const identityOf = (folder: string): Promise<string> =>
  lstat(folder).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => '',
  );
