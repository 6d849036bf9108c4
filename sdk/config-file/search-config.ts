import { resolve } from 'node:path';
import { configsHere, configsIn } from './config-places.ts';
import type { Home } from '../system/home.ts';
import type { Digests } from './named-files.ts';
import { checkTrust } from './trust.ts';

/** A configuration in the working directory that is not used, and why. */
export type Unused = { readonly file: string; readonly why: string };

export type ConfigSearch =
  /** In the user's own folder. */
  | { readonly place: 'own'; readonly file: string }
  /** In the working directory, trusted as it is: what was compared, and the local code that it names. */
  | {
      readonly place: 'here';
      readonly file: string;
      readonly bytes: Buffer;
      readonly files: Digests;
      readonly unused?: Unused | undefined;
    }
  | { readonly place: 'none'; readonly unused?: Unused | undefined };

/** The working directory; undefined if it was removed. */
export function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** Looks for a configuration in the user's own folder, then for a trusted one in `cwd`. Never in parents. */
export async function searchConfig(home: Home, cwd: string | undefined): Promise<ConfigSearch> {
  const [own] = await configsIn(home.configDir);
  if (own !== undefined) return { place: 'own', file: own };
  let unused: Unused | undefined;
  for (const file of cwd === undefined ? [] : await configsHere(resolve(cwd))) {
    const check = await checkTrust(file, home);
    if (check.trusted) {
      const { bytes, files } = check;
      return { place: 'here', file: check.file, bytes, files, unused };
    }
    unused ??= { file, why: check.why };
  }
  return { place: 'none', unused };
}
