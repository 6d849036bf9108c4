import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Channel } from '../sdk/client/channel.ts';
import { isKeepaliveError, KeepaliveError } from '../sdk/contract/errors.ts';
import { PROOF_PATH } from '../sdk/client/proof.ts';
import { isForeign, judge, PROTOCOL, RPC_PATH, type Verdict } from './authorize.ts';
import { channelOver } from './channel.ts';
import type { Guesses } from './throttle.ts';
import { isForm, isFromElsewhere, type Pages } from './pages.ts';
import { Proofs } from './proofs.ts';
import { Strangers } from './pending-connections.ts';

const MAX_FRAME_BYTES = 1024 * 1024;
const NEVER_MS = 2 ** 31 - 1;
const MAX_HEADERS = 100;
const CLOSE_LIMIT_MS = 1_000;
/** No client of ours sends a message in parts; many small ones would be held in memory until the last. */
const MAX_FRAGMENTS = 64;

export type Guests = {
  readonly onChannel: (channel: Channel) => void;
  /** Called where a frame is not JSON. */
  readonly onGarbage: (channel: Channel) => void;
  readonly pages: Pages;
  readonly guesses: Pick<Guesses, 'add'>;
};

export type Listener = {
  readonly port: number;
  /** The error code of the configured port, if another one is used. */
  readonly refused?: string | undefined;
  readonly stop: () => Promise<void>;
};

/**
 * Listens on loopback and hands over every connection that may pass. If the port is unavailable it uses another: a port
 * must not keep the daemon down. Throws `KA_PORT_UNAVAILABLE` if there is none.
 */
export async function listen(
  port: number,
  token: string,
  { onChannel, onGarbage, pages, guesses }: Guests,
): Promise<Listener> {
  // Node's own limits wake it up several times a second to look at its connections, also where there are none.
  const http = createServer({ headersTimeout: 0, requestTimeout: 0, connectionsCheckingInterval: NEVER_MS });
  http.maxRequestsPerSocket = 1;
  // Browsers send a few dozen. Parsing thousands of empty headers would cost a millisecond per request.
  http.maxHeadersCount = MAX_HEADERS;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    maxFragments: MAX_FRAGMENTS,
    perMessageDeflate: false,
    clientTracking: true,
    // Whatever was offered first, the token is not said back.
    handleProtocols: offered => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  const { bound, refused } = await bindAnyway(http, port);
  const proofs = new Proofs(token, bound);
  const door = { port: bound, token, proofs, page: pages.access };
  const strangers = new Strangers();
  http.on('connection', socket => strangers.add(socket));
  http.on('request', (request, response) => {
    // A file that opens the page has no origin. Its form carries a code instead.
    if (isForeign(request, bound, isForm(request) ? 'allowed' : 'refused')) {
      return void response.writeHead(403, { connection: 'close' }).end();
    }
    if (request.url?.startsWith(`${PROOF_PATH}?`)) return answerProof(request, response, proofs);
    // Page loads carry neither Origin nor token; `Pages` knows them by their cookie.
    if (request.url !== RPC_PATH) return void pages.answer(request, response);
    const verdict = judge(request, door);
    if (verdict.allowed)
      response.writeHead(426, { connection: 'close', upgrade: 'websocket', 'sec-websocket-protocol': PROTOCOL }).end();
    else response.writeHead(statusOf(verdict, guesses), { connection: 'close' }).end();
  });
  http.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', () => socket.destroy());
    const verdict = judge(request, door);
    if (!verdict.allowed) {
      const status = statusOf(verdict, guesses);
      // Whether or not the other side ever closes its half.
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () =>
        socket.destroy(),
      );
      return;
    }
    strangers.delete(socket);
    sockets.handleUpgrade(request, socket, head, webSocket => {
      if (verdict.visit) pages.access.accompany(verdict.visit, webSocket);
      const channel = channelOver(webSocket, onGarbage);
      onChannel(channel);
    });
  });
  return {
    port: bound,
    refused,
    stop: () =>
      new Promise(resolve => {
        for (const client of sockets.clients) client.close(1001);
        const force = setTimeout(() => sockets.clients.forEach(client => client.terminate()), CLOSE_LIMIT_MS);
        http.close(() => {
          clearTimeout(force);
          resolve();
        });
        http.closeAllConnections();
      }),
  };
}

/** Proves that this is the kernel to any local client but foreign pages. It reveals nothing of the token. */
function answerProof(request: IncomingMessage, response: ServerResponse, proofs: Proofs): void {
  const { method, url = '' } = request;
  const headers = {
    connection: 'close',
    'cache-control': 'no-store',
    'content-type': 'text/plain',
    'cross-origin-resource-policy': 'same-origin',
  };
  if (method !== 'GET') return void response.writeHead(405, headers).end();
  if (isFromElsewhere(request)) return void response.writeHead(403, headers).end();
  const proof = proofs.answer(url.slice(`${PROOF_PATH}?nonce=`.length));
  response.writeHead(proof === undefined ? 400 : 200, headers).end(proof);
}

/** Of more guesses than a mistake can explain, most are told only that they are too many. */
const statusOf = (
  { status, guessed }: Exclude<Verdict, { readonly allowed: true }>,
  guesses: Guests['guesses'],
): number => (guessed && guesses.add() ? 429 : status);

async function bindAnyway(http: Server, port: number): Promise<{ readonly bound: number; readonly refused?: string }> {
  try {
    return { bound: await bind(http, port) };
  } catch (error) {
    if (port === 0 || !isKeepaliveError(error)) throw error;
    return { bound: await bind(http, 0), refused: String(error.details['reason']) };
  }
}

function bind(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) =>
      reject(new KeepaliveError('KA_PORT_UNAVAILABLE', { port, reason: error.code }, error)),
    );
    // Never any other address: loopback is part of the promise, not a setting.
    http.listen(port, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}
