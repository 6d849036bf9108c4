import type { Cookie, CookieJar } from 'tough-cookie';
import { KeepaliveError } from '../errors.ts';
import type { Files } from '../files.ts';
import { formatLike, readInstant, readJsonFile, type JsonObject, type Wait } from './json-store.ts';

/** A file of cookies: tough-cookie's JSON, or the `cookies.txt` of curl, wget and browser extensions. */
export type JarFile = {
  /** With symbolic links followed. */
  readonly path: string;
  readonly text: string;
  readonly jar: CookieJar;
  /** The text of what is in the jar now, in the form that the file has. */
  format(): Promise<string>;
};

/** Reads the file; undefined where there is none. */
export async function readJar(files: Files, file: string, wait: Wait): Promise<JarFile | undefined> {
  const [text, facts] = [await files.read(file), await files.stat(file)];
  if (text === undefined || !facts) return undefined;
  const { CookieJar } = await import('tough-cookie');
  const { path } = facts;
  if (isNetscape(text)) {
    const jar = await CookieJar.deserialize({ cookies: parseNetscape(text) });
    return { path, text, jar, format: async () => formatNetscape(text, await cookiesIn(jar)) };
  }
  const found = await readJsonFile(files, file, wait);
  if (!found) return undefined;
  const { cookies } = found.json;
  if (!Array.isArray(cookies)) throw new KeepaliveError('KA_STORE_UNREADABLE', { path, reason: 'neither tough-cookie JSON nor a cookies.txt' });
  const jar = await CookieJar.deserialize({ ...found.json, cookies: cookies.map(settleAge) });
  return { path, text: found.text, jar, format: async () => formatLike(found.text, { ...found.json, cookies: (await jar.serialize()).cookies }) };
}

/** All cookies, also those that have expired. */
export async function cookiesIn(jar: CookieJar): Promise<readonly Cookie[]> {
  const { Cookie } = await import('tough-cookie');
  return (await jar.serialize()).cookies.flatMap(cookie => Cookie.fromJSON(cookie) ?? []);
}

/** Takes in what a response from `url` sets. */
export async function setCookies(jar: CookieJar, headers: readonly string[], url: string, now: number): Promise<void> {
  const { Cookie } = await import('tough-cookie');
  for (const header of headers) {
    const cookie = Cookie.parse(header);
    if (!cookie) continue;
    // tough-cookie counts a Max-Age from the last time that a cookie was read: one read every minute would never expire.
    if (cookie.maxAge !== null) cookie.setExpires(new Date(cookie.maxAge === '-Infinity' ? 0 : now + Number(cookie.maxAge) * 1_000));
    cookie.maxAge = null;
    await jar.setCookie(cookie, url, { ignoreError: true, now: new Date(now) });
  }
}

/** The same for a stored cookie. */
function settleAge(cookie: JsonObject): JsonObject {
  const { maxAge, ...rest } = cookie;
  const since = readInstant(cookie['lastAccessed']) ?? readInstant(cookie['creation']);
  return typeof maxAge === 'number' && since ? { ...rest, expires: new Date(since.getTime() + maxAge * 1_000).toISOString() } : cookie;
}

/** Whether it has ended at the given time. */
export const hasEnded = ({ expires }: Cookie, now: number): boolean => expires instanceof Date && expires.getTime() <= now;

const HTTP_ONLY = '#HttpOnly_';

const isNetscape = (text: string): boolean => /^#.*Cookie File/i.test(text) || text.split('\n').some(line => line.split('\t').length === 7);

function parseNetscape(text: string): JsonObject[] {
  return text.split(/\r?\n/).flatMap(line => {
    const httpOnly = line.startsWith(HTTP_ONLY);
    const fields = (httpOnly ? line.slice(HTTP_ONLY.length) : line).split('\t');
    if ((line.startsWith('#') && !httpOnly) || fields.length !== 7) return [];
    const [domain = '', withSubdomains, path, secure, seconds = '0', key, value] = fields;
    const expires = Number(seconds) > 0 ? readInstant(seconds)?.toISOString() : 'Infinity';
    return [{ key, value, domain: domain.replace(/^\./, ''), hostOnly: withSubdomains !== 'TRUE', path, secure: secure === 'TRUE', httpOnly, expires }];
  });
}

const flag = (value: unknown) => (value ? 'TRUE' : 'FALSE');

function formatNetscape(original: string, cookies: readonly Cookie[]): string {
  const comments = original.split(/\r?\n/).filter(line => line.startsWith('#') && !line.startsWith(HTTP_ONLY));
  const lines = cookies.map(cookie => [
    `${cookie.httpOnly ? HTTP_ONLY : ''}${cookie.hostOnly ? '' : '.'}${cookie.domain}`, flag(!cookie.hostOnly), cookie.path, flag(cookie.secure),
    cookie.expires instanceof Date ? Math.floor(cookie.expires.getTime() / 1_000) : 0, cookie.key, cookie.value,
  ].join('\t'));
  return [...comments, ...lines, ''].join('\n');
}
