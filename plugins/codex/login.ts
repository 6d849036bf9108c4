import { join } from 'node:path';
import { isRecord } from '../../sdk/base/json.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { maskAccount } from '../../sdk/recipes/store/account.ts';
import type { NoLogin, StoredLogin } from '../../sdk/recipes/session/session.ts';
import { fingerprintOf, readInstant, readJsonFile, textAt, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { readClaims, readJwt } from '../../sdk/recipes/store/lifetime.ts';
import type { CodexHome } from './home.ts';

/** A ChatGPT login of codex, as `auth.json` shows it. Its expiry is from the access token. */
export type Login = StoredLogin & {
  readonly home: CodexHome;
  readonly issuedAt?: Date | undefined;
  /** When codex last renewed it. */
  readonly refreshedAt: Date;
};

/** The login in the file, if codex is set to use the file. */
export async function look(home: CodexHome, context: InspectContext, wait: Wait): Promise<Login | NoLogin> {
  const store = await storeOf(home, context);
  if (store === 'keyring') return { hint: home.signIn };
  if (store === 'ephemeral') return { hint: EPHEMERAL };
  const login = await readLogin(home, context, wait);
  const isNone = 'hint' in login && login.hint === home.signIn;
  return isNone && store === 'file' ? { hint: `${login.hint} ${MAYBE_KEYRING}` } : login;
}

export const EPHEMERAL =
  'Codex is set to "ephemeral", so its login ends with the process. ' +
  'Set cli_auth_credentials_store = "file" in its config.toml, and run `codex login`.';

const MAYBE_KEYRING = 'If it is in the system keyring, set cli_auth_credentials_store = "keyring" in config.toml.';

/** Reads the login from the file. */
export async function readLogin(home: CodexHome, context: InspectContext, wait: Wait): Promise<Login | NoLogin> {
  const { files, conceal } = context;
  const { folder, signIn, note } = home;
  const file = join(folder, 'auth.json');
  const [found, facts] = [await readJsonFile(files, file, wait), await files.stat(file)];
  if (!found || !facts) return { hint: signIn };
  const { json } = found;
  const [access = '', refresh, id, key] = [
    'tokens.access_token',
    'tokens.refresh_token',
    'tokens.id_token',
    'OPENAI_API_KEY',
  ].map(path => textAt(json, path));
  for (const secret of [access, refresh, id, key]) if (secret) conceal(secret);
  const mode = textAt(json, 'auth_mode') ?? (key && !refresh ? 'apikey' : 'chatgpt');
  if (mode !== 'chatgpt') return { hint: 'Codex is not signed in with ChatGPT, so there is no session to keep alive.' };
  const refreshedAt = readInstant(json['last_refresh']);
  // Codex itself ignores tokens without this date.
  if (!refresh || !refreshedAt) return { hint: signIn };
  const account = textAt(json, 'tokens.account_id');
  return {
    home,
    store: facts.path,
    signIn,
    note,
    fingerprint: fingerprintOf(refresh, access),
    refreshFingerprint: fingerprintOf(refresh),
    account: account && fingerprintOf(account),
    accountLabel: labelIn(id),
    ...readJwt(access),
    refreshedAt,
  };
}

/** The account that the id token names. */
function labelIn(idToken: string | undefined): string | undefined {
  const claims = readClaims(idToken ?? '');
  // The claim with the plan is named by an address of OpenAI's.
  const plans = Object.values(claims ?? {}).flatMap(claim => (isRecord(claim) ? [claim['chatgpt_plan_type']] : []));
  return maskAccount(claims?.['email'], plans[0]);
}

export type CodexStore = 'file' | 'keyring' | 'auto' | 'ephemeral';

const SETTING = /^[ \t]*(["']?)cli_auth_credentials_store\1[ \t]*=[ \t]*["'](file|keyring|auto|ephemeral)["']/m;

/** Where codex is set to keep its credential. */
export async function storeOf({ folder }: CodexHome, { files }: InspectContext): Promise<CodexStore> {
  const config = ((await files.read(join(folder, 'config.toml'))) ?? '').replace(/^\uFEFF/, '');
  const [general = ''] = config.split(/^\s*\[/m);
  const store = SETTING.exec(general)?.[2];
  return store === 'keyring' || store === 'auto' || store === 'ephemeral' ? store : 'file';
}
