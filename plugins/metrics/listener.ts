import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { isForeign, sameSecret } from '../../sdk/system/local-request.ts';
import { PendingConnections } from '../../sdk/system/pending-connections.ts';
import type { Format } from './session-series.ts';

const PATH = '/metrics';
const NEVER_MS = 2 ** 31 - 1;
/** A scraper that reads nothing for this long is gone. */
const UNREAD_LIMIT_MS = 10_000;

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

export type Serving = {
  readonly port: number;
  readonly token: string;
  /** The metrics as text; undefined if they are not known. */
  readonly render: (format: Format) => Promise<string | undefined>;
};

export type Listener = { readonly port: number; readonly close: Cleanup };

/** Serves the metrics on loopback. Rejects if the port is taken. */
export async function listen({ port, token, render }: Serving): Promise<Listener> {
  // As in the API: Node's own limits would wake an idle process several times a second.
  const http = createServer({ headersTimeout: 0, requestTimeout: 0, connectionsCheckingInterval: NEVER_MS });
  http.maxRequestsPerSocket = 1;
  const pending = new PendingConnections();
  http.on('connection', socket => pending.add(socket));
  const bound = await bind(http, port);
  http.on('request', (request, response) => {
    const refusal = refusalOf(request, bound, token);
    if (refusal !== undefined)
      return void response.writeHead(refusal, refusal === 401 ? { 'www-authenticate': 'Bearer' } : {}).end();
    pending.delete(request.socket);
    request.socket.setTimeout(UNREAD_LIMIT_MS, () => request.socket.destroy());
    void answer(request, response, render);
  });
  const close = () =>
    new Promise<void>(resolve => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  return { port: bound, close };
}

/** The status of a refused request. Web pages are refused first, and without the token all paths look the same. */
function refusalOf(request: IncomingMessage, port: number, token: string): number | undefined {
  const [, sent] = /^Bearer (\S{1,256})$/i.exec(request.headers.authorization ?? '') ?? [];
  if (isForeign(request, port)) return 403;
  if (sent === undefined || !sameSecret(sent, token)) return 401;
  if (request.url?.replace(/\?.*$/, '') !== PATH) return 404;
  return request.method === 'GET' || request.method === 'HEAD' ? undefined : 405;
}

async function answer(
  { headers: { accept = '' } }: IncomingMessage,
  response: ServerResponse,
  render: Serving['render'],
): Promise<void> {
  const format = formatFor(accept);
  const text = await render(format);
  if (text === undefined) return void response.writeHead(503).end();
  const body = Buffer.from(text);
  response
    .writeHead(200, {
      'content-type': CONTENT_TYPES[format],
      'content-length': body.length,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .end(body);
}

/** OpenMetrics for clients that ask for it and do not prefer the text format. */
export const formatFor = (accept: string): Format => {
  const openMetrics = qualityOf('application/openmetrics-text', accept);
  return openMetrics > 0 && openMetrics >= qualityOf('text/plain', accept) ? 'openmetrics' : 'text';
};

const qualityOf = (type: string, accept: string): number =>
  Math.max(
    0,
    ...accept
      .split(',')
      .map(range => range.split(';').map(part => part.trim().toLowerCase()))
      .filter(([name]) => name === type)
      .map(([, ...params]) => Number(params.find(param => param.startsWith('q='))?.slice(2) ?? 1) || 0),
  );

const bind = (http: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    http.once('error', reject);
    // Always loopback. No setting changes that.
    http.listen(port, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
