import { join } from 'node:path';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { folderNamedBy, sentences } from '../../sdk/recipes/store/folder-variable.ts';

/** The folder of one grok, and what follows from it. */
export type GrokHome = {
  readonly folder: string;
  /** The file with the logins. */
  readonly file: string;
  /** Makes grok use this folder, and its login instead of a key. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the user does if the login is over, as a sentence. */
  readonly signIn: string;
  /** What the user should know about the folder. */
  readonly note?: string | undefined;
};

/** With these, grok would use another credential than the one in its store. */
const OTHER_CREDENTIALS = { GROK_AUTH: undefined, XAI_API_KEY: undefined, GROK_CODE_XAI_API_KEY: undefined };

/** The home that the option names, or else the environment. `GROK_AUTH_PATH` moves only the file. */
export function grokHome(context: InspectContext, chosen: string | undefined): GrokHome {
  const { env, files } = context;
  const variable = chosen === undefined ? env['GROK_HOME'] : undefined;
  const { path: folder, note } = variable
    ? folderNamedBy('GROK_HOME', variable, context)
    : { path: files.resolve(chosen ?? '~/.grok') };
  const path = chosen === undefined ? env['GROK_AUTH_PATH'] : undefined;
  const moved = path ? folderNamedBy('GROK_AUTH_PATH', path, context) : undefined;
  const isNamed = chosen !== undefined || note !== undefined;
  const notes = sentences(note, moved?.note);
  return {
    folder,
    file: moved?.path ?? join(folder, 'auth.json'),
    env: { ...OTHER_CREDENTIALS, GROK_AUTH_PATH: moved?.path, GROK_HOME: folder },
    signIn: sentences(`Run \`grok login --device-auth\`${isNamed ? ` with GROK_HOME=${folder}` : ''}.`, notes),
    note: notes || undefined,
  };
}
