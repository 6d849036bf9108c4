import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openDoor } from '../support/door.ts';

let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.end());

/** How long the daemon lets a socket be, in milliseconds; one that stays never closes its own half. */
function lifeOf(behave: (socket: Socket) => void, { stays = false } = {}): Promise<number> {
  return new Promise(resolve => {
    const socket = connect({ port: door.port, host: '127.0.0.1', allowHalfOpen: stays });
    const began = performance.now();
    // Writing to a peer that only closed its half still works; one that is gone resets.
    const poke = stays && setInterval(() => socket.write('x'), 100);
    socket.resume().on('error', () => undefined);
    socket.once('close', () => {
      if (poke) clearInterval(poke);
      resolve(performance.now() - began);
    });
    behave(socket);
  });
}

const HEAD = () => `GET /rpc HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\n`;
const UPGRADE = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

/** Sends a byte now and then, for ever. */
const drip = (text: string) => (socket: Socket): void => {
  socket.write(text.slice(0, 1));
  let at = 1;
  const timer = setInterval(() => {
    if (at < text.length) socket.write(text.slice(at, at += 1));
    else socket.write('a');
  }, 100);
  socket.once('close', () => clearInterval(timer));
};

// The row itself is a time: five seconds, and one more for a busy machine.
const LIMIT_MS = 6_000;

test('S6: who says nothing, drips, or is refused and stays, is cut off', { timeout: 20_000 }, async () => {
  const lives = await Promise.all([
    lifeOf(() => undefined),
    lifeOf(drip(`${HEAD()}X-Slow: `)),
    lifeOf(socket => void socket.write(`${HEAD()}Content-Length: 1000\r\n\r\n`)),
    lifeOf(socket => void socket.write(HEAD() + UPGRADE), { stays: true }),
    lifeOf(socket => void socket.write(`${HEAD()}Authorization: Bearer wrong\r\n${UPGRADE}`), { stays: true }),
    lifeOf(socket => void socket.write(`${HEAD()}\r\n`), { stays: true }),
  ]);
  expect(lives.filter(ms => ms > LIMIT_MS)).toEqual([]);
  expect(await door.handshake({ headers: door.good })).toBe(101);
});

test('S6: who asks and does not read is dropped when 4 MiB wait for it, and the others are served', async () => {
  const greedy = new WebSocket(door.endpoint.url, { headers: door.good });
  greedy.on('error', () => undefined);
  await once(greedy, 'open');
  greedy.pause();
  // A reader that reads is not dropped by the same questions.
  const reader = new WebSocket(door.endpoint.url, { headers: door.good });
  await once(reader, 'open');
  const answers: unknown[] = [];
  reader.on('message', data => {
    const { id } = JSON.parse(String(data));
    if (id !== undefined) answers.push(id);
  });
  let asked = 0;
  // It cannot see that it was dropped, as it reads nothing; but then its questions are not taken any more.
  while (greedy.readyState === WebSocket.OPEN) {
    for (const socket of [greedy, reader]) socket.send(JSON.stringify({ jsonrpc: '2.0', id: asked, method: 'rpc.discover' }));
    asked += 1;
    await door.daemon.client.request('kernel/info');
  }
  expect(asked).toBeGreaterThan(10);
  for (const last = asked; answers.length < last;) await once(reader, 'message');
  expect(reader.readyState).toBe(WebSocket.OPEN);
  reader.close();
  greedy.terminate();
});

test('S6: a message in very many parts is not collected', async () => {
  const socket = new WebSocket(door.endpoint.url, { headers: door.good });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const closed = once(socket, 'close');
  for (let part = 0; part < 100; part += 1) socket.send('1', { fin: false });
  const [code] = (await closed) as [number];
  expect(code).toBe(1008);
});
