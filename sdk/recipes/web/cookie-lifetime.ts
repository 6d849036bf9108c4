import type { Cookie, CookieJar } from 'tough-cookie';
import { endOf, hasEnded } from './cookie-jar.ts';
import { fingerprintOf } from '../store/json-store.ts';

/** What the cookies that carry a session say of it. */
export type CookieLife = {
  /** Whether any of them is still good. */
  readonly lives: boolean;
  /** When the first of those that still live ends; undefined where none says. */
  readonly expiresAt: Date | undefined;
  /** When that one was set; undefined if the store does not say. */
  readonly issuedAt: Date | undefined;
  readonly fingerprint: string;
};

/** Which cookies carry a session. */
export type Carrying = {
  /** Only what is sent to these pages counts. */
  readonly pings: readonly string[];
  /** By their names. [those that scripts cannot read, or all of them] */
  readonly sessionCookies?: readonly string[] | undefined;
};

/** Looks at the cookies that carry the session; undefined where there is none. */
export async function readLife(jar: CookieJar, carrying: Carrying, now: number): Promise<CookieLife | undefined> {
  const cookies = await carriers(jar, carrying);
  if (cookies.length === 0) return undefined;
  // An ended one that nobody tidied up says nothing of a session whose other cookies live.
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

async function carriers(jar: CookieJar, { pings, sessionCookies }: Carrying): Promise<readonly Cookie[]> {
  const sent = (await Promise.all(pings.map(url => jar.getCookies(url, { expire: false })))).flat();
  if (sessionCookies) return sent.filter(({ key }) => sessionCookies.includes(key));
  const httpOnly = sent.filter(cookie => cookie.httpOnly);
  return httpOnly.length > 0 ? httpOnly : sent;
}
