import { isAbsolute } from 'node:path';
import type { InspectContext } from '../provider.ts';

/** A folder that a variable of the environment names. */
export type NamedFolder = {
  readonly path: string;
  /** What a person should know where it is no full path: programs expand nothing in it. */
  readonly note?: string | undefined;
};

const HOME = /^\$(HOME|\{HOME\})(?=$|[\\/])/;

/** Reads it as a shell would have: a unit of systemd, or quotes, leave a `~` or `$HOME` in it. */
export function folderNamedBy(variable: string, value: string, { files }: Pick<InspectContext, 'files'>): NamedFolder {
  const path = files.resolve(value.replace(HOME, '~'));
  if (isAbsolute(value)) return { path };
  return { path, note: `${variable} is "${value}", which is no full path; it is read as ${path}. Set it to that.` };
}
