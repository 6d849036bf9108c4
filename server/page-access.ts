import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { OpenedPage } from '../sdk/contract/rpc.ts';

/** How long a link may be used. */
export const LINK_LIFE_MS = 60_000;
/** Valid links at one time. Above it, the oldest becomes invalid. */
const MAX_LINKS = 32;
/** Open visits at one time. Above it, the oldest ends. */
const MAX_VISITS = 32;
/** A visit that is idle for this long ends. */
const IDLE_LIMIT_MS = 12 * 60 * 60_000;
const COOKIE = 'keepalive';
/** A browser sends one. Requests with more are refused unread, because checking them costs time. */
const MAX_COOKIES = 4;
const SECRET_LENGTH = 43;
const COOKIE_VALUE = new RegExp(`^[\\w-]{${SECRET_LENGTH}}(?=;|$)`);
const PAGE_PATH = new RegExp(`^/page/[\\w-]{${SECRET_LENGTH}}/`);

const secret = (): string => randomBytes(32).toString('base64url');
/** Digests are compared, so the time of a comparison reveals nothing about the secret. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64');

/** A browser with access to the page, until the visit ends. */
export type Visit = {
  /** The secret path below which the page is served to it. */
  readonly path: string;
  readonly cookie: Buffer;
  /** Digests of its path and of the code that opened it. */
  readonly keys: { readonly path: string; readonly code: string };
  readonly openedAt: number;
  seenAt: number;
  /** Functions that close its connections. */
  readonly connections: Set<() => void>;
};

/** What a browser gets for its code: a cookie, and a path for its page. */
export type Entry = { readonly setCookie: string; readonly path: string };

/**
 * Gives browsers access to the page: a code that works once, within a minute, is exchanged for a cookie. Everything is
 * in memory and ends with the kernel. Browsers send cookies to all ports of a host, so each cookie is bound to a secret
 * path: it is sent to no other server of this machine.
 */
export class PageAccess {
  readonly #codes = new Map<string, number>();
  readonly #visits = new Map<string, Visit>();
  readonly #visitsByCode = new Map<string, Visit>();
  #sweep: NodeJS.Timeout | undefined;

  /** Calls `entered` when a code is used, and `reused` when it is used a second time. */
  constructor(
    private readonly now: () => number = Date.now,
    private readonly on: {
      readonly entered?: ((code: string) => void) | undefined;
      readonly reused?: (() => void) | undefined;
    } = {},
  ) {}

  /** A code for one link. */
  mint(): string {
    for (const [key, until] of this.#codes) if (until < this.now()) this.#codes.delete(key);
    const code = secret();
    this.#codes.set(digest(code), this.now() + LINK_LIFE_MS);
    const [oldest] = this.#codes.keys();
    if (oldest !== undefined && this.#codes.size > MAX_LINKS) this.#codes.delete(oldest);
    return code;
  }

  /**
   * Spends the code; undefined if it was used before, is too old, or was never valid. A second use ends the visit that
   * the first began: one of the two saw a link that was not meant for them.
   */
  enter(code: string): Entry | undefined {
    const key = digest(code);
    const former = this.#visitsByCode.get(key);
    if (former) {
      this.#end(former);
      this.on.reused?.();
      return undefined;
    }
    const until = this.#codes.get(key);
    this.#codes.delete(key);
    if (until === undefined || until < this.now()) return undefined;
    const [cookie, path] = [secret(), `/page/${secret()}/`];
    const openedAt = this.now();
    const keys = { path: digest(path), code: key };
    this.#begin({ path, cookie: Buffer.from(cookie), keys, openedAt, seenAt: openedAt, connections: new Set() });
    this.on.entered?.(code);
    return { setCookie: `${COOKIE}=${cookie}; Path=${path}; HttpOnly; SameSite=Strict`, path };
  }

  /** The visit that a request belongs to. The path is checked first: browsers send the cookie only below it. */
  visitOf({ url = '', headers: { cookie } }: IncomingMessage): Visit | undefined {
    const [path] = PAGE_PATH.exec(url) ?? [];
    if (path === undefined && url !== '/rpc') return undefined;
    const sent = cookiesIn(cookie);
    if (sent.length === 0) return undefined;
    this.#endIdle();
    const at = path === undefined ? [...this.#visits.values()] : [this.#visits.get(digest(path))];
    const visit = at.find(candidate => candidate && sent.some(value => timingSafeEqual(value, candidate.cookie)));
    if (visit) this.#touch(visit);
    return visit;
  }

  /** Closes the page's connection when its visit ends. Its messages keep the visit from idling. */
  accompany(visit: Visit, socket: WebSocket): void {
    const close = () => socket.close(1008);
    visit.connections.add(close);
    socket.on('message', () => this.#touch(visit));
    socket.on('close', () => visit.connections.delete(close));
  }

  #touch(visit: Visit): void {
    visit.seenAt = this.now();
  }

  list(): readonly OpenedPage[] {
    this.#endIdle();
    return [...this.#visits.values()].map(({ openedAt, seenAt, connections }) => ({
      openedAt,
      seenAt,
      connections: connections.size,
    }));
  }

  /** Ends all visits and returns how many there were. */
  closeAll(): number {
    const visits = [...this.#visits.values()];
    for (const visit of visits) this.#end(visit);
    return visits.length;
  }

  #begin(visit: Visit): void {
    this.#visits.set(visit.keys.path, visit);
    this.#visitsByCode.set(visit.keys.code, visit);
    const [oldest] = this.#visits.values();
    if (oldest && this.#visits.size > MAX_VISITS) this.#end(oldest);
    this.#sweep ??= setInterval(() => this.#endIdle(), IDLE_LIMIT_MS / 12).unref();
  }

  #end(visit: Visit): void {
    this.#visits.delete(visit.keys.path);
    this.#visitsByCode.delete(visit.keys.code);
    for (const close of visit.connections) close();
    if (this.#visits.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #endIdle(): void {
    const idleSince = this.now() - IDLE_LIMIT_MS;
    for (const visit of this.#visits.values()) if (visit.seenAt < idleSince) this.#end(visit);
  }
}

/** The well-formed values of our cookie; none if there are too many. */
function cookiesIn(header = ''): readonly Buffer[] {
  const found: Buffer[] = [];
  const name = `${COOKIE}=`;
  let count = 0;
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + name.length)) {
    // Another server of this machine can set cookies that contain our name in their names or values.
    if (at > 0 && header[header[at - 1] === ' ' ? at - 2 : at - 1] !== ';') continue;
    if ((count += 1) > MAX_COOKIES) return [];
    const start = at + name.length;
    const [value] = COOKIE_VALUE.exec(header.slice(start, start + SECRET_LENGTH + 1)) ?? [];
    if (value !== undefined) found.push(Buffer.from(value));
  }
  return found;
}
