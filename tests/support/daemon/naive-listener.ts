import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
/** A valid answer for a browser, by its Accept header. */
const ANSWERS: readonly (readonly [accept: string, type: string, body: string | Buffer])[] = [
  ['text/html', 'text/html', '<p>page'],
  ['image/', 'image/gif', GIF],
  ['text/css', 'text/css', 'body { color: red }'],
  ['', 'text/javascript', 'export default ["all sessions"];'],
];

/**
 * A server that trusts everything on loopback: it checks no Host, Origin or token, lets every page read its answers,
 * and its links never expire. An attack that fails at the daemon has to succeed here, or the attack proves nothing.
 */
export async function naiveServer() {
  const acted: string[] = [];
  const server = createServer(
    (request, response) => void answer(request, response, acted).catch(() => response.destroy()),
  );
  const sockets = new WebSocketServer({ server, handleProtocols: ([first]) => first ?? false });
  sockets.on('connection', socket =>
    socket.on('error', () => undefined).on('message', data => void acted.push(String(data))),
  );
  server.listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    /** The requests that it executed. */
    acted: acted as readonly string[],
    stop() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, acted: string[]): Promise<void> {
  const {
    method,
    url = '/',
    headers: { origin = '*', accept = '', 'access-control-request-headers': asked = '' },
  } = request;
  const open = {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': asked,
    vary: 'origin',
  };
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  if (body) acted.push(body);
  if (method === 'OPTIONS') return void response.writeHead(204, open).end();
  if (url.startsWith('/open/'))
    return void response.writeHead(303, { ...open, location: '/page/', 'set-cookie': 'keepalive=key; Path=/' }).end();
  if (accept.includes('text/event-stream'))
    return void response.writeHead(200, { ...open, 'content-type': 'text/event-stream' }).write('data: 1\n\n');
  const [, type, content] = ANSWERS.find(([wanted]) => accept.includes(wanted)) ?? [];
  response.writeHead(200, { ...open, 'content-type': type }).end(content);
}
