import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** How long a link may be used. */
const LINK_LIFE_MS = 60_000;
/** Links that work at one time; beyond it the oldest does not any more. */
const MAX_LINKS = 32;
/** Browsers let in at one time; beyond it the one let in first has to come again. */
const MAX_BROWSERS = 32;
const COOKIE = 'keepalive';

const secret = (): string => randomBytes(32).toString('base64url');
/** What is compared says nothing about the secret, however long the comparison took. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64');

function dropFirst(map: Map<string, unknown>, most: number): void {
  const [first] = map.keys();
  if (first !== undefined && map.size > most) map.delete(first);
}

/** What a browser that was let in gets: its cookie, and the path below which the page is its own. */
export type Entry = { readonly setCookie: string; readonly path: string };

/**
 * Lets browsers in: a code that works once and for a minute, and for it a cookie. In memory only, so that all of it ends with the kernel.
 * Cookies don't tell ports apart. So each is bound to a path that nobody else knows: a browser sends it to no other server of this machine.
 */
export class PageAccess {
  readonly #codes = new Map<string, number>();
  readonly #paths = new Map<string, string>();

  constructor(private readonly now: () => number = Date.now) {}

  /** A code for one link. */
  mint(): string {
    for (const [key, until] of this.#codes) if (until < this.now()) this.#codes.delete(key);
    const code = secret();
    this.#codes.set(digest(code), this.now() + LINK_LIFE_MS);
    dropFirst(this.#codes, MAX_LINKS);
    return code;
  }

  /** Spends the code; undefined where it was spent before, is too old, or was never one. */
  enter(code: string): Entry | undefined {
    const key = digest(code);
    const until = this.#codes.get(key);
    this.#codes.delete(key);
    if (until === undefined || until < this.now()) return undefined;
    const [cookie, path] = [secret(), `/page/${secret()}/`];
    this.#paths.set(digest(cookie), path);
    dropFirst(this.#paths, MAX_BROWSERS);
    return { setCookie: `${COOKIE}=${cookie}; Path=${path}; HttpOnly; SameSite=Strict`, path };
  }

  /** The path of the browser that sent this; undefined where it was not let in. */
  pathOf({ headers: { cookie = '' } }: IncomingMessage): string | undefined {
    const sent = cookie.split(/; */).filter(part => part.startsWith(`${COOKIE}=`)).map(part => part.slice(COOKIE.length + 1));
    return sent.map(value => this.#paths.get(digest(value))).find(path => path !== undefined);
  }
}
