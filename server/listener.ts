import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Channel } from '../sdk/client/channel.ts';
import { isKeepaliveError, KeepaliveError } from '../sdk/contract/errors.ts';
import { PROOF_PATH } from '../sdk/client/proof.ts';
import { isForeign } from '../sdk/system/local-request.ts';
import { PendingConnections } from '../sdk/system/pending-connections.ts';
import { authorize, PROTOCOL, RPC_PATH, type AuthConfig, type AuthResult } from './authorize.ts';
import { SocketChannel, type Message } from './channel.ts';
import type { Caller } from './client.ts';
import type { Visitor } from './dispatcher.ts';
import { Keys, type Tokens } from './keys.ts';
import { MAX_MESSAGE_BYTES, type AuthThrottle } from './limits.ts';
import { isForm, isFromElsewhere } from './page-requests.ts';
import type { Pages } from './pages.ts';
import { answerPost, sendEmpty, type Answering } from './post.ts';

// The server is everything that listens and decides who may connect. A connection passes, in this order:
// PendingConnections (how many, and how long), isForeign (Host and Origin), authorize (token, proof or cookie) and
// AuthThrottle (wrong tokens). An accepted WebSocket becomes a SocketChannel for RPC, and an accepted POST gets one
// answer. Pages answers page loads, and Keys shows clients that this is the kernel.

const NEVER_MS = 2 ** 31 - 1;
/** A client may ask for a proof under the token that only reads, and a page for one under its own key. */
const PROOF = new RegExp(`^${PROOF_PATH}\\?(?:(access=read)&|page=([\\w-]{43})&)?nonce=(.*)$`);
const MAX_HEADERS = 100;
const CLOSE_LIMIT_MS = 1_000;
/** No client of ours splits messages. Many small fragments would be held in memory until the last one. */
const MAX_FRAGMENTS = 64;

export type ListenOptions = {
  readonly onChannel: (channel: Channel, caller: Caller, visitor?: Visitor) => void;
  /** Resolves with the text of the answer to a message without a channel; undefined if it needs none. */
  readonly answer: (message: Message, caller: Caller) => Promise<string | undefined>;
  /** Called when a frame is not JSON. */
  readonly onGarbage: (channel: Channel) => void;
  readonly pages: Pages;
  readonly throttle: Pick<AuthThrottle, 'add'>;
  /** The port to try first if any port will do. */
  readonly preferred?: number | undefined;
};

type Gate = ListenOptions & {
  readonly auth: AuthConfig;
  readonly keys: Keys;
  readonly pending: PendingConnections;
};

export type Listener = {
  readonly port: number;
  /** The error code of the configured port, if another one is used. */
  readonly refused?: string | undefined;
  readonly stop: () => Promise<void>;
};

/**
 * Listens on loopback and hands over every authorized connection. If the port is unavailable it uses another: a port
 * must not keep the daemon down. Throws `KA_PORT_UNAVAILABLE` if there is none.
 */
export async function listen(port: number, tokens: Tokens, options: ListenOptions): Promise<Listener> {
  const http = createHttpServer();
  const sockets = createSocketServer();
  const { bound, refused } = port === 0 ? await bindAny(http, options.preferred) : await bindAnyway(http, port);
  options.pages.access.listensAt(bound);
  const keys = new Keys(tokens, bound);
  const pending = new PendingConnections();
  const gate: Gate = { ...options, keys, pending, auth: { port: bound, keys, page: options.pages.access } };
  http.on('connection', socket => pending.add(socket));
  http.on('request', (request, response) => answerRequest(request, response, gate));
  http.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', () => socket.destroy());
    const auth = authorize(request, gate.auth);
    if (!auth.allowed) return refuseUpgrade(socket, statusOf(auth, gate));
    pending.delete(socket);
    sockets.handleUpgrade(request, socket, head, webSocket => {
      if (auth.visit) gate.pages.access.accompany(auth.visit, webSocket);
      gate.onChannel(new SocketChannel(webSocket, socket, gate.onGarbage), auth.caller, auth.visit);
    });
  });
  return { port: bound, refused, stop: () => stop(http, sockets) };
}

function createHttpServer(): Server {
  // Node's own limits wake the process several times a second to check connections, even if there are none.
  const http = createServer({ headersTimeout: 0, requestTimeout: 0, connectionsCheckingInterval: NEVER_MS });
  http.maxRequestsPerSocket = 1;
  // Browsers send a few dozen. Parsing thousands of empty headers would cost a millisecond per request.
  http.maxHeadersCount = MAX_HEADERS;
  return http;
}

const createSocketServer = (): WebSocketServer =>
  new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    maxFragments: MAX_FRAGMENTS,
    perMessageDeflate: false,
    clientTracking: true,
    // The token, which may be offered first, must not be sent back.
    handleProtocols: offered => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });

function answerRequest(request: IncomingMessage, response: ServerResponse, gate: Gate): void {
  // A link file has no origin. Its form carries a code instead.
  if (isForeign(request, gate.auth.port, isForm(request) ? 'allowed' : 'refused'))
    return void response.writeHead(403, { connection: 'close' }).end();
  if (request.url?.startsWith(`${PROOF_PATH}?`)) return answerProof(request, response, gate);
  // Page loads carry neither Origin nor token; `Pages` authenticates them by cookie.
  if (request.url !== RPC_PATH) return void gate.pages.answer(request, response);
  const auth = authorize(request, gate.auth);
  if (!auth.allowed) return void response.writeHead(statusOf(auth, gate), { connection: 'close' }).end();
  answerAuthorized(request, response, { ...gate, answer: message => gate.answer(message, auth.caller) });
}

function answerAuthorized(request: IncomingMessage, response: ServerResponse, gate: Answering): void {
  switch (request.method) {
    case 'POST':
      // A client that has gone needs no answer.
      return void answerPost(request, response, gate).catch(() => request.destroy());
    case 'GET':
      return sendEmpty(response, 426, { upgrade: 'websocket', 'sec-websocket-protocol': PROTOCOL });
    default:
      return sendEmpty(response, 405, { allow: 'GET, POST' });
  }
}

function refuseUpgrade(socket: Socket, status: number): void {
  // Destroyed, because the other side may never close its half.
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}

/** Proves that this is the kernel to any local client but foreign pages. It reveals nothing of the token. */
function answerProof(request: IncomingMessage, response: ServerResponse, { keys, pages }: Gate): void {
  const { method, url = '' } = request;
  const headers = {
    connection: 'close',
    'cache-control': 'no-store',
    'content-type': 'text/plain',
    'cross-origin-resource-policy': 'same-origin',
  };
  if (method !== 'GET') return void response.writeHead(405, headers).end();
  if (isFromElsewhere(request)) return void response.writeHead(403, headers).end();
  const [, read, page, nonce = ''] = PROOF.exec(url) ?? [];
  const proof = page === undefined ? keys.prove(read ? 'read' : 'full', nonce) : pages.access.prove(page, nonce);
  response.writeHead(proof === undefined ? 400 : 200, headers).end(proof);
}

/** After too many wrong tokens, answer 429 instead of 401. */
const statusOf = ({ status, wrongToken }: AuthResult & { readonly allowed: false }, { throttle }: Gate): number =>
  wrongToken && throttle.add() ? 429 : status;

/** The preferred port, so that an open page and a bookmark stay good; any other one if it is taken. */
async function bindAny(http: Server, preferred = 0): Promise<{ readonly bound: number; readonly refused?: undefined }> {
  const bound = await bind(http, preferred).catch((error: unknown) => {
    if (preferred === 0) throw error;
    return bind(http, 0);
  });
  return { bound };
}

async function bindAnyway(http: Server, port: number): Promise<{ readonly bound: number; readonly refused?: string }> {
  try {
    return { bound: await bind(http, port) };
  } catch (error) {
    if (!isKeepaliveError(error)) throw error;
    return { bound: await bind(http, 0), refused: String(error.details['reason']) };
  }
}

function bind(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) =>
      reject(new KeepaliveError('KA_PORT_UNAVAILABLE', { port, reason: error.code }, error)),
    );
    // Always loopback. No setting changes that.
    http.listen(port, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}

const stop = (http: Server, sockets: WebSocketServer): Promise<void> =>
  new Promise(resolve => {
    for (const client of sockets.clients) client.close(1001);
    const force = setTimeout(() => sockets.clients.forEach(client => client.terminate()), CLOSE_LIMIT_MS);
    http.close(() => {
      clearTimeout(force);
      resolve();
    });
    http.closeAllConnections();
  });
