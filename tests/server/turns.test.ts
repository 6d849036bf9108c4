import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { silentLog } from '../../runtime/log/log.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import type { Channel } from '../../sdk/client/channel.ts';
import type { RpcHandlers } from '../../sdk/contract/rpc.ts';
import { METHODS } from '../../sdk/contract/rpc-schema.ts';
import { SocketChannel } from '../../server/channel.ts';
import { Dispatcher } from '../../server/dispatcher.ts';

/** A WebSocket in memory, and the writes that reach its connection. */
class Socket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly isPaused = false;
  readonly writes: string[] = [];
  readonly stream = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => (this.writes.push(String(chunk)), done()),
    writev: (chunks, done) => (this.writes.push(chunks.map(({ chunk }) => String(chunk)).join('\n')), done()),
  });

  get bufferedAmount(): number {
    return this.stream.writableLength;
  }

  get messages(): readonly { readonly id?: unknown }[] {
    return this.writes.flatMap(write => write.split('\n').map(text => JSON.parse(text)));
  }

  send(data: Buffer, _options: object, sent: () => void): void {
    this.stream.write(data, sent);
  }

  receive(...messages: readonly object[]): void {
    for (const message of messages) this.emit('message', Buffer.from(JSON.stringify(message)), false);
  }

  pause(): void {}
  resume(): void {}
}

const dispatcherWith = (handlers: Partial<RpcHandlers> = {}): Dispatcher => {
  const none = Object.fromEntries(Object.keys(METHODS).map(method => [method, () => null]));
  return new Dispatcher({ ...none, ...handlers } as RpcHandlers, silentLog(), new Scrubber());
};

function connect(dispatcher: Dispatcher): Socket {
  const socket = new Socket();
  const channel = new SocketChannel(socket as unknown as WebSocket, socket.stream, c => dispatcher.refuse(c));
  dispatcher.attach(channel);
  return socket;
}

const calls = (count: number, method = 'notice/list') =>
  Array.from({ length: count }, (_, id) => ({ jsonrpc: '2.0', id, method }));

const idsOf = ({ messages }: Socket) => messages.map(({ id }) => id);

test.for([0, 1, 10, 1_000])(
  'a notification to %i clients is serialised once, and not at all without clients',
  async count => {
    const dispatcher = dispatcherWith();
    const clients = Array.from({ length: count }, () => connect(dispatcher));
    let times = 0;
    dispatcher.announce('session/didChange', { toJSON: () => ({ times: (times += 1) }) });
    expect(times).toBe(Math.min(1, count));
    await nextTurn();
    const expected = { jsonrpc: '2.0', method: 'session/didChange', params: { times: 1 } };
    expect(clients.map(({ messages }) => messages)).toEqual(clients.map(() => [expected]));
  },
);

test('a channel that sends no text gets a notification as an object', () => {
  const dispatcher = dispatcherWith();
  const sent: unknown[] = [];
  const ignore = () => undefined;
  const inMemory: Channel = { send: message => sent.push(message), onMessage: ignore, onClose: ignore, close: ignore };
  dispatcher.attach(inMemory);
  const session = { id: 'mine' };
  dispatcher.announce('session/didChange', session);
  expect(sent).toEqual([{ jsonrpc: '2.0', method: 'session/didChange', params: session }]);
});

test('answers that are ready together leave in one write, in the order of the calls', async () => {
  const socket = connect(dispatcherWith());
  socket.receive(...calls(64));
  while (socket.messages.length < 64) await nextTurn();
  expect(socket.writes.length).toBe(4);
  expect(idsOf(socket)).toEqual([...Array(64).keys()]);
});

test('a client with many calls does not delay the call of another one', async () => {
  const dispatcher = dispatcherWith();
  const [busy, other] = [connect(dispatcher), connect(dispatcher)];
  busy.receive(...calls(100));
  other.receive(...calls(1));
  await nextTurn();
  expect([idsOf(busy).length, idsOf(other).length]).toEqual([16, 1]);
});

test('no further call is taken before an answer that is ready in a moment', async () => {
  const taken: string[] = [];
  const later = async () => (await undefined, taken.push('later'), []);
  const socket = connect(dispatcherWith({ 'plugin/list': later, 'notice/list': () => (taken.push('at once'), []) }));
  socket.receive(...calls(1, 'plugin/list'), ...calls(1));
  while (socket.messages.length < 2) await nextTurn();
  expect(taken).toEqual(['later', 'at once']);
});

test('a call that takes long does not hold back those after it', async () => {
  const socket = connect(dispatcherWith({ 'plugin/list': () => new Promise(() => undefined) }));
  socket.receive(...calls(1, 'plugin/list'), ...calls(3));
  while (socket.messages.length < 3) await nextTurn();
  expect(idsOf(socket)).toEqual([0, 1, 2]);
});

test('a large answer ends the turn', async () => {
  const large = { a: 'x'.repeat(2 ** 20) };
  const socket = connect(dispatcherWith({ 'rpc.discover': () => large }));
  socket.receive(...calls(5, 'rpc.discover'));
  await nextTurn();
  expect(idsOf(socket)).toEqual([0]);
});

test('a large batch does not delay the call of another client, and is answered whole and in its order', async () => {
  const dispatcher = dispatcherWith();
  const [busy, other] = [connect(dispatcher), connect(dispatcher)];
  busy.emit('message', Buffer.from(JSON.stringify(calls(1_000))), false);
  await nextTurn();
  other.receive(...calls(1));
  while (other.messages.length < 1) await nextTurn();
  expect(busy.messages).toEqual([]);
  while (busy.messages.length < 1) await nextTurn();
  expect(busy.messages).toEqual([calls(1_000).map(({ id }) => ({ jsonrpc: '2.0', id, result: null }))]);
});

test('a batch of notifications does not delay the call of another client either', async () => {
  const taken: number[] = [];
  const dispatcher = dispatcherWith({ 'plugin/list': () => (taken.push(1), []) });
  const [busy, other] = [connect(dispatcher), connect(dispatcher)];
  const notifications = Array.from({ length: 1_000 }, () => ({ jsonrpc: '2.0', method: 'plugin/list' }));
  busy.emit('message', Buffer.from(JSON.stringify(notifications)), false);
  await nextTurn();
  other.receive(...calls(1));
  while (other.messages.length < 1) await nextTurn();
  expect(taken.length).toBeLessThan(1_000);
  while (taken.length < 1_000) await nextTurn();
});
