import { join } from 'node:path';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { folderNamedBy } from '../../sdk/recipes/store/folder-variable.ts';
import { parseObject, valueAt } from '../../sdk/recipes/store/json-store.ts';

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
  /** A note for the user about where it is. */
  readonly note?: string | undefined;
};

export function placeIn(context: InspectContext, chosen: string | undefined): Place {
  const usual = context.files.resolve('~/.claude');
  if (chosen === undefined) return placeOfEnvironment(context, usual);
  return placeOfOption(context.files.resolve(chosen).normalize('NFC'), usual);
}

function placeOfOption(home: string, usual: string): Place {
  const named = nameToClaude(home, usual);
  const env = { ...BESIDE, CLAUDE_CONFIG_DIR: named, CLAUDE_SECURESTORAGE_CONFIG_DIR: undefined };
  return { home, settings: home, env, loginHint: loginHint(named) };
}

function placeOfEnvironment(context: InspectContext, usual: string): Place {
  const { CLAUDE_CONFIG_DIR: config, CLAUDE_SECURESTORAGE_CONFIG_DIR: storage } = context.env;
  const settings = config ? folderNamedBy('CLAUDE_CONFIG_DIR', config, context) : { path: usual };
  const secrets = storage
    ? folderNamedBy('CLAUDE_SECURESTORAGE_CONFIG_DIR', storage, context)
    : { path: storage === undefined ? settings.path : usual };
  // claude expands nothing, so it gets the paths that were resolved here.
  const env = {
    ...BESIDE,
    ...(settings.note !== undefined && { CLAUDE_CONFIG_DIR: nameToClaude(settings.path, usual) }),
    ...(secrets.note !== undefined && { CLAUDE_SECURESTORAGE_CONFIG_DIR: secrets.path }),
  };
  const note = [settings.note, secrets.note].filter(Boolean).join(' ') || undefined;
  const hint = [loginHint(note && nameToClaude(settings.path, usual)), note].filter(Boolean).join(' ');
  return { home: secrets.path.normalize('NFC'), settings: settings.path, env, note, loginHint: hint };
}

/** Naming the usual home would make claude use another keychain item on macOS. */
const nameToClaude = (home: string, usual: string): string | undefined => (home === usual ? undefined : home);

const loginHint = (named: string | undefined): string =>
  `Run \`claude\`${named ? ` with CLAUDE_CONFIG_DIR=${named}` : ''}, and there \`/login\`.`;

/** Other credentials. claude renews the login in its home even if they are set, and is started without them. */
const BESIDE = {
  ANTHROPIC_API_KEY: undefined,
  ANTHROPIC_AUTH_TOKEN: undefined,
  CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR: undefined,
  CLAUDE_CODE_SIMPLE: undefined,
};

/** With these claude uses another cloud, and renews nothing. */
const CLOUDS = ['BEDROCK', 'VERTEX', 'FOUNDRY', 'MANTLE', 'ANTHROPIC_AWS', 'ANTHROPIC_GOOGLE_CLOUD'].map(
  name => `CLAUDE_CODE_USE_${name}`,
);
/** What claude takes for yes; everything else is no. */
const YES = /^\s*(1|true|yes|on)\s*$/i;

const TOKEN = 'CLAUDE_CODE_OAUTH_TOKEN';

/** Why claude uses no login, if its environment or its settings say so. The settings take precedence. */
export async function otherCredential(
  { settings }: Place,
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
  'It is good for a year and cannot be renewed, so there is nothing to keep alive. Create another one before it expires.';

/** The two locks that claude holds while it renews, in the order in which it takes them. */
export const locksOf = async ({ home }: Place, { files }: InspectContext): Promise<readonly string[]> => [
  join(home, '.oauth_refresh.lock'),
  `${(await files.stat(home))?.path ?? home}.lock`,
];
