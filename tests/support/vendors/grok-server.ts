import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { GROK_SCOPE, grokLogin } from './grok-login.ts';
import { tokenFamilies, type OnReuse, type Tokens } from './token-families.ts';

/** The hosts that grok uses. */
export const GROK_HOSTS = ['auth.x.ai', 'cli-chat-proxy.grok.com', 'grok.com'];

/** How the token endpoint answers: as it should, with a status, a web page, an error code, or not at all. */
export type GrokMood = 'serves' | 'hangs up' | 'shows a page' | 'knows no client' | number;

export type GrokServer = ReturnType<typeof grokServer>;

type Reply = { readonly status: number; readonly body: object | string };

const LIFE_MS = 6 * 3_600_000;
const ISSUER = 'https://auth.x.ai';
const ok = (body: object): Reply => ({ status: 200, body });

type Given = {
  readonly mood?: GrokMood;
  readonly latencyMs?: number;
  readonly onReuse?: OnReuse;
  /** Whether a sign-in with a code is offered. */
  readonly hasCodes?: boolean;
};

/** The parts of xAI's API that grok needs. A refresh token works once. */
export function grokServer({ mood = 'serves', latencyMs = 0, onReuse = 'revoke', hasCodes = true }: Given = {}) {
  const families = tokenFamilies(onReuse, () => `access-${randomUUID()}`);
  const requests: string[] = [];
  let device: 'pending' | 'approved' | 'denied' = 'pending';

  function renew(token: string): Reply {
    if (typeof mood === 'number') return { status: mood, body: { error: 'server_error' } };
    if (mood === 'shows a page') return { status: 200, body: '<!doctype html><title>Sign in to the network</title>' };
    if (mood === 'knows no client') return { status: 401, body: { error: 'invalid_client' } };
    const { tokens } = families.exchange(token, LIFE_MS);
    return tokens ? ok(granted(tokens)) : { status: 400, body: { error: 'invalid_grant' } };
  }

  function poll(): Reply {
    if (device === 'approved') return ok(granted(families.signIn({ age: 0, left: LIFE_MS })));
    return { status: 400, body: { error: device === 'denied' ? 'access_denied' : 'authorization_pending' } };
  }

  function answer(path: string, form: URLSearchParams): Reply {
    if (path.endsWith('/openid-configuration')) return ok(DISCOVERY);
    if (path === '/oauth2/device/code') return hasCodes ? ok(DEVICE_CODE) : { status: 404, body: {} };
    if (path !== '/oauth2/token') return ok({});
    return form.get('grant_type') === 'refresh_token' ? renew(form.get('refresh_token') ?? '') : poll();
  }

  return {
    ...families,
    /** Every request, as `POST host/path`. */
    requests: requests as readonly string[],
    /** What the user does on the page for the code. */
    decide: (decision: 'approved' | 'denied') => void (device = decision),
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
      const { pathname } = new URL(request.url ?? '/', ISSUER);
      requests.push(`${request.method} ${request.headers.host}${pathname}`);
      if (mood === 'hangs up' && pathname === '/oauth2/token') return void request.socket.destroy();
      // Decided on arrival and answered later, so that concurrent requests collide.
      const { status, body } = answer(pathname, new URLSearchParams(text));
      if (pathname === '/oauth2/token') await sleep(latencyMs);
      const [type, written] =
        typeof body === 'string' ? ['text/html', body] : ['application/json', JSON.stringify(body)];
      response.writeHead(status, { 'content-type': type }).end(written);
    },
    /** Signs in an account and returns the text of its `auth.json`. Ages are in milliseconds. */
    signIn(life: { readonly age: number; readonly left: number }) {
      const tokens = families.signIn(life);
      return { account: tokens.account, text: grokLogin(tokens) };
    },
    /** Whether the file's login still works. */
    isAlive: (account: string, text: string) => families.isAlive(account, JSON.parse(text)[GROK_SCOPE].refresh_token),
  };
}

const DISCOVERY = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/oauth2/authorize`,
  token_endpoint: `${ISSUER}/oauth2/token`,
};
const DEVICE_CODE = {
  device_code: 'CANARY-device-code',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://accounts.x.ai/device',
  verification_uri_complete: 'https://accounts.x.ai/device?user_code=ABCD-EFGH',
  expires_in: 600,
  interval: 1,
};

const granted = ({ access, refresh, account, expiresAt }: Tokens) => ({
  access_token: access,
  refresh_token: refresh,
  token_type: 'Bearer',
  expires_in: Math.round((expiresAt - Date.now()) / 1_000),
  id_token: `x.${Buffer.from(JSON.stringify({ sub: account, email: 'you@example.test' })).toString('base64url')}.y`,
});
