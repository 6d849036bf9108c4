import { createHash, randomBytes } from 'node:crypto';

const COOKIE = 'keepalive';
/** A browser sends one. Requests with more are refused unread, because checking them costs time. */
const MAX_COOKIES = 4;
const SECRET_LENGTH = 43;
const COOKIE_VALUE = new RegExp(`^[\\w-]{${SECRET_LENGTH}}(?=;|$)`);
const PAGE_PATH = new RegExp(`^/page/[\\w-]{${SECRET_LENGTH}}/`);

export const secret = (): string => randomBytes(32).toString('base64url');

/** Digests are compared and kept, so neither the time of a comparison nor a file reveals the secret. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

export const newPagePath = (): string => `/page/${secret()}/`;

/** The secret path at the start of an address. */
export const pagePathIn = (url: string): string | undefined => PAGE_PATH.exec(url)?.[0];

/** Browsers send cookies to all ports of a host, so the cookie is bound to a secret path. */
export const setCookieHeader = (value: string, path: string, lifeMs: number): string =>
  `${COOKIE}=${value}; Path=${path}; Max-Age=${Math.floor(lifeMs / 1_000)}; HttpOnly; SameSite=Strict`;

/** The digests of the well-formed values of our cookie; none if there are too many. */
export function cookiesIn(header = ''): readonly string[] {
  const found: string[] = [];
  const name = `${COOKIE}=`;
  let count = 0;
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + name.length)) {
    // Another server of this machine can set cookies that contain our name in their names or values.
    if (at > 0 && header[header[at - 1] === ' ' ? at - 2 : at - 1] !== ';') continue;
    if ((count += 1) > MAX_COOKIES) return [];
    const start = at + name.length;
    const [value] = COOKIE_VALUE.exec(header.slice(start, start + SECRET_LENGTH + 1)) ?? [];
    if (value !== undefined) found.push(digest(value));
  }
  return found;
}
