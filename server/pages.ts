import type { IncomingMessage, ServerResponse } from 'node:http';
import { KeepaliveError } from '../sdk/contract/errors.ts';
import type { PageFiles } from '../sdk/plugin/frontend.ts';
import type { Cleanup } from '../sdk/base/cleanup.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import type { LinkFiles } from './link-files.ts';
import { PageAccess } from './page-access.ts';

/** The page can load only our own files, cannot be framed, and is not cached. */
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

/** Where the form in a link file posts its code. */
const FORM_PATH = '/open/';
const MAX_FORM_BYTES = 128;

type PagesOptions = {
  readonly now?: (() => number) | undefined;
  /** Called when a link was used twice. */
  readonly onReused?: (() => void) | undefined;
  readonly files?: LinkFiles | undefined;
};

/** The page of a frontend, served on the port of the API: static files for browsers that have access. */
export class Pages {
  readonly access: PageAccess;
  readonly #files: LinkFiles | undefined;
  readonly #served: { readonly read: () => Promise<PageFiles>; files?: Promise<PageFiles> }[] = [];

  constructor(
    private readonly log: KernelLog,
    { now, onReused, files }: PagesOptions = {},
  ) {
    this.#files = files;
    this.access = new PageAccess(now, { reused: onReused, entered: code => void this.#files?.remove(code) });
  }

  /** Serves a page in place of the one before, until the cleanup is called. */
  serve(read: () => Promise<PageFiles>): Cleanup {
    const page = { read };
    this.#served.push(page);
    return () => void this.#served.splice(this.#served.indexOf(page), 1);
  }

  /** A link to the page, for one use. Throws `KA_PAGE_NOT_SERVED`. */
  open(origin: string): string {
    return linkTo(origin, this.#mint());
  }

  /** The same, with a file that opens the page: other users can see a browser's arguments. */
  async openByFile(origin: string): Promise<{ readonly url: string; readonly file?: string | undefined }> {
    const code = this.#mint();
    return { url: linkTo(origin, code), file: await this.#files?.write(origin, code) };
  }

  #mint(): string {
    if (this.#served.length === 0) throw new KeepaliveError('KA_PAGE_NOT_SERVED');
    return this.access.mint();
  }

  async stop(): Promise<void> {
    this.access.closeAll();
    await this.#files?.removeAll();
  }

  /** Answers a request whose Host and Origin are our own; a link form may have no origin. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const {
      method,
      headers: { 'sec-fetch-dest': destination = 'document' },
    } = request;
    const isNavigation = destination === 'document';
    if (isForm(request)) return isNavigation ? this.#enterByForm(request, response) : send(response, 403);
    if (method !== 'GET' && method !== 'HEAD') return send(response, 405);
    if (isFromElsewhere(request)) return send(response, 403);
    if (path.startsWith('/open/'))
      return method === 'GET' && isNavigation
        ? this.#enter(path.slice('/open/'.length), response)
        : send(response, 403);
    const own = this.access.visitOf(request)?.path;
    if (own === undefined) return send(response, 401, CLOSED);
    try {
      const file = (await this.#pageFiles())?.get(path.slice(own.length) || 'index.html');
      return file
        ? send(response, 200, method === 'HEAD' ? undefined : file.body, { 'content-type': file.type })
        : send(response, 404);
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

  /** Answers with a page that forwards itself: after a redirect, browsers withhold a strict cookie from a file. */
  async #enterByForm(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const code = await codeIn(request).catch(() => undefined);
    const entry = code === undefined ? undefined : this.access.enter(code);
    if (!entry) return send(response, 401, USED);
    const body =
      '<!doctype html><meta charset="utf-8">' +
      `<meta http-equiv="refresh" content="0; url=${entry.path}"><title>Session Keepalive</title>\n`;
    send(response, 200, body, { 'content-type': 'text/html; charset=utf-8', 'set-cookie': entry.setCookie });
  }

  async #pageFiles(): Promise<PageFiles | undefined> {
    const page = this.#served.at(-1);
    return (
      page &&
      (page.files ??= page.read().catch((error: unknown) => {
        // The next request tries again.
        delete page.files;
        throw error;
      }))
    );
  }
}

const linkTo = (origin: string, code: string): string => `${origin}/open/${code}`;

/** A form from a link file. Only its code authenticates it, because all files have the same opaque origin. */
export const isForm = ({ method, url }: IncomingMessage): boolean => method === 'POST' && url === FORM_PATH;

/** Whether a page of another origin makes the request. */
export function isFromElsewhere({ headers: { 'sec-fetch-site': site = 'none' } }: IncomingMessage): boolean {
  return site !== 'none' && site !== 'same-origin';
}

/** Undefined if the body is not a code. */
async function codeIn(request: IncomingMessage): Promise<string | undefined> {
  if (!(Number(request.headers['content-length']) <= MAX_FORM_BYTES)) return undefined;
  let text = '';
  for await (const chunk of request.setEncoding('latin1')) text += chunk;
  return /^code=([\w-]{1,100})$/.exec(text)?.[1];
}

function send(
  response: ServerResponse,
  status: number,
  body?: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  // Close refused connections.
  const refusal = status >= 400 && { connection: 'close' };
  response
    .writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8', ...headers, ...refusal })
    .end(body);
}
