import { createServer, STATUS_CODES, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Channel } from '../../sdk/channel.ts';
import { KeepaliveError } from '../../sdk/errors.ts';
import { judge, PROTOCOL, RPC_PATH, type Verdict } from './access.ts';
import { channelOver } from './channel.ts';
import type { Guesses } from './guesses.ts';
import type { Pages } from './pages.ts';
import { Strangers } from './strangers.ts';

const MAX_FRAME_BYTES = 1024 * 1024;
const NEVER_MS = 2 ** 31 - 1;
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

export type Listener = { readonly port: number; readonly stop: () => Promise<void> };

/** Listens on loopback and hands over every connection that may pass. Throws `KA_PORT_UNAVAILABLE`. */
export async function listen(port: number, token: string, { onChannel, onGarbage, pages, guesses }: Guests): Promise<Listener> {
  // Node's own limits wake it up several times a second to look at its connections, also where there are none.
  const http = createServer({ headersTimeout: 0, requestTimeout: 0, connectionsCheckingInterval: NEVER_MS });
  http.maxRequestsPerSocket = 1;
  const sockets = new WebSocketServer({
    noServer: true, maxPayload: MAX_FRAME_BYTES, maxFragments: MAX_FRAGMENTS, perMessageDeflate: false, clientTracking: true,
    // Whatever was offered first, the token is not said back.
    handleProtocols: offered => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  const bound = await bind(http, port);
  const door = { port: bound, token, page: pages.access };
  const strangers = new Strangers();
  http.on('connection', socket => strangers.add(socket));
  http.on('request', (request, response) => {
    const verdict = judge(request, door);
    // What browsers show they ask for without an Origin, and without the token; that has a door of its own.
    if (request.url !== RPC_PATH && (verdict.allowed || verdict.status !== 403)) return void pages.answer(request, response);
    if (verdict.allowed) response.writeHead(426, { connection: 'close', upgrade: 'websocket', 'sec-websocket-protocol': PROTOCOL }).end();
    else response.writeHead(statusOf(verdict, guesses), { connection: 'close' }).end();
  });
  http.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', () => socket.destroy());
    const verdict = judge(request, door);
    if (!verdict.allowed) {
      const status = statusOf(verdict, guesses);
      // Whether or not the other side ever closes its half.
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
      return;
    }
    strangers.delete(socket);
    sockets.handleUpgrade(request, socket, head, webSocket => {
      const channel = channelOver(webSocket, onGarbage);
      onChannel(channel);
    });
  });
  return {
    port: bound,
    stop: () => new Promise(resolve => {
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

/** Of more guesses than a mistake can explain, most are told only that they are too many. */
const statusOf = ({ status, guessed }: Exclude<Verdict, { readonly allowed: true }>, guesses: Guests['guesses']): number => (guessed && guesses.add() ? 429 : status);

function bind(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(new KeepaliveError('KA_PORT_UNAVAILABLE', { port, reason: error.code }, error)));
    // Never any other address: loopback is part of the promise, not a setting.
    http.listen(port, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}
