import { join } from 'node:path';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { folderNamedBy } from '../../sdk/recipes/store/folder-variable.ts';
import { parseObject, valueAt, type Wait } from '../../sdk/recipes/store/json-store.ts';

/** The folders of one claude, and how to start it there. */
export type ClaudeHome = {
  /** The folder of its credential and the locks for it. */
  readonly folder: string;
  /** The folder of its settings: the same one, unless the environment names another. */
  readonly settings: string;
  /** The variables that make claude use this home and no other. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the user does if the login is over, as a sentence. */
  readonly signIn: string;
  /** What the user should know about the folder. */
  readonly note?: string | undefined;
};

/** The home that the option names, or else the environment. */
export function claudeHome(context: InspectContext, chosen: string | undefined): ClaudeHome {
  const usual = context.files.resolve('~/.claude');
  if (chosen === undefined) return homeOfEnvironment(context, usual);
  return homeOfOption(context.files.resolve(chosen).normalize('NFC'), usual);
}

function homeOfOption(folder: string, usual: string): ClaudeHome {
  const named = configDir(folder, usual);
  const env = { ...OTHER_CREDENTIALS, CLAUDE_CONFIG_DIR: named, CLAUDE_SECURESTORAGE_CONFIG_DIR: undefined };
  return { folder, settings: folder, env, signIn: signIn(named) };
}

function homeOfEnvironment(context: InspectContext, usual: string): ClaudeHome {
  const { CLAUDE_CONFIG_DIR: config, CLAUDE_SECURESTORAGE_CONFIG_DIR: storage } = context.env;
  const settings = config ? folderNamedBy('CLAUDE_CONFIG_DIR', config, context) : { path: usual };
  const secrets = storage
    ? folderNamedBy('CLAUDE_SECURESTORAGE_CONFIG_DIR', storage, context)
    : { path: storage === undefined ? settings.path : usual };
  // claude expands neither `~` nor `$HOME`, so it gets the resolved paths.
  const env = {
    ...OTHER_CREDENTIALS,
    ...(settings.note !== undefined && { CLAUDE_CONFIG_DIR: configDir(settings.path, usual) }),
    ...(secrets.note !== undefined && { CLAUDE_SECURESTORAGE_CONFIG_DIR: secrets.path }),
  };
  const note = [settings.note, secrets.note].filter(Boolean).join(' ') || undefined;
  const hint = [signIn(note && configDir(settings.path, usual)), note].filter(Boolean).join(' ');
  return { folder: secrets.path.normalize('NFC'), settings: settings.path, env, note, signIn: hint };
}

/** Undefined for the usual folder: on macOS, naming it would make claude use another keychain item. */
const configDir = (folder: string, usual: string): string | undefined => (folder === usual ? undefined : folder);

const signIn = (named: string | undefined): string =>
  `Run \`claude\`${named ? ` with CLAUDE_CONFIG_DIR=${named}` : ''}, then type \`/login\`.`;

/** For every start of claude. */
export const QUIET = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' };

/** Other credentials. claude is started without them, although it renews the login even if they are set. */
const OTHER_CREDENTIALS = {
  ANTHROPIC_API_KEY: undefined,
  ANTHROPIC_AUTH_TOKEN: undefined,
  CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR: undefined,
  CLAUDE_CODE_SIMPLE: undefined,
};

/** With one of these, claude uses another cloud and renews nothing. */
const CLOUDS = ['BEDROCK', 'VERTEX', 'FOUNDRY', 'MANTLE', 'ANTHROPIC_AWS', 'ANTHROPIC_GOOGLE_CLOUD'].map(
  name => `CLAUDE_CODE_USE_${name}`,
);
/** The values that claude takes for yes. Any other value means no. */
const YES = /^\s*(1|true|yes|on)\s*$/i;

const TOKEN = 'CLAUDE_CODE_OAUTH_TOKEN';

/** Why claude uses no login, if it uses none. Its settings take precedence over its environment. */
export async function otherCredential(
  { settings }: ClaudeHome,
  { env, files }: InspectContext,
): Promise<string | undefined> {
  const given = parseObject((await files.read(join(settings, 'settings.json'))) ?? '') ?? {};
  const valueOf = (name: string) => String(valueAt(given, `env.${name}`) ?? env[name] ?? '');
  if (valueOf(TOKEN) !== '') return `${TOKEN} holds a token of \`claude setup-token\`. ${NOT_RENEWED}`;
  const handed = valueOf(`${TOKEN}_FILE_DESCRIPTOR`) !== '' ? `${TOKEN}_FILE_DESCRIPTOR` : undefined;
  const name = given['apiKeyHelper'] ? 'apiKeyHelper' : (handed ?? CLOUDS.find(cloud => YES.test(valueOf(cloud))));
  return name && `Claude Code uses no login because of ${name}, so there is nothing to keep alive.`;
}

const NOT_RENEWED =
  'It is good for a year and cannot be renewed, so there is nothing to keep alive, and it does not show its end. ' +
  "For a warning before that: `keepalive add deadline --id claude-token expiresAt=DATE renew='claude setup-token'`.";

export const credentialFile = ({ folder }: ClaudeHome): string => join(folder, '.credentials.json');

/** The two locks that claude holds while it renews, in the order in which it takes them. */
export const locksOf = async ({ folder }: ClaudeHome, { files }: InspectContext): Promise<readonly string[]> => [
  join(folder, '.oauth_refresh.lock'),
  `${(await files.stat(folder))?.path ?? folder}.lock`,
];

/** How long to wait for a lock that claude left behind. */
const WRITE_STALE_MS = 15_000;

/** claude writes to its credential file under this lock alone. */
export async function underWriteLock(
  { folder }: ClaudeHome,
  write: () => Promise<void>,
  { files, wait }: Pick<InspectContext, 'files'> & { readonly wait: Wait },
): Promise<void> {
  const lock = join(folder, '.storage-write.lock');
  for (let waited = 0; waited <= WRITE_STALE_MS; waited += 500) {
    const release = await files.lock(lock, { staleMs: WRITE_STALE_MS });
    if (release) return write().finally(release);
    await wait(500);
  }
  throw new KeepaliveError('KA_STORE_LOCKED', { lock });
}
