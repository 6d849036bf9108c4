import { dirname, isAbsolute, resolve } from 'node:path';
import { expandHome } from '../system/home.ts';

/** Names of plugins that are paths: `./x`, `../x`, `~/x` and absolute ones. Others are built-ins or packages. */
export const isPath = (name: string): boolean => /^(\.|~[\\/])/.test(name) || isAbsolute(name);

/** The file or folder that a plugin's name means in a configuration file. Undefined if it is not a path. */
export function pathIn(name: string, configFile: string): string | undefined {
  if (!isPath(name)) return undefined;
  return name.startsWith('~') ? expandHome(name) : resolve(dirname(configFile), name);
}
