import type { Cookie, CookieJar } from 'tough-cookie';
import { endOf, hasEnded } from './cookie-jar.ts';
import { fingerprintOf } from '../store/json-store.ts';

/** The life of a session, by the cookies that carry it. */
export type CookieLifetime = {
  /** Whether any of them is still valid. */
  readonly lives: boolean;
  /** When the first valid one expires; undefined if none has an expiry. */
  readonly expiresAt: Date | undefined;
  /** When that one was set; undefined if the store does not have it. */
  readonly issuedAt: Date | undefined;
  readonly fingerprint: string;
};

/** Selects the cookies that carry a session. */
export type SessionCookies = {
  /** Only cookies that are sent to these pages count. */
  readonly pings: readonly string[];
  /** Their names. [those that scripts cannot read, or else all] */
  readonly sessionCookies?: readonly string[] | undefined;
};

/** The life of the session; undefined if no cookie carries one. */
export async function readLifetime(
  jar: CookieJar,
  carrying: SessionCookies,
  now: number,
): Promise<CookieLifetime | undefined> {
  const cookies = await carriers(jar, carrying);
  if (cookies.length === 0) return undefined;
  // A leftover expired cookie means nothing while other cookies of the session are valid.
  const living = cookies.filter(cookie => !hasEnded(cookie, now));
  const [first] = (living.length > 0 ? living : cookies)
    .filter(cookie => endOf(cookie) !== undefined)
    .toSorted((a, b) => (endOf(a) ?? 0) - (endOf(b) ?? 0));
  const end = first && endOf(first);
  const states = cookies.map(({ domain, path, key, value }) => `${domain} ${path} ${key}=${value}`);
  return {
    lives: living.length > 0,
    expiresAt: end === undefined ? undefined : new Date(end),
    issuedAt: first?.creation instanceof Date ? first.creation : undefined,
    fingerprint: fingerprintOf(...[...new Set(states)].toSorted()),
  };
}

async function carriers(jar: CookieJar, { pings, sessionCookies }: SessionCookies): Promise<readonly Cookie[]> {
  const sent = (await Promise.all(pings.map(url => jar.getCookies(url, { expire: false })))).flat();
  if (sessionCookies) return sent.filter(({ key }) => sessionCookies.includes(key));
  const httpOnly = sent.filter(cookie => cookie.httpOnly);
  return httpOnly.length > 0 ? httpOnly : sent;
}
