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

/** The folder of a vendor's program, and the variables that make the program use it and no other. */
export type ProgramFolder = NamedFolder & { readonly env: Readonly<Record<string, string>> };

type Choice = {
  /** The option of the plugin. */
  readonly chosen: string | undefined;
  readonly variable: string;
  readonly usual: string;
};

/** The folder that the option names, or else the variable. A full path in the variable is left to the program. */
export function programFolder({ chosen, variable, usual }: Choice, context: InspectContext): ProgramFolder {
  const { env, files } = context;
  if (chosen !== undefined) {
    const path = files.resolve(chosen);
    return { path, env: { [variable]: path } };
  }
  const value = env[variable];
  if (!value) return { path: files.resolve(usual), env: {} };
  const { path, note } = folderNamedBy(variable, value, context);
  return { path, note, env: note === undefined ? {} : { [variable]: path } };
}

/** The sentences that there are, as one text. */
export const sentences = (...all: readonly (string | undefined)[]): string => all.filter(Boolean).join(' ');
