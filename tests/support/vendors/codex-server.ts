import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { accessToken, codexLogin, idToken } from './codex-login.ts';
import { codexSignIns, type Reply } from './codex-sign-in.ts';
import { listen } from '../daemon/listen.ts';
import { tokenFamilies, type Answer, type OnReuse } from './token-families.ts';

export type CodexServer = Awaited<ReturnType<typeof codexServer>>;

const LIFE_MS = 10 * 86_400_000;
const CODES: Readonly<Record<Answer, string>> = {
  renewed: '',
  reused: 'refresh_token_reused',
  revoked: 'refresh_token_invalidated',
};

/** The parts of the vendor's API that codex needs, on loopback. A reused refresh token ends the login or is refused. */
export async function codexServer({
  onReuse = 'revoke',
  latencyMs = 0,
  now = Date.now,
}: { readonly onReuse?: OnReuse; readonly latencyMs?: number; readonly now?: () => number } = {}) {
  const families = tokenFamilies(onReuse, ({ refresh, ...facts }) => accessToken({ ...facts, id: refresh }), now);
  const signIns = codexSignIns(() => families.signIn({ age: 0, left: LIFE_MS }));

  function exchange(token: string): Reply {
    const { answer, tokens } = families.exchange(token, LIFE_MS);
    if (!tokens) return { status: 401, body: { error: { code: CODES[answer] } } };
    const { access, refresh, account } = tokens;
    return { status: 200, body: { access_token: access, refresh_token: refresh, id_token: idToken(account) } };
  }

  function revoke(token: string): Reply {
    families.end(families.accountOf(token) ?? '');
    return { status: 200, body: {} };
  }

  function answer(request: IncomingMessage, body: string): Reply {
    if (request.method === 'HEAD') return { status: 405, body: {} };
    const signIn = signIns.answer(request.url, body);
    if (signIn) return signIn;
    if (request.url === '/oauth/token') return exchange(JSON.parse(body).refresh_token);
    if (request.url === '/oauth/revoke') return revoke(JSON.parse(body).token);
    if (!families.accepts(request.headers.authorization)) return { status: 401, body: {} };
    if (request.url === '/backend-api/wham/accounts/check')
      return { status: 200, body: workspaces(accountOf(request.headers.authorization)) };
    return { status: 200, body: { plan_type: 'plus', rate_limit: null, credits: null, models: [], accounts: [] } };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    // Decided on arrival and answered later, so that concurrent requests collide.
    const decided = answer(request, body);
    await sleep(latencyMs);
    response.writeHead(decided.status, { 'content-type': 'application/json' }).end(JSON.stringify(decided.body));
  }

  return {
    ...families,
    approve: signIns.approve,
    deny: signIns.deny,
    pollsOf: signIns.pollsOf,
    handle,
    url: await listen(createServer(handle)),
    /** Signs in an account and returns the text of its `auth.json`. Ages are in milliseconds. */
    signIn(life: { readonly age: number; readonly left: number }) {
      const { account, refresh, issuedAt, expiresAt } = families.signIn(life);
      return { account, text: codexLogin({ issuedAt, expiresAt, refreshedAt: issuedAt, refresh, account }) };
    },
    isAlive: (account: string, text: string) => families.isAlive(account, JSON.parse(text).tokens.refresh_token),
  };
}

/** The account that an access token names. */
const accountOf = (authorization = ''): string =>
  JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString())['https://api.openai.com/auth']
    .chatgpt_account_id;

/** codex reports an account only if it knows its workspace. */
const workspaces = (id: string) => ({
  accounts: [
    {
      id,
      account_user_id: 'user-1',
      account_user_role: 'standard-user',
      structure: 'personal',
      plan_type: 'plus',
      is_zdr: false,
      is_openai_internal: false,
      workspace_backend_origin: 'NO_CONSTRAINT',
      account_routing_override: 'NO_CONSTRAINT',
    },
  ],
  default_account_id: id,
  account_ordering: [id],
});
