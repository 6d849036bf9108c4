import type { IncomingMessage, ServerResponse } from 'node:http';
import { KeepaliveError } from '../../sdk/errors.ts';
import type { PageFiles } from '../../sdk/frontend.ts';
import type { Cleanup } from '../../sdk/provider.ts';
import type { KernelLog } from '../log.ts';
import { PageAccess } from './page-access.ts';

/** What a page may do in its browser: nothing but what comes from here, shown in no frame, seen by nobody else. */
const HEADERS = {
  'content-security-policy': "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

const USED = 'This link was used already, or is older than a minute. `keepalive ui` opens the page with a new one.\n';
const CLOSED = 'The settings page opens with `keepalive ui`.\n';

/** The page that a frontend shows, on the port of the API: static files, for browsers that were let in. */
export class Pages {
  readonly access: PageAccess;
  readonly #served: { readonly read: () => Promise<PageFiles>; files?: Promise<PageFiles> }[] = [];

  constructor(private readonly log: KernelLog, now?: () => number) {
    this.access = new PageAccess(now);
  }

  /** Shows a page, in place of one that was there before, until it is taken back. */
  serve(read: () => Promise<PageFiles>): Cleanup {
    const page = { read };
    this.#served.push(page);
    return () => void this.#served.splice(this.#served.indexOf(page), 1);
  }

  /** A link to the page, for one use. Throws `KA_PAGE_NOT_SERVED`. */
  open(origin: string): string {
    if (this.#served.length === 0) throw new KeepaliveError('KA_PAGE_NOT_SERVED');
    return `${origin}/open/${this.access.mint()}`;
  }

  /** Answers a request whose Host and Origin are our own. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/'] = (request.url ?? '/').split('?');
    const { method, headers: { 'sec-fetch-site': site = 'none', 'sec-fetch-dest': destination = 'document' } } = request;
    if (method !== 'GET' && method !== 'HEAD') return send(response, 405);
    // Another page asks, were it on this machine: whatever it is for, and whatever it knows.
    if (site !== 'none' && site !== 'same-origin') return send(response, 403);
    if (path.startsWith('/open/')) return method === 'GET' && destination === 'document' ? this.#enter(path.slice('/open/'.length), response) : send(response, 403);
    const own = this.access.pathOf(request);
    if (own === undefined || !path.startsWith(own)) return send(response, 401, CLOSED);
    try {
      const file = (await this.#files())?.get(path.slice(own.length) || 'index.html');
      return file ? send(response, 200, method === 'HEAD' ? undefined : file.body, { 'content-type': file.type }) : send(response, 404);
    } catch (error) {
      this.log.error({ err: error }, 'the page could not be read');
      return send(response, 500, 'The page could not be read; `keepalive logs` says why.\n');
    }
  }

  #enter(code: string, response: ServerResponse): void {
    const entry = this.access.enter(code);
    if (entry) send(response, 303, undefined, { location: entry.path, 'set-cookie': entry.setCookie });
    else send(response, 401, USED);
  }

  async #files(): Promise<PageFiles | undefined> {
    const page = this.#served.at(-1);
    return page && (page.files ??= page.read().catch((error: unknown) => {
      // It may be readable the next time.
      delete page.files;
      throw error;
    }));
  }
}

function send(response: ServerResponse, status: number, body?: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): void {
  // Who is refused is not kept waiting for: it could go on asking for ever.
  const refusal = status >= 400 && { connection: 'close' };
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8', ...headers, ...refusal }).end(body);
}
