import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { InspectContext, ProviderContext } from '../../sdk/plugin/provider.ts';
import { redeem } from '../../sdk/recipes/oauth/redeem.ts';
import type { TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import { textAt, withValue, type JsonObject, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { locksOf, underWriteLock } from './home.ts';
import { readLogin, type Login } from './login.ts';

export const ENDPOINT = 'https://platform.claude.com/v1/oauth/token';

/** The vendor is asked at most once in this time, even on `force`. */
const PAUSE_MS = 300_000;

type Spending = {
  readonly login: Login;
  readonly file: TokenFile;
  readonly context: ProviderContext;
  readonly wait: Wait;
};

/** Spends the refresh token in claude's file if it is due, under claude's locks. */
export async function spend({ login, file, context, wait }: Spending): Promise<RefreshOutcome> {
  const { files, now } = context;
  const method = 'redeem';
  const { expiresAt, loginExpiresAt } = login;
  const key = `exchanged:${login.store}`;
  const until = Number((await files.journal.read(key)) ?? 0) + PAUSE_MS;
  if (now() < until && until <= now() + PAUSE_MS) {
    if (!expiresAt || expiresAt.getTime() > now()) return { status: 'fresh', expiresAt, loginExpiresAt, method };
    const reason = 'The vendor was asked less than 5 minutes ago.';
    return { status: 'deferred', until: new Date(until), reason, method };
  }
  const fetch: ProviderContext['fetch'] = async (...request) => {
    const response = await context.fetch(...request);
    // The response may hold the only token. Don't lose it because this note cannot be written.
    await files.journal.write(key, String(now())).catch(() => {});
    return response;
  };
  const outcome = await redeem(file, { ...context, fetch }, wait);
  const after = outcome.status === 'unavailable' ? await readLogin(login.home, context, wait) : login;
  if (!('blank' in after) || !after.blank) return outcome;
  const proof = 'claude has emptied its own credential.';
  return { status: 'login-required', hint: login.signIn, proof, method };
}

/** The file of this login and how its token is spent. Undefined in the keychain, where only claude can renew it. */
export async function claudeTokenFile(
  login: Login,
  context: InspectContext,
  wait: Wait,
): Promise<TokenFile | undefined> {
  if (login.kept !== 'file') return undefined;
  return {
    file: login.store,
    tokenEndpoint: ENDPOINT,
    clientId: login.clientId ?? '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
    scope: login.scope,
    body: 'json',
    paths: {
      access: 'claudeAiOauth.accessToken',
      refresh: 'claudeAiOauth.refreshToken',
      expiresAt: 'claudeAiOauth.expiresAt',
      loginExpiresAt: 'claudeAiOauth.refreshTokenExpiresAt',
    },
    signIn: login.signIn,
    locks: await locksOf(login.home, context),
    lockStaleMs: 60_000,
    merge,
    guard: (write, { files }) => underWriteLock(login.home, write, { files, wait }),
  };
}

function merge(json: JsonObject, reply: JsonObject, at: Date): JsonObject {
  const life = Number(reply['refresh_token_expires_in']) * 1_000;
  const scope = textAt(reply, 'scope');
  const dated = life > 0 ? withValue(json, 'claudeAiOauth.refreshTokenExpiresAt', at.getTime() + life) : json;
  return scope ? withValue(dated, 'claudeAiOauth.scopes', scope.split(' ')) : dated;
}
