import { isAbsolute } from 'node:path';
import type { InspectContext } from '../provider.ts';

/** A folder that a variable of the environment names. */
export type NamedFolder = {
  readonly path: string;
  /** What a person should know where it is no full path: programs expand nothing in it, and take it from the folder that they are started in. */
  readonly note?: string | undefined;
};

const HOME = /^\$(HOME|\{HOME\})(?=$|[\\/])/;

/** Reads it as a shell would have: a `~` or `$HOME` is left in it where no shell did, as in a unit of systemd or between quotes. */
export function folderNamedBy(variable: string, value: string, { files }: Pick<InspectContext, 'files'>): NamedFolder {
  const path = files.resolve(value.replace(HOME, '~'));
  return isAbsolute(value) ? { path } : { path, note: `${variable} is "${value}", which is no full path; it is read as ${path}. Set it to that.` };
}
