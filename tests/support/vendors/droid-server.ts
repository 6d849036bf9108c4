import { createDecipheriv } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { DROID_KEY, encryptDroid } from './droid-login.ts';
import { tokenFamilies, type Tokens } from './token-families.ts';
import { jwt } from './tokens.ts';

/** The hosts that droid uses. */
export const DROID_HOSTS = [
  'api.workos.com',
  'api.factory.ai',
  'api.eu.factory.ai',
  'app.factory.ai',
  'telemetry.factory.ai',
];

const LIFE_MS = 24 * 3_600_000;

type Reply = readonly [status: number, body: object];

/** The parts of WorkOS and Factory that droid needs. A refresh token works once, and a second use ends the login. */
export function droidServer() {
  const families = tokenFamilies('revoke', ({ account, refresh, expiresAt }) =>
    jwt({ exp: Math.floor(expiresAt / 1_000), email: 'you@example.test', sub: account, jti: `CANARY-${refresh}` }),
  );

  function renew(body: string): Reply {
    const { tokens } = families.exchange(refreshTokenIn(body), LIFE_MS);
    if (!tokens) return [400, { error: 'invalid_grant' }];
    return [200, { access_token: tokens.access, refresh_token: tokens.refresh }];
  }

  function answer(path: string, body: string): Reply {
    if (path.endsWith('/whoami')) return [200, { userId: 'user_1', orgId: 'org_1' }];
    return path === '/user_management/authenticate' ? renew(body) : [404, {}];
  }

  const handle: RequestListener = async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const [status, body] = answer(new URL(request.url ?? '/', 'http://localhost').pathname, text);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

  return {
    ...families,
    handle,
    /** Signs in an account and returns the text of its `auth.v2.file`. Ages are in milliseconds. */
    signIn(life: { readonly age: number; readonly left: number }) {
      const tokens = families.signIn(life);
      return { account: tokens.account, text: encryptDroid(stored(tokens)) };
    },
    /** Whether the file's login still works. */
    isAlive: (account: string, text: string) => families.isAlive(account, JSON.parse(decryptDroid(text)).refresh_token),
  };
}

const stored = ({ access, refresh }: Tokens) => ({
  access_token: access,
  refresh_token: refresh,
  active_organization_id: null,
});

/** The request is a form or JSON. */
const refreshTokenIn = (body: string): string =>
  body.startsWith('{') ? JSON.parse(body).refresh_token : (new URLSearchParams(body).get('refresh_token') ?? '');

function decryptDroid(text: string): string {
  const [iv, tag, secret] = text.split(':').map(part => Buffer.from(part, 'base64'));
  if (!iv || !tag || !secret) throw new Error('This is no store of droid.');
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(DROID_KEY, 'base64'), iv).setAuthTag(tag);
  return Buffer.concat([decipher.update(secret), decipher.final()]).toString();
}
