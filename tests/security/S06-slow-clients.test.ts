import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { silentLog } from '../../runtime/log/log.ts';
import { AuthThrottle as Guesses } from '../../server/limits.ts';
import { listen } from '../../server/listener.ts';
import { Pages } from '../../server/pages.ts';
import type { Channel } from '../../sdk/client/channel.ts';
import { connect as connectClient } from '../../sdk/client/client.ts';
import { temporaryHome } from '../support/daemon/daemon.ts';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { naiveServer } from '../support/daemon/naive-listener.ts';
import { IS_TORTURE, times } from '../support/runs.ts';
import { UPGRADE } from '../support/websocket-upgrade.ts';

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
let naive: Awaited<ReturnType<typeof naiveServer>>;
beforeAll(async () => {
  [door, naive] = await Promise.all([daemonWithRawClient(), naiveServer()]);
});
afterAll(async () => {
  naive.stop();
  await door.end();
});

const MIB = 1024 * 1024;

type Way = { readonly behave: (socket: Socket, port: number) => void; readonly stays?: boolean };

const head = (port: number, path = '/rpc') => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;

/** Repeats an action at intervals until the socket is closed. */
function repeat(socket: Socket, act: (turn: number) => void): void {
  let turn = 0;
  const timer = setInterval(() => act((turn += 1)), 100);
  socket.once('close', () => clearInterval(timer));
}

/** Ways to stay connected without sending the token. A client that `stays` never closes its own half. */
const WAYS: Readonly<Record<string, Way>> = {
  'sends nothing': { behave: () => undefined },
  'sends its headers byte by byte': {
    behave: (socket, port) => repeat(socket, turn => void socket.write(`${head(port)}X-Slow: `[turn - 1] ?? 'a')),
  },
  'promises a body': { behave: (socket, port) => void socket.write(`${head(port)}Content-Length: 1000\r\n\r\n`) },
  'sends a body byte by byte': {
    behave(socket, port) {
      socket.write(`${head(port, '/')}Content-Length: 100000\r\n\r\n`);
      repeat(socket, () => void socket.write('x'));
    },
  },
  'requests a page repeatedly': {
    behave: (socket, port) => repeat(socket, () => void socket.write(`${head(port, '/')}\r\n`)),
  },
  'is refused without a token and stays': {
    behave: (socket, port) => void socket.write(`${head(port)}${UPGRADE}\r\n`),
    stays: true,
  },
  'is refused with a wrong token and stays': {
    behave: (socket, port) => void socket.write(`${head(port)}Authorization: Bearer wrong\r\n${UPGRADE}\r\n`),
    stays: true,
  },
  'sends a request without an upgrade and stays': {
    behave: (socket, port) => void socket.write(`${head(port)}\r\n`),
    stays: true,
  },
};

/** Connects a client with this behaviour. Resolves with the milliseconds until it was disconnected. */
function visitor(
  port: number,
  { behave, stays = false }: Way,
): { readonly socket: Socket; readonly life: Promise<number> } {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: stays });
  const began = performance.now();
  // Writing to a peer that closed only its half still works. One that is gone resets the connection.
  const poke = stays && setInterval(() => socket.write('x'), 100);
  socket.resume().on('error', () => undefined);
  const life = new Promise<number>(
    resolve =>
      void socket.once('close', () => {
        if (poke) clearInterval(poke);
        resolve(performance.now() - began);
      }),
  );
  behave(socket, port);
  return { socket, life };
}

/** Asserted in full runs, on a mostly idle machine. */
const LIMIT_MS = 5_000;

test(
  'S6: a client that never sends the token is disconnected within 5 seconds',
  { timeout: 60_000 },
  async ({ annotate }) => {
    const each = times(3, 60);
    // The control: Node's default server waits for minutes.
    const elsewhere = Object.values(WAYS).map(way => visitor(naive.port, way));
    const lives = await Promise.all(
      Object.entries(WAYS).map(async ([name, way]) => {
        const all = await Promise.all(Array.from({ length: each }, () => visitor(door.port, way).life));
        return [name, Math.max(...all)] as const;
      }),
    );
    // Short runs compare only with the control below, whose clients stay connected meanwhile.
    if (IS_TORTURE) expect(lives.filter(([, ms]) => ms > LIMIT_MS)).toEqual([]);
    expect(await door.handshake({ headers: door.good })).toBe(101);
    const open = elsewhere.filter(({ socket }) => !socket.destroyed).length;
    for (const { socket } of elsewhere) socket.destroy();
    expect(open).toBeGreaterThan(4);
    await annotate(`${each} each: ${lives.map(([name, ms]) => `${name}: ${Math.round(ms)} ms`).join('; ')}`);
    await annotate(`control: ${open} of ${elsewhere.length} still open at a server without the limits`);
  },
);

test(
  'S6: the number of silent connections is limited, and a client with the token is served meanwhile',
  { timeout: 60_000 },
  async ({ annotate }) => {
    const count = times(700, 5_000);
    const crowd = (port: number) => {
      const sockets = Array.from({ length: count }, () =>
        connect(port, '127.0.0.1')
          .resume()
          .on('error', () => undefined),
      );
      onTestFinished(() => sockets.forEach(socket => socket.destroy()));
      return sockets;
    };
    const isOpen = (socket: Socket) => !socket.connecting && !socket.destroyed;
    crowd(door.port);
    const { home, pid } = await door.daemon.client.request('kernel/info');
    const began = performance.now();
    const client = await connectClient({ endpointFile: `${home}/endpoint.json` });
    const { lastAttempt } = await client.request('session/refresh', { id: 'mine', force: true });
    const ms = performance.now() - began;
    let held = 0;
    // The system accepts connections before the daemon does, so the daemon's own open files are counted if possible.
    for (let look = 0; look < 100; look += 1) {
      held = Math.max(held, existsSync(`/proc/${pid}/fd`) ? readdirSync(`/proc/${pid}/fd`).length : 0);
      await client.request('kernel/info');
    }
    client.close();
    expect([lastAttempt?.outcome, held < 512 + 100]).toEqual(['refreshed', true]);
    const others = crowd(naive.port);
    await expect.poll(() => others.filter(isOpen).length, { timeout: 30_000 }).toBe(count);
    await annotate(
      `${count} at once: never more than ${held} files open in the daemon; ` +
        `a client with the token had its session refreshed in ${Math.round(ms)} ms`,
    );
    await annotate(`control: a server without the limit holds all ${count}`);
  },
);

test('S6: a client that is dropped before it was served retries a limited number of times', async () => {
  let knocks = 0;
  const server = createServer(socket => {
    knocks += 1;
    socket.resetAndDestroy();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const file = join(
    temporaryHome({
      'endpoint.json': JSON.stringify({ url: `ws://127.0.0.1:${port}/rpc`, token: 'key', pid: process.pid }),
    }),
    'endpoint.json',
  );
  await expect(connectClient({ endpointFile: file })).rejects.toMatchObject({ code: 'KA_RPC_NO_DAEMON' });
  expect(knocks).toBe(10);
});

/** A client that has the token and does not read. */
async function notReading(port: number, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers: { authorization: `Bearer ${token}` } });
  socket.on('error', () => undefined);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.pause();
  return socket;
}

/** How many bytes are buffered in the newest socket that this process's server at the port accepted. */
function waitingAt(port: number): () => number {
  let newest: Socket | undefined;
  const note = (message: unknown) => {
    if (
      typeof message === 'object' &&
      message !== null &&
      'socket' in message &&
      message.socket instanceof Socket &&
      message.socket.localPort === port
    )
      newest = message.socket;
  };
  subscribe('net.server.socket', note);
  onTestFinished(() => void unsubscribe('net.server.socket', note));
  return () => newest?.writableLength ?? 0;
}

const ANSWER = { text: 'x'.repeat(100_000) };

test('S6: at most 4 MiB and one answer are buffered for a client that does not read', async ({ annotate }) => {
  const channels: Channel[] = [];
  const { port, stop } = await listen(
    0,
    { token: 'token', readToken: 'read' },
    {
      answer: async () => undefined,
      onChannel: channel => void channels.push(channel),
      onGarbage: () => undefined,
      pages: new Pages(silentLog()),
      throttle: new Guesses(() => undefined),
    },
  );
  onTestFinished(stop);
  const waiting = waitingAt(port);
  await notReading(port, 'token');
  const [channel] = channels;
  const dropped = new AbortController();
  channel?.onClose(() => dropped.abort());
  let [most, sent] = [0, 0];
  while (!dropped.signal.aborted) {
    channel?.send(ANSWER);
    sent += 1;
    most = Math.max(most, waiting());
    await new Promise(resolve => setImmediate(resolve));
  }
  expect(most).toBeGreaterThan(3 * MIB);
  expect(most).toBeLessThan(4 * MIB + 2 * ANSWER.text.length);
  await annotate(
    `dropped after ${sent} answers of 100 kB; at most ${(most / MIB).toFixed(2)} MiB waited in the daemon, ` +
      'the rest in the system',
  );
});

test('S6 control: without the limit, everything is buffered', async ({ annotate }) => {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  const { port } = server.address() as AddressInfo;
  const waiting = waitingAt(port);
  await notReading(port, 'any');
  const [channel] = await connected;
  onTestFinished(() => channel.terminate());
  for (let sent = 0; sent < 400; sent += 1) channel.send(JSON.stringify(ANSWER));
  expect([channel.readyState, waiting() > 16 * MIB]).toEqual([WebSocket.OPEN, true]);
  await annotate(`${(waiting() / MIB).toFixed(0)} MiB waited`);
});

test('S6: a real daemon drops a client that sends requests and does not read, and serves the others', async () => {
  const greedy = await notReading(door.port, door.endpoint.token);
  // A client that reads is not dropped for the same requests.
  const reader = new WebSocket(door.endpoint.url, { headers: door.good });
  await once(reader, 'open');
  const answers: unknown[] = [];
  reader.on('message', data => {
    const { id } = JSON.parse(String(data));
    if (id !== undefined) answers.push(id);
  });
  let asked = 0;
  // It cannot see that it was dropped, for it reads nothing, but its requests are no longer accepted.
  while (greedy.readyState === WebSocket.OPEN) {
    for (const socket of [greedy, reader])
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: asked, method: 'rpc.discover' }));
    asked += 1;
    await door.daemon.client.request('kernel/info');
  }
  expect(asked).toBeGreaterThan(10);
  for (const last = asked; answers.length < last;) await once(reader, 'message');
  expect(reader.readyState).toBe(WebSocket.OPEN);
  reader.close();
});

test('S6: a message in very many fragments is not buffered', async () => {
  const socket = new WebSocket(door.endpoint.url, { headers: door.good });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const closed = once(socket, 'close');
  for (let part = 0; part < 100; part += 1) socket.send('1', { fin: false });
  const [code] = (await closed) as [number];
  expect(code).toBe(1008);
});
