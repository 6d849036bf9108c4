import type { SessionCookies } from '../../sdk/recipes/web/cookie-lifetime.ts';
import type { Pages } from '../../sdk/recipes/web/ask-pages.ts';

const SITE = 'https://app.augmentcode.com';

/** The pages that prove a session of Augment, and the cookies that carry it: its own, those of Auth0 and of Auth.js. */
export const augmentPages: Pages & SessionCookies = {
  pings: ['/api/auth/session', '/api/session', '/api/user'].map(path => SITE + path),
  alive: { json: ['user', 'email', 'session'] },
  headers: { origin: SITE, referer: `${SITE}/` },
  sessionCookies: [
    'session',
    '_session',
    'web_rpc_proxy_session',
    'auth0',
    'auth0.is.authenticated',
    'a0.spajs.txs',
    '__Secure-next-auth.session-token',
    'next-auth.session-token',
    '__Secure-authjs.session-token',
    '__Host-authjs.csrf-token',
    'authjs.session-token',
  ],
};

/** What the user does to sign in again. `place` says where the cookies are. */
export const signInAt = (place: string): string => `Sign in at ${SITE} ${place}.`;
