import { isRecord } from '../../sdk/base/json.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import type { LookContext, NoLogin, StoredLogin } from '../../sdk/recipes/session/session.ts';
import { maskAccount } from '../../sdk/recipes/store/account.ts';
import {
  fingerprintOf,
  readInstant,
  readJsonFile,
  textAt,
  type JsonObject,
  type Wait,
} from '../../sdk/recipes/store/json-store.ts';
import { dueAt } from '../../sdk/recipes/store/lifetime.ts';
import type { GrokHome } from './home.ts';

export type Login = StoredLogin & {
  readonly home: GrokHome;
  /** Where the login was made, and is renewed. */
  readonly issuer: string;
};

/** Where a login of xAI is made. */
export const XAI = 'https://auth.x.ai';
/** What grok assumes if the server did not say when the token expires. */
const UNSTATED_MS = 30 * 86_400_000;
const OWN_COMMAND = 'Grok gets its login from a command of yours (auth_provider_command), so it needs no renewal here.';
const API_KEY = 'Grok has only an API key, which does not expire.';

/** Reads the login that grok uses. */
export async function readLogin(home: GrokHome, context: LookContext, wait: Wait): Promise<Login | NoLogin> {
  const { files, conceal, last, refreshBefore = 0 } = context;
  const found = await readJsonFile(files, home.file, wait);
  const entries = Object.entries(found?.json ?? {}).flatMap(([scope, entry]) =>
    isRecord(entry) ? [{ scope, entry }] : [],
  );
  for (const { entry } of entries)
    for (const secret of [textAt(entry, 'key'), textAt(entry, 'refresh_token')]) if (secret) conceal(secret);
  const entry = entryInUse(entries, context);
  // Grok removes its entry, and with the last one the file, when its vendor has ended the login.
  if (!entry) return { ...absenceIn(entries, home), blank: true };
  const [access = '', refresh = ''] = [textAt(entry, 'key'), textAt(entry, 'refresh_token')];
  const issuedAt = readInstant(entry['create_time']);
  const expiresAt = readInstant(entry['expires_at']) ?? (issuedAt && new Date(issuedAt.getTime() + UNSTATED_MS));
  return {
    home,
    issuer: textAt(entry, 'oidc_issuer') ?? XAI,
    store: home.file,
    signIn: home.signIn,
    fingerprint: fingerprintOf(access, refresh),
    refreshFingerprint: fingerprintOf(refresh),
    account: accountOf(entry),
    accountLabel: maskAccount(entry['email'] ?? entry['user_id']),
    expiresAt,
    dueAt: dueAt({ expiresAt, issuedAt, last }, refreshBefore),
    note: home.note,
  };
}

type Entry = { readonly scope: string; readonly entry: JsonObject };

/** Logins are kept by issuer and client. Grok uses the one of its environment, or else of xAI. */
function entryInUse(entries: readonly Entry[], { env }: InspectContext): JsonObject | undefined {
  const own = env['GROK_OIDC_ISSUER']?.replace(/\/+$/, '');
  const mine = own && env['GROK_OIDC_CLIENT_ID'] && `${own}::${env['GROK_OIDC_CLIENT_ID']}`;
  const renewable = entries.filter(({ entry }) => entry['auth_mode'] === 'oidc' && textAt(entry, 'refresh_token'));
  const first = mine ? renewable.find(({ scope }) => scope === mine) : undefined;
  return (first ?? renewable.find(({ scope }) => scope.startsWith(`${XAI}::`)) ?? renewable[0])?.entry;
}

function absenceIn(entries: readonly Entry[], { signIn }: GrokHome): NoLogin {
  const modes = entries.map(({ entry }) => entry['auth_mode']);
  if (modes.includes('external')) return { hint: OWN_COMMAND, unusable: true };
  return modes.includes('api_key') ? { hint: `${API_KEY} ${signIn}` } : { hint: signIn };
}

const accountOf = (entry: JsonObject): string | undefined => {
  const id = textAt(entry, 'principal_id') ?? textAt(entry, 'user_id');
  return id ? fingerprintOf(id) : undefined;
};
