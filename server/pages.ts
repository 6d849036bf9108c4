import type { IncomingMessage, ServerResponse } from 'node:http';
import { KeepaliveError } from '../sdk/contract/errors.ts';
import type { PageFiles } from '../sdk/plugin/frontend.ts';
import type { Cleanup } from '../sdk/base/cleanup.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import { notePage, type Note } from './note-page.ts';
import type { KeptPages } from './kept-pages.ts';
import type { LinkFiles } from '../sdk/system/link-files.ts';
import { PageAccess } from './page-access.ts';
import { pagePathIn } from './page-cookie.ts';
import type { Visit } from './visit.ts';

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

const USED: Note = {
  title: 'This link does not work any more',
  text: 'It works once, and for a minute. For a new one, type in a terminal:',
};
const CLOSED: Note = {
  title: 'This browser is not signed in',
  text: 'The settings page was closed, or not used for 12 hours. To open it, type in a terminal:',
};
const GONE: Note = {
  title: 'This page is no longer served',
  text: 'The plugin that serves it does not run. To see why, type in a terminal:',
  command: 'keepalive plugin list',
};
const UNREAD: Note = {
  title: 'The page cannot be read',
  text: 'The reason is in the log. To see it, type in a terminal:',
  command: 'keepalive logs',
};

/** Where a page gets the key by which it and the daemon recognize each other. */
const KEY_FILE = 'key';

/** Where the form in a link file posts its code. */
const FORM_PATH = '/open/';
const MAX_FORM_BYTES = 128;

type PagesOptions = {
  readonly now?: (() => number) | undefined;
  /** Called when a link was used twice. */
  readonly onReused?: (() => void) | undefined;
  readonly files?: LinkFiles | undefined;
  readonly kept?: KeptPages | undefined;
};

/** The frontend whose page is opened unless another one is asked for: the settings page. */
const SETTINGS = 'ui-web';

type Served = { readonly id: string; readonly read: () => Promise<PageFiles>; files?: Promise<PageFiles> };

/** What a link opens. */
export type Opening = { readonly page?: string | undefined; readonly signIn?: string | undefined };

/** The pages of frontends, served on the port of the API: static files for browsers that have access. */
export class Pages {
  readonly access: PageAccess;
  readonly #files: LinkFiles | undefined;
  readonly #served: Served[] = [];

  constructor(
    private readonly log: KernelLog,
    { now, onReused, files, kept }: PagesOptions = {},
  ) {
    this.#files = files;
    const entered = (code: string) => void this.#files?.remove(code);
    this.access = new PageAccess({ now, kept, reused: onReused, entered });
  }

  /** Serves the page of a frontend, in place of the one that it served before, until the cleanup is called. */
  serve(id: string, read: () => Promise<PageFiles>): Cleanup {
    const page = { id, read };
    this.#served.push(page);
    return () => void this.#served.splice(this.#served.indexOf(page), 1);
  }

  /** A link to a page, or to the sign-in of a session there, for one use. Throws `KA_PAGE_NOT_SERVED`. */
  open(origin: string, opening: Opening = {}): string {
    return linkTo(origin, this.#mint(opening));
  }

  /** The same, with a file that opens the page: other users can see a browser's arguments. */
  async openByFile(
    origin: string,
    opening: Opening = {},
  ): Promise<{ readonly url: string; readonly file?: string | undefined }> {
    const code = this.#mint(opening);
    return { url: linkTo(origin, code), file: await this.#files?.write(origin, code) };
  }

  #mint({ page, signIn }: Opening): string {
    const known = [...new Set(this.#served.map(({ id }) => id))];
    if (!this.#servedFor(page)) throw new KeepaliveError('KA_PAGE_NOT_SERVED', { ...(page && { page }), known });
    const fragment = signIn === undefined ? '' : `#sign-in=${encodeURIComponent(signIn)}`;
    return this.access.mint({ fragment, ...(page !== undefined && { page }) });
  }

  /** Without a name, the settings page; if it is off, the page that is served first. */
  #servedFor(page: string | undefined): Served | undefined {
    const named = (id: string) => this.#served.findLast(served => served.id === id);
    return page === undefined ? (named(SETTINGS) ?? this.#served[0]) : named(page);
  }

  async stop(): Promise<void> {
    await Promise.all([this.access.stop(), this.#files?.removeAll()]);
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
      return method === 'GET' && isNavigation ? this.#enter(request, response) : send(response, 403);
    const own = pagePathIn(path) ?? '';
    const name = path.slice(own.length);
    if (name === '' && (isNavigation || method === 'HEAD')) return this.#load(request, response);
    const visit = this.access.visitOf(request);
    if (!visit) return sendNote(request, response, 401, CLOSED);
    if (name === KEY_FILE) return sendJson(response, this.access.keyFor(visit));
    return this.#sendFile({ request, response, visit }, name);
  }

  /** A load of the page itself, which may replace the browser's cookie. */
  async #load(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const loaded = this.access.load(request);
    if (!loaded) return sendNote(request, response, 401, CLOSED);
    const { visit, setCookie } = loaded;
    const headers = setCookie === undefined ? {} : { 'set-cookie': setCookie };
    return this.#sendFile({ request, response, visit }, 'index.html', headers);
  }

  async #sendFile(
    { request, response, visit }: Exchange,
    name: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const page = this.#servedFor(visit.frontend);
    if (!page) return sendNote(request, response, 404, GONE);
    try {
      const file = (await filesOf(page)).get(name || 'index.html');
      if (!file) return send(response, 404);
      const body = request.method === 'HEAD' ? undefined : file.body;
      return send(response, 200, body, { ...headers, 'content-type': file.type });
    } catch (error) {
      this.log.error({ err: error }, 'the page could not be read');
      return sendNote(request, response, 500, UNREAD);
    }
  }

  #enter(request: IncomingMessage, response: ServerResponse): void {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const entry = this.access.enter(path.slice('/open/'.length));
    if (entry) send(response, 303, undefined, { location: entry.path + entry.place, 'set-cookie': entry.setCookie });
    else sendNote(request, response, 401, USED);
  }

  /** Answers with a page that forwards itself: after a redirect, browsers withhold a strict cookie from a file. */
  async #enterByForm(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const code = await codeIn(request).catch(() => undefined);
    const entry = code === undefined ? undefined : this.access.enter(code);
    if (!entry) return sendNote(request, response, 401, USED);
    const body =
      '<!doctype html><meta charset="utf-8">' +
      `<meta http-equiv="refresh" content="0; url=${entry.path}${entry.place}"><title>Session Keepalive</title>\n`;
    send(response, 200, body, { 'content-type': 'text/html; charset=utf-8', 'set-cookie': entry.setCookie });
  }
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly visit: Visit };

const filesOf = (page: Served): Promise<PageFiles> =>
  (page.files ??= page.read().catch((error: unknown) => {
    // The next request tries again.
    delete page.files;
    throw error;
  }));

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

const sendJson = (response: ServerResponse, value: unknown): void =>
  send(response, 200, JSON.stringify(value), { 'content-type': 'application/json' });

/** Says to a person what to do: a small page for a browser, otherwise text. */
function sendNote(request: IncomingMessage, response: ServerResponse, status: number, note: Note): void {
  const isForBrowser = request.headers.accept?.includes('text/html') ?? false;
  const { body, headers } = notePage(note, isForBrowser);
  send(response, status, request.method === 'HEAD' ? undefined : body, headers);
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
