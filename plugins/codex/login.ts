import { join } from 'node:path';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { fingerprintOf, readInstant, readJsonFile, textAt, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { readJwt } from '../../sdk/recipes/store/lifetime.ts';

/** One home of codex's. */
export type Place = {
  readonly home: string;
  /** What a person does where the login is over. */
  readonly loginHint: string;
  /** A note for the user about where it is. */
  readonly note?: string | undefined;
  /** Where refresh tokens are spent. */
  readonly endpoint: string;
};

/** A ChatGPT login of codex, as its file shows it. */
export type Login = {
  /** Of `auth.json`, with symbolic links followed. */
  readonly path: string;
  readonly fingerprint: string;
  readonly refreshFingerprint: string;
  /** Of the account's id, which stays the same when codex renews. */
  readonly account?: string | undefined;
  /** What the access token says of its own life, where it says anything. */
  readonly expiresAt?: Date | undefined;
  readonly issuedAt?: Date | undefined;
  /** When it was last renewed, as codex wrote it down. */
  readonly refreshedAt: Date;
};

/** Nothing that could be kept alive, and what to do about it. */
export type NoLogin = { readonly hint: string };

/** Looks at the credential in codex's home. */
export async function lookAtLogin(
  { home, loginHint }: Place,
  context: InspectContext,
  wait: Wait,
): Promise<Login | NoLogin> {
  const { files, conceal } = context;
  const file = join(home, 'auth.json');
  const [found, facts] = [await readJsonFile(files, file, wait), await files.stat(file)];
  if (!found || !facts) return { hint: loginHint };
  const { json } = found;
  const [access = '', refresh, id, key] = [
    'tokens.access_token',
    'tokens.refresh_token',
    'tokens.id_token',
    'OPENAI_API_KEY',
  ].map(path => textAt(json, path));
  for (const secret of [access, refresh, id, key]) if (secret) conceal(secret);
  const mode = textAt(json, 'auth_mode') ?? (key && !refresh ? 'apikey' : 'chatgpt');
  if (mode !== 'chatgpt')
    return { hint: 'Codex is not signed in with ChatGPT, and what it uses instead needs no keeping alive.' };
  const refreshedAt = readInstant(json['last_refresh']);
  // Codex itself takes no notice of tokens without this date.
  if (!refresh || !refreshedAt) return { hint: loginHint };
  const account = textAt(json, 'tokens.account_id');
  return {
    path: facts.path,
    fingerprint: fingerprintOf(refresh, access),
    refreshFingerprint: fingerprintOf(refresh),
    account: account && fingerprintOf(account),
    ...readJwt(access),
    refreshedAt,
  };
}

export type CodexStore = 'file' | 'keyring' | 'auto' | 'ephemeral';

const SETTING = /^[ \t]*(["']?)cli_auth_credentials_store\1[ \t]*=[ \t]*["'](file|keyring|auto|ephemeral)["']/m;

/** Where codex keeps its credential, as its configuration says. */
export async function storeOf({ home }: Place, { files }: InspectContext): Promise<CodexStore> {
  const config = ((await files.read(join(home, 'config.toml'))) ?? '').replace(/^\uFEFF/, '');
  const [general = ''] = config.split(/^\s*\[/m);
  const store = SETTING.exec(general)?.[2];
  return store === 'keyring' || store === 'auto' || store === 'ephemeral' ? store : 'file';
}
