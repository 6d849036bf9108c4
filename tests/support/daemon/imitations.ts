import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { onTestFinished } from '../running-test.ts';

/** An impostor's answer to a request; `port` is its own port. */
type Imitation = (request: string, port: number) => string;

const answer = (head: string, body = ''): string =>
  `HTTP/1.1 ${head}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** Servers that pretend to be a daemon. */
export const IMITATIONS: Readonly<Record<string, Imitation>> = {
  'a web site': () => answer('200 OK', 'hello'),
  'a server that refuses us': () => answer('401 Unauthorized'),
  'a server that asks for our protocol, as a daemon does': () =>
    answer('426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: keepalive.v1'),
  'a server that echoes the request': request => answer('200 OK', `${nonceIn(request)}.${nonceIn(request)}`),
  'a server that invents a proof': () => answer('200 OK', `${'A'.repeat(43)}.${'B'.repeat(43)}`),
  'a server with an endless answer': () => `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(1_000_000)}`,
  'a server that redirects': (_request, port) =>
    answer(`307 Temporary Redirect\r\nLocation: http://127.0.0.1:${port}/other`),
  'a server that closes the connection': () => '',
};

const nonceIn = (request: string): string => /nonce=([\w-]+)/.exec(request)?.[1] ?? '';

export type Recorder = { readonly port: number; readonly received: () => string; readonly connections: () => number };

/** A server at a free port that records everything it receives. */
export async function record(imitate: Imitation): Promise<Recorder> {
  let [received, connections] = ['', 0];
  const server = createServer((socket: Socket) => {
    connections += 1;
    socket
      .on('error', () => undefined)
      .on('data', data => {
        received += data.toString('latin1');
        socket.end(imitate(received, portOf()));
      });
  });
  const portOf = (): number => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  };
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { port: portOf(), received: () => received, connections: () => connections };
}

/** A port that relays everything to another port, both ways, and records it. */
export async function relayTo(target: number): Promise<Recorder> {
  let [received, connections] = ['', 0];
  const server = createServer(socket => {
    connections += 1;
    const onward = connect(target, '127.0.0.1');
    // The relay corrects the Host header, which the daemon checks.
    socket.on('data', data => {
      received += data.toString('latin1');
      onward.write(
        Buffer.from(data.toString('latin1').replaceAll(/127\.0\.0\.1:\d+/g, `127.0.0.1:${target}`), 'latin1'),
      );
    });
    onward.pipe(socket);
    for (const side of [socket, onward])
      side.on('error', () => undefined).on('close', () => (socket.destroy(), onward.destroy()));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    received: () => received,
    connections: () => connections,
  };
}

/** The id of a user that does not exist here. */
const OTHER_USER = 12_345;
export const NO_OTHER_USER =
  process.platform !== 'linux'
    ? 'only Linux shows who owns a port'
    : process.getuid?.() === 0
      ? undefined
      : 'only root can act as another user';

/** Another user's server at a port that was ours. It accepts everything and prints what it receives. */
const TAKER = `
const net = require('node:net');
net.createServer(socket => {
  process.stdout.write('connection\\n');
  socket.on('error', () => {}).on('data', data => {
    process.stdout.write(data);
    socket.end(
      'HTTP/1.1 426 Upgrade Required\\r\\nSec-WebSocket-Protocol: keepalive.v1\\r\\nConnection: close\\r\\n\\r\\n');
  });
}).listen({ port: Number(process.argv[1]), host: process.argv[2] }, function () {
  process.stdout.write('listening ' + this.address().port + '\\n');
});
`;

/** Takes a port as another user, at 127.0.0.1 or `host`. */
export async function takePort(port: number, host = '127.0.0.1'): Promise<Omit<Recorder, 'connections'>> {
  const child = spawn(process.execPath, ['-e', TAKER, String(port), host], {
    uid: OTHER_USER,
    gid: OTHER_USER,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let received = '';
  child.stdout.setEncoding('latin1').on('data', text => void (received += text));
  while (!/^listening \d+\n/.test(received)) await once(child.stdout, 'data');
  const [head = '', bound = ''] = /^listening (\d+)\n/.exec(received) ?? [];
  return { port: Number(bound), received: () => received.slice(head.length) };
}
