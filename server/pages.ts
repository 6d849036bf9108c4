import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PageFiles } from '../sdk/plugin/frontend.ts';
import type { Cleanup } from '../sdk/base/cleanup.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import type { KeptPages } from './kept-pages.ts';
import type { LinkFiles } from '../sdk/system/link-files.ts';
import { PageAccess } from './page-access.ts';
import { pagePathIn } from './page-cookie.ts';
import { CLOSED, GONE, send, sendJson, sendNote, UNREAD, USED } from './page-replies.ts';
import { codeIn, isForm, isFromElsewhere } from './page-requests.ts';
import { ServedPages } from './served-pages.ts';
import type { Visit } from './visit.ts';

/** Where a page gets the key by which it and the daemon recognize each other. */
const KEY_FILE = 'key';

type PagesOptions = {
  readonly now?: (() => number) | undefined;
  /** Called when a link was used twice. */
  readonly onReused?: (() => void) | undefined;
  readonly files?: LinkFiles | undefined;
  readonly kept?: KeptPages | undefined;
};

/** What a link opens. */
export type Opening = { readonly page?: string | undefined; readonly signIn?: string | undefined };

/** The pages of frontends, served on the port of the API: static files for browsers that have access. */
export class Pages {
  readonly access: PageAccess;
  readonly #files: LinkFiles | undefined;
  readonly #served = new ServedPages();

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
    return this.#served.add(id, read);
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
    this.#served.require(page);
    const fragment = signIn === undefined ? '' : `#sign-in=${encodeURIComponent(signIn)}`;
    return this.access.mint({ fragment, ...(page !== undefined && { page }) });
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
    const files = this.#served.files(visit.frontend);
    if (!files) return sendNote(request, response, 404, GONE);
    try {
      const file = (await files).get(name || 'index.html');
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

const linkTo = (origin: string, code: string): string => `${origin}/open/${code}`;
