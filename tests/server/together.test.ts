import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { SocketChannel } from '../../server/channel.ts';

/** A WebSocket in memory, and the sizes of the writes that reach its connection. */
class Socket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly writes: number[] = [];
  readonly stream = new Writable({
    write: (chunk, _encoding, done) => (this.writes.push(chunk.length), done()),
    writev: (chunks, done) => (this.writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0)), done()),
  });

  get bufferedAmount(): number {
    return this.stream.writableLength;
  }

  send(data: Buffer, _options: object, sent: () => void): void {
    this.stream.write(data, sent);
  }
}

function connected() {
  const socket = new Socket();
  const channel = new SocketChannel(socket as unknown as WebSocket, socket.stream, () => undefined);
  return { channel, socket };
}

const nextTask = () => new Promise(setImmediate);
const message = { text: 'x'.repeat(1_000) };
const { length } = JSON.stringify(message);

test('messages that are sent in one task leave in one write, also those of its promises', async () => {
  const { channel, socket } = connected();
  channel.send(message);
  await Promise.all(Array.from({ length: 20 }, async () => (await undefined, channel.send(message))));
  await nextTask();
  expect(socket.writes.reduce((sum, size) => sum + size, 0)).toBe(21 * length);
  expect(socket.writes.length).toBeLessThanOrEqual(2);
});

test('many are not held back until the task ends', async () => {
  const { channel, socket } = connected();
  for (let n = 0; n < 1_000; n += 1) channel.send(message);
  expect(socket.bufferedAmount).toBeLessThan(100_000);
  await nextTask();
  expect(socket.writes.reduce((sum, size) => sum + size, 0)).toBe(1_000 * length);
  expect(Math.max(...socket.writes)).toBeLessThan(100_000);
});
