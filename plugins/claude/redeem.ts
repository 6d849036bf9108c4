import { join } from 'node:path';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { ProviderContext, RefreshOutcome } from '../../sdk/plugin/provider.ts';
import { textAt, withValue, type JsonObject, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { redeem } from '../../sdk/recipes/oauth/redeem.ts';
import type { TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import { lookAtLogin, type Login } from './login.ts';
import { locksOf, type Place } from './place.ts';

export const ENDPOINT = 'https://platform.claude.com/v1/oauth/token';

/** The vendor is asked once in this time, whoever wants it more often. */
const PAUSE_MS = 300_000;

/** How long to wait for a lock that claude left behind: meanwhile only the journal has the successor. */
const WRITE_STALE_MS = 15_000;

/** Writes down what a crash has left in the journal: the successor of a token that nobody may use again. */
export const recover = async (
  place: Place,
  login: Login,
  context: ProviderContext,
  wait: Wait,
): Promise<RefreshOutcome> =>
  redeem(
    { ...(await tokenFile(place, login, context, wait)), dueAt: () => Infinity },
    { ...context, force: false },
    wait,
  );

/** Spends the refresh token in claude's file where that is due, under claude's locks. */
export async function spend(place: Place, login: Login, context: ProviderContext, wait: Wait): Promise<RefreshOutcome> {
  const { files, now } = context;
  const { expiresAt, loginExpiresAt } = login;
  const key = `exchanged:${login.store}`;
  const until = Number((await files.journal.read(key)) ?? 0) + PAUSE_MS;
  if (now() < until && until <= now() + PAUSE_MS) {
    if (!expiresAt || expiresAt.getTime() > now())
      return { status: 'fresh', expiresAt, loginExpiresAt, method: 'redeem' };
    return {
      status: 'deferred',
      until: new Date(until),
      reason: 'The vendor was asked less than 5 minutes ago.',
      method: 'redeem',
    };
  }
  const fetch: ProviderContext['fetch'] = async (...request) => {
    const response = await context.fetch(...request);
    // The answer may be all that is left of the login: a note that cannot be written must not lose it.
    await files.journal.write(key, String(now())).catch(() => {});
    return response;
  };
  const outcome = await redeem(await tokenFile(place, login, context, wait), { ...context, fetch }, wait);
  const after = outcome.status === 'unavailable' ? await lookAtLogin(place, context, wait) : login;
  return 'blank' in after && after.blank ? emptied(place, 'redeem') : outcome;
}

/** What claude does with its credential when the vendor tells it that the login is over. */
export const emptied = ({ loginHint }: Place, method: string | undefined): RefreshOutcome => ({
  status: 'login-required',
  hint: loginHint,
  proof: 'claude has emptied its own credential.',
  method,
});

const tokenFile = async (place: Place, login: Login, context: ProviderContext, wait: Wait): Promise<TokenFile> => ({
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
  signIn: place.loginHint,
  locks: await locksOf(place, context),
  lockStaleMs: 60_000,
  merge,
  guard: write => whileNobodyWrites(place, write, context, wait),
});

function merge(json: JsonObject, reply: JsonObject, at: Date): JsonObject {
  const life = Number(reply['refresh_token_expires_in']) * 1_000;
  const scope = textAt(reply, 'scope');
  const dated = life > 0 ? withValue(json, 'claudeAiOauth.refreshTokenExpiresAt', at.getTime() + life) : json;
  return scope ? withValue(dated, 'claudeAiOauth.scopes', scope.split(' ')) : dated;
}

/** Other parts of the file are written without the other two locks. */
async function whileNobodyWrites(
  { home }: Place,
  write: () => Promise<void>,
  { files }: ProviderContext,
  wait: Wait,
): Promise<void> {
  const lock = join(home, '.storage-write.lock');
  for (let waited = 0; waited <= WRITE_STALE_MS; waited += 500) {
    const release = await files.lock(lock, { staleMs: WRITE_STALE_MS });
    if (release) return write().finally(release);
    await wait(500);
  }
  throw new KeepaliveError('KA_STORE_LOCKED', { lock });
}
