import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { OpenedPage } from '../sdk/contract/rpc.ts';
import { keepNothing, type KeptPages } from './kept-pages.ts';
import { LinkCodes, type Place } from './link-codes.ts';
import { cookiesIn, digest, newPagePath, pagePathIn, secret, setCookieHeader } from './page-cookie.ts';
import { isOfOtherUser } from './peer.ts';
import { Proofs } from './proofs.ts';
import { isOver, IDLE_LIMIT_MS, LIFE_MS, REISSUE_MS, toKept, visitFrom, type Visit } from './visit.ts';

/** Open visits at one time. Above it, the oldest ends. */
const MAX_VISITS = 32;
/** Cookies that a visit had before and that are still recognized. */
const MAX_FORMER = 8;

/** What a browser gets for its code: a cookie, a path for its page, and the place on the page: empty or a fragment. */
export type Entry = { readonly setCookie: string; readonly path: string; readonly place: string };

/** A load of the page, and the cookie that replaces the browser's. */
export type Load = { readonly visit: Visit; readonly setCookie?: string | undefined };

type Options = {
  readonly now?: (() => number) | undefined;
  /** Called when a code is used. */
  readonly entered?: ((code: string) => void) | undefined;
  /** Called when a code is used a second time, or a cookie after it was replaced. */
  readonly reused?: (() => void) | undefined;
  readonly kept?: KeptPages | undefined;
};

/**
 * Gives browsers access to the page: a code that works once, within a minute, is exchanged for a cookie and a secret
 * path. Both outlive a restart of the daemon, on the same port only. Until the page is loaded again, the cookie is good
 * for nothing else, and that load replaces it: while no daemon ran, another program may have had the port.
 */
export class PageAccess {
  readonly #codes: LinkCodes;
  readonly #visits = new Map<string, Visit>();
  readonly #now: () => number;
  readonly #kept: KeptPages;
  #port = 0;
  #sweep: NodeJS.Timeout | undefined;

  constructor(private readonly on: Options = {}) {
    this.#now = on.now ?? Date.now;
    this.#codes = new LinkCodes(this.#now);
    this.#kept = on.kept ?? keepNothing();
  }

  /** The port of the last run. */
  get lastPort(): number | undefined {
    return this.#kept.port;
  }

  /** Takes back the pages of the last run, if the port is the same. */
  listensAt(port: number): void {
    this.#port = port;
    const pages = this.#kept.port === port ? this.#kept.pages : [];
    for (const page of pages.slice(-MAX_VISITS)) this.#begin(visitFrom(page));
    this.#endOver();
    this.#save();
  }

  /** A code for one link, which leads to this place on the page. */
  readonly mint = (place: Place = { fragment: '' }): string => this.#codes.mint(place);

  /**
   * Spends the code; undefined if it was used before, is too old, or was never valid. A second use ends the visit that
   * the first began: one of the two saw a link that was not meant for them.
   */
  enter(code: string): Entry | undefined {
    const key = digest(code);
    const former = [...this.#visits.values()].find(visit => visit.code === key);
    if (former) {
      this.#endCopied(former);
      return undefined;
    }
    const place = this.#codes.spend(code);
    if (place === undefined) return undefined;
    const [cookie, path, openedAt] = [secret(), newPagePath(), this.#now()];
    const { fragment, page: frontend } = place;
    const opened = { path: digest(path), cookie: digest(cookie), code: key, former: [], openedAt, seenAt: openedAt };
    this.#begin({ ...visitFrom({ ...opened, ...(frontend !== undefined && { frontend }) }), isKept: false });
    this.#save();
    this.on.entered?.(code);
    return { setCookie: setCookieHeader(cookie, path, LIFE_MS), path, place: fragment };
  }

  /** The visit that a request belongs to, by its cookie. */
  visitOf(request: IncomingMessage): Visit | undefined {
    const visit = this.#find(request);
    return visit?.isKept ? undefined : visit;
  }

  /** The same for a load of the page. The first one after a restart replaces the cookie. */
  load(request: IncomingMessage): Load | undefined {
    const visit = this.#find(request);
    if (!visit) return undefined;
    const path = pagePathIn(request.url ?? '');
    if (path === undefined || request.method !== 'GET') return { visit };
    if (visit.isKept) this.#replaceCookie(visit);
    const { issued } = visit;
    if (!issued || issued.until < this.#now()) return { visit };
    return { visit, setCookie: setCookieHeader(issued.cookie, path, visit.openedAt + LIFE_MS - this.#now()) };
  }

  /** The visit whose page proves that it has the key that the daemon gave it. */
  provenVisit({ url = '' }: IncomingMessage, proof: string): Visit | undefined {
    this.#endOver();
    const visit = this.#visits.get(digest(pagePathIn(url) ?? ''));
    if (!visit || !this.#proofsOf(visit).accept(proof)) return undefined;
    this.#touch(visit);
    return visit;
  }

  /** What a page needs to recognize this daemon after a restart, and to prove itself to it. */
  keyFor({ path: id }: Pick<Visit, 'path'>): { readonly id: string; readonly key: string } {
    return { id, key: createHmac('sha256', this.#kept.key).update(`page ${id}`).digest('base64url') };
  }

  /** Proves to the page with that id that this is its daemon. A page that was closed can see that too. */
  prove(id: string, nonce: string): string | undefined {
    const visit = this.#visits.get(id);
    const proofs = visit ? this.#proofsOf(visit) : new Proofs(this.keyFor({ path: id }).key, this.#port);
    return proofs.answer(nonce);
  }

  /** Closes the page's connection when its visit ends. Its messages keep the visit from idling. */
  accompany(visit: Visit, socket: WebSocket): void {
    const close = () => socket.close(1008);
    visit.connections.add(close);
    socket.on('message', () => this.#touch(visit));
    socket.on('close', () => visit.connections.delete(close));
  }

  list(): readonly OpenedPage[] {
    this.#endOver();
    return [...this.#visits.values()].map(({ openedAt, seenAt, connections }) => ({
      openedAt,
      seenAt,
      connections: connections.size,
    }));
  }

  /** Ends all visits and returns how many there were. A link that was not used yet opens no page either. */
  closeAll(): number {
    this.#codes.clear();
    const visits = [...this.#visits.values()];
    for (const visit of visits) this.#end(visit);
    return visits.length;
  }

  /** Keeps the visits for the next run. */
  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    this.#save();
    await this.#kept.flush();
  }

  /** The path is checked first: browsers send the cookie only below it. */
  #find({ url = '', headers: { cookie }, socket }: IncomingMessage): Visit | undefined {
    const path = pagePathIn(url);
    if (path === undefined && url !== '/rpc') return undefined;
    const sent = cookiesIn(cookie);
    if (sent.length === 0) return undefined;
    this.#endOver();
    const at = path === undefined ? [...this.#visits.values()] : [this.#visits.get(digest(path))];
    const visit = at.find(candidate => candidate && this.#isShown(candidate, sent));
    // Another user may have had the port while no daemon ran, and copied the cookie.
    if (!visit || isOfOtherUser(socket)) return undefined;
    this.#touch(visit);
    return visit;
  }

  /** Whether one of the cookies is the visit's. One that was replaced ends the visit: there are two copies of it. */
  #isShown(visit: Visit, sent: readonly string[]): boolean {
    if (sent.includes(visit.cookie)) return true;
    if (!visit.former.some(former => sent.includes(former))) return false;
    // A second tab of the same browser may ask before the first one has the new cookie.
    if (visit.issued && this.#now() <= visit.issued.until) return true;
    this.#endCopied(visit);
    return false;
  }

  #replaceCookie(visit: Visit): void {
    const cookie = secret();
    visit.isKept = false;
    visit.former = [visit.cookie, ...visit.former].slice(0, MAX_FORMER);
    visit.cookie = digest(cookie);
    visit.issued = { cookie, until: this.#now() + REISSUE_MS };
    this.#save();
  }

  #proofsOf(visit: Visit): Proofs {
    return (visit.proofs ??= new Proofs(this.keyFor(visit).key, this.#port));
  }

  #touch(visit: Visit): void {
    visit.seenAt = this.#now();
  }

  #begin(visit: Visit): void {
    this.#visits.set(visit.path, visit);
    const [oldest] = this.#visits.values();
    if (oldest && this.#visits.size > MAX_VISITS) this.#end(oldest);
    this.#sweep ??= setInterval(() => (this.#endOver(), this.#save()), IDLE_LIMIT_MS / 12).unref();
  }

  #end(visit: Visit): void {
    this.#visits.delete(visit.path);
    for (const close of visit.connections) close();
    for (const listener of visit.onEnd) listener();
    this.#save();
    if (this.#visits.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #endCopied(visit: Visit): void {
    this.#end(visit);
    this.on.reused?.();
  }

  #endOver(): void {
    const now = this.#now();
    for (const visit of this.#visits.values()) if (isOver(visit, now)) this.#end(visit);
  }

  #save(): void {
    this.#kept.save(this.#port, () => [...this.#visits.values()].map(toKept));
  }
}
