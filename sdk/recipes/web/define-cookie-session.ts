import type { PartialPolicy } from '../../contract/policy.ts';
import { defineProvider, type ProviderPlugin } from '../../plugin/provider.ts';
import { assertSafeEndpoint } from '../http/address.ts';
import type { Pages } from './ask-pages.ts';
import type { Browser } from './browser-profile.ts';
import { browserStore } from './browser-store.ts';
import { fileStore } from './cookie-store.ts';
import { inspectCookies, ping, watchCookies, type CookieSession } from './ping.ts';
import type { SqlJs } from './sqlite-snapshot.ts';

/** The cookies of a browser on this machine. They are only read. */
export type BrowserJar = Browser & {
  /** Loads `sql.js`, which reads the browser's database: `() => import('sql.js')`. */
  readonly sqlJs: SqlJs;
};

/** A session of a web site that lives in cookies and stays alive by being used. */
export type CookieSessionOptions = Omit<Pages, 'alive'> & {
  readonly id: string;
  /** [the id] */
  readonly displayName?: string | undefined;
  /** A file in the format of tough-cookie or a Netscape `cookies.txt`, which is updated; or a browser. */
  readonly jar: string | BrowserJar;
  /** What proves that the session is alive. [status 200] */
  readonly alive?: Pages['alive'] | undefined;
  /** The names of the cookies that carry the session. [those that scripts cannot read, or else all] */
  readonly sessionCookies?: readonly string[] | undefined;
  /** What the user does to sign in again, as a sentence. */
  readonly signIn: string;
  /** [five minutes before the expiry, and from half of the cookies' life on] */
  readonly policy?: PartialPolicy | undefined;
};

/**
 * A provider that keeps a web session alive by requesting a page with its cookies, and stores the cookies that the site
 * sets. Throws `KA_CONFIG_INVALID` if a page is neither `https://` nor on a loopback host.
 */
export function defineCookieSession(options: CookieSessionOptions): ProviderPlugin {
  const { id, displayName = id, policy, jar, alive = {}, ...given } = options;
  const { pings, sessionCookies } = given;
  for (const page of pings) assertSafeEndpoint(page, 'pings');
  const store =
    typeof jar === 'string' ? fileStore(jar) : browserStore(jar, { pings, sessionCookies, sqlJs: jar.sqlJs });
  const session: CookieSession = { ...given, alive, store };
  return defineProvider({
    id,
    displayName,
    policy: { ...COOKIE_POLICY, ...policy },
    refresh: context => ping(session, context),
    inspect: context => inspectCookies(session, context),
    watch: (context, changed) => watchCookies(session, context, changed),
  });
}

/** Using a session costs nothing, so it is used early. */
export const COOKIE_POLICY: PartialPolicy = {
  schedule: { mode: 'before-expiry', buffer: '5m' },
  renewEarly: true,
  timeout: '120s',
};
