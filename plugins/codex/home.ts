import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { folderNamedBy } from '../../sdk/recipes/store/folder-variable.ts';

/** The folder of one codex, and what follows from it. */
export type CodexHome = {
  readonly folder: string;
  /** What the user does if the login is over, as a sentence. */
  readonly signIn: string;
  /** What the user should know about the folder. */
  readonly note?: string | undefined;
  /** Where refresh tokens are spent. */
  readonly endpoint: string;
};

/** How the vendor says that a login is over, in addition to `invalid_grant`. */
export const PERMANENT_CODES = ['refresh_token_expired', 'refresh_token_reused', 'refresh_token_invalidated'];

/** The home that the option names, or else the environment. */
export function codexHome(context: InspectContext, chosen: string | undefined): CodexHome {
  const { env, files } = context;
  const variable = chosen === undefined ? env['CODEX_HOME'] : undefined;
  const { path: folder, note } = variable
    ? folderNamedBy('CODEX_HOME', variable, context)
    : { path: files.resolve(chosen ?? '~/.codex') };
  const isNamed = chosen !== undefined || note !== undefined;
  return {
    folder,
    note,
    signIn: [`Run \`codex login\`${isNamed ? ` with CODEX_HOME=${folder}` : ''}.`, note].filter(Boolean).join(' '),
    endpoint: env['CODEX_REFRESH_TOKEN_URL_OVERRIDE'] || 'https://auth.openai.com/oauth/token',
  };
}
