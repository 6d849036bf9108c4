import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from '../../tests/support/daemon/listen.ts';
import type { Fault, Reply } from '../faults/fault.ts';
import type { Vendor } from '../programs/program.ts';
import type { Authorities } from './authority.ts';
import type { World } from './world.ts';

/** What stands between a program and its vendor: a proxy, which shows one fault until it is repaired. */
export type Front = {
  readonly proxy: string;
  /** Every request for a new token that came through. */
  readonly exchanges: () => number;
  readonly repair: () => void;
  /** Calls back when a program next connects. */
  readonly onceReached: (reached: () => void) => void;
};

export async function openFront(
  fault: Fault,
  vendor: Vendor,
  { good, unknown, elsewhere }: Authorities,
  world: () => World,
): Promise<Front> {
  const arrivals = new EventEmitter();
  let current: Fault | undefined = fault;
  let exchanges = 0;

  const handle: RequestListener = async (request, response) => {
    const body = await bodyOf(request);
    const isExchange = vendor.isExchange(request.method ?? '', hostOf(request), request.url?.split('?')[0] ?? '');
    if (isExchange) exchanges += 1;
    const act = current?.every ?? (isExchange ? current?.exchange : undefined);
    const honest = () => forward(vendor.url, request, body);
    const send = (reply: Reply) => write(response, reply);
    const drop = () => void request.socket.destroy();
    if (!act) return send(await honest());
    await act({ request, world: world(), count: exchanges, honest, send, drop });
  };

  const guarded: RequestListener = (request, response) =>
    void Promise.resolve(handle(request, response)).catch(() => request.socket.destroy());
  const shown = { 'of an unknown authority': unknown, 'of another host': elsewhere };
  const serve = async ({ key, cert }: { readonly key: Buffer; readonly cert: Buffer }) =>
    Number(new URL(await listen(createTlsServer({ key, cert }, guarded))).port);
  const port = await serve(good);
  const badPort = fault.certificate && (await serve(shown[fault.certificate]));

  const proxy = createServer(guarded).on('connect', (_request: IncomingMessage, socket: Duplex) => {
    arrivals.emit('connect');
    socket.on('error', () => socket.destroy());
    if (current?.connect) return current.connect(socket);
    const inner = connect((current && badPort) ?? port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      inner.pipe(socket).pipe(inner);
    });
    inner.on('error', () => socket.destroy());
    socket.on('error', () => inner.destroy());
  });
  return {
    proxy: await listen(proxy),
    exchanges: () => exchanges,
    repair: () => void (current = undefined),
    onceReached: reached => void arrivals.once('connect', reached),
  };
}

const hostOf = ({ headers }: IncomingMessage): string => (headers.host ?? '').replace(/:\d+$/, '');

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}

const HOP_BY_HOP = /^(connection|content-length|transfer-encoding|keep-alive|expect|accept-encoding|proxy-.*)$/;

/** Asks the honest vendor, with the host that the program asked for. */
async function forward(url: string, request: IncomingMessage, body: string): Promise<Reply> {
  const given = Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.test(name));
  const headers = new Headers(given.map(([name, value]) => [name, String(value)]));
  headers.set('x-forwarded-host', hostOf(request));
  const isEmpty = /^(GET|HEAD)$/.test(request.method ?? '');
  const response = await fetch(new URL(request.url ?? '/', url), {
    method: request.method ?? 'GET',
    headers,
    redirect: 'manual',
    ...(!isEmpty && { body }),
  });
  const type = response.headers.get('content-type');
  return { status: response.status, body: await response.text(), ...(type && { headers: { 'content-type': type } }) };
}

/** Sends an answer, at once or in pieces. */
async function write(response: ServerResponse, { status, headers = {}, body = '', pieces = 1 }: Reply): Promise<void> {
  response.writeHead(status, headers);
  const size = Math.max(1, Math.ceil(body.length / pieces));
  for (let at = 0; at < body.length; at += size) {
    response.write(body.slice(at, at + size));
    if (pieces > 1) await sleep(500);
  }
  response.end();
}
