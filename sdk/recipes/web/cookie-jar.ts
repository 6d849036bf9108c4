import type { Cookie, CookieJar } from 'tough-cookie';
import { KeepaliveError } from '../../contract/errors.ts';
import type { Files } from '../../plugin/files.ts';
import { cookiesTxt, isCookiesTxt } from './cookies-txt.ts';
import { formatLike, readInstant, readJsonFile, type JsonObject, type Wait } from '../store/json-store.ts';

/** A file of cookies: tough-cookie's JSON, or the `cookies.txt` of curl, wget and browser extensions. */
export type JarFile = {
  /** With symbolic links followed. */
  readonly path: string;
  readonly jar: CookieJar;
  /** The text of what is in the jar now, in the form that the file has. */
  format(): Promise<string>;
};

/** What a response from `url` sets: its `Set-Cookie` headers. */
export type Setting = { readonly url: string; readonly headers: readonly string[] };

/** Reads the file; undefined where there is none. */
export async function readJar(files: Files, file: string, wait: Wait): Promise<JarFile | undefined> {
  const [text, facts] = [await files.read(file), await files.stat(file)];
  if (text === undefined || !facts) return undefined;
  const { path } = facts;
  if (isCookiesTxt(text)) {
    const { lines, read, write, join } = cookiesTxt(text);
    return openJar(path, { entries: lines, read, write, join }, {});
  }
  const found = await readJsonFile(files, file, wait);
  if (!found) return undefined;
  const entries: unknown = found.json['cookies'];
  if (!Array.isArray(entries)) {
    throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason: 'neither tough-cookie JSON nor a cookies.txt' });
  }
  return openJar<unknown>(
    path,
    {
      entries,
      read: entry => (isObject(entry) ? settleTimes(entry) : undefined),
      write: (cookie, before) => {
        const { maxAge: _settled, ...rest } = isObject(before) ? before : {};
        return { ...rest, ...cookie };
      },
      join: cookies => formatLike(found.text, { ...found.json, cookies }),
    },
    found.json,
  );
}

type Form<Entry> = {
  readonly entries: readonly Entry[];
  readonly read: (entry: Entry) => JsonObject | undefined;
  readonly write: (cookie: JsonObject, before?: Entry) => Entry;
  readonly join: (entries: readonly Entry[]) => string;
};

async function openJar<Entry>(
  path: string,
  { entries, read, write, join }: Form<Entry>,
  settings: JsonObject,
): Promise<JarFile> {
  const { Cookie, CookieJar } = await import('tough-cookie');
  const cookieOf = (entry: Entry) => {
    const json = read(entry);
    // tough-cookie would take a cookie without a creation time as made now.
    const cookie = json && Cookie.fromJSON({ creation: 'Infinity', ...json });
    return cookie?.domain && cookie.path ? cookie : undefined;
  };
  const jar = await CookieJar.deserialize({
    ...settings,
    cookies: entries.flatMap(entry => cookieOf(entry)?.toJSON() ?? []),
  });
  return {
    path,
    jar,
    // Only what was changed is written anew: what is not known here stays, and so does the order.
    async format() {
      const left = new Map((await cookiesIn(jar)).map(cookie => [idOf(cookie), cookie]));
      const kept = entries.flatMap(entry => {
        const before = cookieOf(entry);
        if (!before) return [entry];
        const now = left.get(idOf(before));
        left.delete(idOf(before));
        return now ? [isSame(before, now) ? entry : write({ ...now.toJSON() }, entry)] : [];
      });
      return join([...kept, ...[...left.values()].map(cookie => write({ ...cookie.toJSON() }))]);
    },
  };
}

const idOf = ({ domain, path, key }: Cookie): string => [domain, path, key].join('\n');

const SHOWN = ['value', 'secure', 'httpOnly', 'hostOnly', 'sameSite'] as const;

const isSame = (a: Cookie, b: Cookie): boolean =>
  endOf(a) === endOf(b) && SHOWN.every(member => a[member] === b[member]);

/** When it ends; undefined for one that lasts as long as the session does. */
export const endOf = ({ expires }: Cookie): number | undefined =>
  expires instanceof Date ? expires.getTime() : undefined;

/** Whether it has ended at the given time. */
export const hasEnded = (cookie: Cookie, now: number): boolean => (endOf(cookie) ?? Infinity) <= now;

/** All cookies, also those that have expired. */
export async function cookiesIn(jar: CookieJar): Promise<readonly Cookie[]> {
  const { Cookie } = await import('tough-cookie');
  return (await jar.serialize()).cookies.flatMap(cookie => Cookie.fromJSON(cookie) ?? []);
}

/** The end of the year 9999: later dates have no form that everyone can read. */
const LATEST = 253_402_300_799_000;

/** Takes in what a response sets. */
export async function setCookies(jar: CookieJar, { url, headers }: Setting, now: number): Promise<void> {
  const { Cookie } = await import('tough-cookie');
  for (const header of headers) {
    const cookie = Cookie.parse(header);
    if (!cookie) continue;
    // tough-cookie counts a Max-Age from the last time that a cookie was read: one read every minute would never expire.
    if (cookie.maxAge !== null)
      cookie.setExpires(new Date(Math.min(Math.max(now + Number(cookie.maxAge) * 1_000, 0), LATEST)));
    cookie.maxAge = null;
    const stored = await jar.setCookie(cookie, url, { ignoreError: true, now: new Date(now) });
    // Its life begins now, but tough-cookie keeps the creation time of the cookie before it.
    if (stored) stored.creation = new Date(now);
    if (stored && hasEnded(stored, now)) await jar.store.removeCookie(stored.domain, stored.path, stored.key);
  }
}

/** The same for a stored cookie. Its creation is when it was last set, not when the first of its name was. */
function settleTimes(cookie: JsonObject): JsonObject {
  const { maxAge, ...rest } = cookie;
  const [made, used] = [readInstant(cookie['creation']), readInstant(cookie['lastAccessed'])];
  const since = used ?? made;
  if (!since) return cookie;
  const creation = new Date(Math.max(since.getTime(), made?.getTime() ?? 0)).toISOString();
  if (typeof maxAge !== 'number') return { ...cookie, creation };
  return { ...rest, creation, expires: new Date(Math.min(since.getTime() + maxAge * 1_000, LATEST)).toISOString() };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
