import { isAbsolute } from 'node:path';
import type { InspectContext } from '../../plugin/provider.ts';

/** A folder that an environment variable names. */
export type NamedFolder = {
  readonly path: string;
  /** What the user should know if it is not a full path, because programs don't expand it. */
  readonly note?: string | undefined;
};

const HOME = /^\$(HOME|\{HOME\})(?=$|[\\/])/;

/** Expands `~` and `$HOME` in the value, which are left there by a systemd unit or by quotes. */
export function folderNamedBy(variable: string, value: string, { files }: Pick<InspectContext, 'files'>): NamedFolder {
  const path = files.resolve(value.replace(HOME, '~'));
  if (isAbsolute(value)) return { path };
  return { path, note: `${variable} is "${value}", which is not a full path; it is read as ${path}. Set it to that.` };
}
