import { isAbsolute } from 'node:path';
import type { InspectContext } from '../../plugin/provider.ts';

/** A folder that an environment variable names. */
export type NamedFolder = {
  readonly path: string;
  /** A note for the user if it is not a full path: programs expand nothing in it. */
  readonly note?: string | undefined;
};

const HOME = /^\$(HOME|\{HOME\})(?=$|[\\/])/;

/** Expands it as a shell would: a systemd unit, or quotes, leave a `~` or `$HOME` in it. */
export function folderNamedBy(variable: string, value: string, { files }: Pick<InspectContext, 'files'>): NamedFolder {
  const path = files.resolve(value.replace(HOME, '~'));
  if (isAbsolute(value)) return { path };
  return { path, note: `${variable} is "${value}", which is not a full path; it is read as ${path}. Set it to that.` };
}
