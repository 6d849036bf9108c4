import { join } from 'node:path';
import type { InspectContext } from '../../sdk/provider.ts';
import { parseObject, valueAt } from '../../sdk/recipes/json-store.ts';

/** One home of claude's. */
export type Place = {
  /** Where its credential and the locks of it are. */
  readonly home: string;
  /** Where its settings are: the same folder, unless the environment says otherwise. */
  readonly settings: string;
  /** What it takes to start claude in this home and no other. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a person does where the login is over. */
  readonly loginHint: string;
};

export function placeIn({ env, files }: InspectContext, chosen: string | undefined): Place {
  const usual = files.resolve('~/.claude');
  if (chosen === undefined) {
    const settings = files.resolve(env['CLAUDE_CONFIG_DIR'] || usual);
    const home = files.resolve((env['CLAUDE_SECURESTORAGE_CONFIG_DIR'] ?? settings) || usual).normalize('NFC');
    return { home, settings, env: {}, loginHint: 'Run `claude`, and there `/login`.' };
  }
  const home = files.resolve(chosen).normalize('NFC');
  // To name the usual home would make claude look for another item in the keychain of macOS.
  const CLAUDE_CONFIG_DIR = home === usual ? undefined : home;
  return {
    home,
    settings: home,
    env: { CLAUDE_CONFIG_DIR, CLAUDE_SECURESTORAGE_CONFIG_DIR: undefined },
    loginHint: `Run \`claude\`${CLAUDE_CONFIG_DIR ? ` with CLAUDE_CONFIG_DIR=${home}` : ''}, and there \`/login\`.`,
  };
}

/** What claude would use before the login in its home; none of it is ever renewed. */
const BEFORE_THE_LOGIN = [
  'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR',
  'CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR', 'CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY',
];

/** The name of what claude is told to use instead of a login, by the environment or by its settings. */
export async function otherCredential({ settings }: Place, { env, files }: InspectContext): Promise<string | undefined> {
  const told = parseObject(await files.read(join(settings, 'settings.json')) ?? '') ?? {};
  if (told['apiKeyHelper']) return 'apiKeyHelper';
  return BEFORE_THE_LOGIN.find(name => env[name] || valueAt(told, `env.${name}`));
}

/** The two locks that claude holds while it renews, in the order in which it takes them. */
export const locksOf = async ({ home }: Place, { files }: InspectContext): Promise<readonly string[]> =>
  [join(home, '.oauth_refresh.lock'), `${(await files.stat(home))?.path ?? home}.lock`];
