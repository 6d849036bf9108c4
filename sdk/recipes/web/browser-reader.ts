import type { CookieJar } from 'tough-cookie';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { parseObject, type JsonObject, type Wait } from '../store/json-store.ts';
import { isOpen, lockOf, readKey, unlock, whyLocked } from './browser-key.ts';
import { locateCookies, browserName, type Browser } from './browser-profile.ts';
import { readBrowser, type BrowserCookie } from './browser-rows.ts';
import { readLifetime, type SessionCookies } from './cookie-lifetime.ts';
import { concealCookies } from './cookie-store.ts';
import { stampOf, type SqlJs } from './sqlite-snapshot.ts';

export type BrowserOptions = SessionCookies & {
  readonly sqlJs: SqlJs;
  readonly platform?: string | undefined;
  /** Set if the keychain must not be asked: the hint for the user on how to allow it. */
  readonly withoutKeychain?: string | undefined;
};

/** The cookies of a browser at one moment. */
export type BrowserCookies = {
  readonly path: string;
  readonly cookies: readonly BrowserCookie[];
  /** All of them, with encrypted values still encrypted. */
  readonly raw: CookieJar;
  /** Of the cookies that carry the session. */
  readonly fingerprint: string | undefined;
};

/** Reads the cookies of one browser, and our notes on them. */
export type BrowserReader = {
  readonly find: (context: InspectContext, wait: Wait) => Promise<BrowserCookies | undefined>;
  /** The cookies that the site set since; undefined if the browser has newer ones. */
  readonly recall: (context: InspectContext, found: BrowserCookies) => Promise<CookieJar | undefined>;
  /** Keeps the cookies that the site has set. */
  readonly remember: (context: ProviderContext, found: BrowserCookies, jar: CookieJar) => Promise<void>;
};

type Cached = { readonly stamp: string; readonly cookies: readonly BrowserCookie[] };

export function browserReader(chosen: Browser, options: BrowserOptions, platform: string): BrowserReader {
  const { sqlJs, pings, sessionCookies } = options;
  const hosts = [...new Set(pings.map(url => new URL(url).hostname))].toSorted();
  const keyOf = ({ path }: BrowserCookies) => `cookies:${path}:${hosts.join()}`;
  let cached: Cached | undefined;

  /** A database that did not change is not read again. */
  async function read({ files, now }: InspectContext, path: string, wait: Wait) {
    const { stamp, changedAt } = await stampOf(files, path);
    if (cached?.stamp === `${path} ${stamp}`) return cached.cookies;
    const cookies = await readBrowser(files, { browser: chosen.browser, path, sqlJs }, hosts, wait);
    // The stamp does not show a second change in the same tick of the file system's clock.
    cached = cookies && now() - changedAt > SAME_TICK_MS ? { stamp: `${path} ${stamp}`, cookies } : undefined;
    return cookies;
  }

  return {
    async find(context, wait) {
      const path = await locateCookies(chosen, context, platform);
      const cookies = path && (await read(context, path, wait));
      if (!path || !cookies) return undefined;
      const raw = await jarOf(cookies.map(({ json }) => json));
      const lifetime = await readLifetime(raw, { pings, sessionCookies }, context.now());
      return { path, cookies, raw, fingerprint: lifetime?.fingerprint };
    },
    async recall({ files }, found) {
      const note = parseObject((await files.journal.read(keyOf(found))) ?? '');
      if (note?.['imported'] !== found.fingerprint || !Array.isArray(note?.['cookies'])) return undefined;
      return jarOf(note['cookies'] as readonly JsonObject[]);
    },
    async remember(context, found, jar) {
      const { cookies } = await (await concealCookies(jar, context)).serialize();
      await context.files.journal.write(keyOf(found), JSON.stringify({ imported: found.fingerprint, cookies }));
    },
  };
}

const SAME_TICK_MS = 1_000;

/** What it takes to decrypt the values of cookies. */
export type Decryption = {
  readonly chosen: Browser;
  readonly platform: string;
  readonly withoutKeychain: string | undefined;
};

/** The cookies with decrypted values, or what the user can do to allow that. It may ask the keychain for a key. */
export async function decrypt(
  { cookies }: BrowserCookies,
  { chosen, platform, withoutKeychain }: Decryption,
  context: ProviderContext,
): Promise<CookieJar | { readonly hint: string }> {
  const keys = new Map<string, Buffer>();
  const open: JsonObject[] = [];
  for (const { json, host, locked } of cookies) {
    if (!locked) open.push(json);
    else if (withoutKeychain !== undefined && !isOpen(locked, platform)) return { hint: withoutKeychain };
    else if (!whyLocked(locked, platform)) {
      const lock = lockOf(locked);
      const key = keys.get(lock) ?? (await readKey(chosen.browser, lock, context, platform));
      if ('hint' in key) return key;
      keys.set(lock, key);
      const value = unlock(locked, key, host);
      if (value === undefined) return { hint: wrongKey(chosen) };
      open.push({ ...json, value });
    }
  }
  return concealCookies(await jarOf(open), context);
}

const wrongKey = (chosen: Browser): string =>
  `The cookies of ${browserName(chosen)} do not open with its key. Name a file of cookies as the "jar".`;

async function jarOf(cookies: readonly JsonObject[]): Promise<CookieJar> {
  const { CookieJar } = await import('tough-cookie');
  return CookieJar.deserialize({ cookies: [...cookies] });
}
