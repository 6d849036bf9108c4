import { resolve } from 'node:path/posix';

/** A path, taken apart. */
export type Path = {
  readonly names: readonly string[];
  /** The path of the folder that it is in. */
  readonly folder: string;
  /** The last name. */
  readonly name: string;
};

const known = new Map<string, Path>();

/** Takes a path apart. Programs use few paths, many times. */
export function pathOf(path: string): Path {
  const found = known.get(path);
  if (found) return found;
  const names = resolve(path).split('/').filter(Boolean);
  const made = { names, folder: `/${names.slice(0, -1).join('/')}`, name: names.at(-1) ?? '' };
  if (known.size > 10_000) known.clear();
  known.set(path, made);
  return made;
}
