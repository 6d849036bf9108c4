import type { Cookie, CookieJar } from 'tough-cookie';
import { isRecord } from '../../base/json.ts';
import { KeepaliveError } from '../../contract/errors.ts';
import type { Files } from '../../plugin/files.ts';
import { cookiesTxt, isCookiesTxt } from './cookies-txt.ts';
import { formatLike, readInstant, readJsonFile, type JsonObject, type Wait } from '../store/json-store.ts';

/** A file of cookies: the JSON of tough-cookie, or the `cookies.txt` of curl, wget and browser extensions. */
export type JarFile = {
  /** Symbolic links are followed. */
  readonly path: string;
  readonly jar: CookieJar;
  /** Formats the cookies now in the jar like the file. */
  format(): Promise<string>;
};

/** The `Set-Cookie` headers of a response from `url`. */
export type Setting = {
  readonly url: string;
  readonly headers: readonly string[];
  /** When the request was sent and when it was answered, in milliseconds since the epoch. */
  readonly sentAt: number;
  readonly answeredAt: number;
};

/** Reads the file; undefined if there is none. */
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
      read: entry => (isRecord(entry) ? settleTimes(entry) : undefined),
      write: (cookie, before) => {
        const { maxAge: _settled, ...rest } = isRecord(before) ? before : {};
        // tough-cookie writes no empty value.
        return { ...rest, value: '', ...cookie };
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
    // Without a creation time, tough-cookie would take the cookie as created now.
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
    // Only changed cookies are rewritten. Unknown members, other lines and the order are kept.
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

/** When the cookie expires, in milliseconds since the epoch; undefined for a session cookie. */
export const endOf = ({ expires }: Cookie): number | undefined =>
  expires instanceof Date ? expires.getTime() : undefined;

/** Whether the cookie has expired. */
export const hasEnded = (cookie: Cookie, now: number): boolean => (endOf(cookie) ?? Infinity) <= now;

/** All cookies, including expired ones. */
export async function cookiesIn(jar: CookieJar): Promise<readonly Cookie[]> {
  const { Cookie } = await import('tough-cookie');
  return (await jar.serialize()).cookies.flatMap(cookie => Cookie.fromJSON(cookie) ?? []);
}

/** The end of the year 9999. Later dates have no form that every program can read. */
const LATEST = 253_402_300_799_000;

/** Puts the cookies of a response into the jar. */
export async function setCookies(jar: CookieJar, { url, headers, ...times }: Setting): Promise<void> {
  const { Cookie } = await import('tough-cookie');
  for (const header of headers) {
    const cookie = Cookie.parse(header);
    if (!cookie) continue;
    // tough-cookie counts Max-Age from the last read of the cookie. A cookie read every minute would never expire.
    if (cookie.maxAge !== null) cookie.setExpires(new Date(endAfter(Number(cookie.maxAge) * 1_000, times)));
    cookie.maxAge = null;
    const now = new Date(times.answeredAt);
    const stored = await jar.setCookie(cookie, url, { ignoreError: true, now });
    // Its life begins now, but tough-cookie keeps the creation time of the previous cookie.
    if (stored) stored.creation = now;
    if (stored && hasEnded(stored, times.answeredAt))
      await jar.store.removeCookie(stored.domain, stored.path, stored.key);
  }
}

/**
 * When a cookie ends that lives for so long. Its life counts from when it was requested, because the machine may have
 * slept since, or from the answer if the clock was set back. If it would be over by now, the clock may have been set
 * forward, and it counts from the answer: a cookie that is taken for ended is not sent any more.
 */
function endAfter(lifeMs: number, { sentAt, answeredAt }: Pick<Setting, 'sentAt' | 'answeredAt'>): number {
  const began = Math.min(sentAt, answeredAt);
  const end = began + lifeMs > answeredAt ? began + lifeMs : answeredAt + lifeMs;
  return Math.min(Math.max(end, 0), LATEST);
}

/** Turns Max-Age into a date, and the creation time into the time when the cookie was last set. */
function settleTimes(cookie: JsonObject): JsonObject {
  const { maxAge, ...rest } = cookie;
  const [made, used] = [readInstant(cookie['creation']), readInstant(cookie['lastAccessed'])];
  const since = used ?? made;
  if (!since) return cookie;
  const creation = new Date(Math.max(since.getTime(), made?.getTime() ?? 0)).toISOString();
  if (typeof maxAge !== 'number') return { ...cookie, creation };
  return { ...rest, creation, expires: new Date(Math.min(since.getTime() + maxAge * 1_000, LATEST)).toISOString() };
}
