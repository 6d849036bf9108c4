import type { Carrying } from '../../sdk/recipes/web/cookie-lifetime.ts';
import type { Pages } from '../../sdk/recipes/web/ask-pages.ts';

const SITE = 'https://app.augmentcode.com';

/** Augment's pages that only a living session gets, and the cookies that carry it: of its own sign-in, of Auth0's, and of Auth.js's. */
export const augmentPages: Pages & Carrying = {
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

/** What a person does to sign in, by where the cookies are. */
export const signInAt = (place: string): string => `Sign in at ${SITE} ${place}.`;
