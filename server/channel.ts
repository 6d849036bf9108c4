import type { WebSocket } from 'ws';
import type { Channel } from '../sdk/client/channel.ts';
import { textOf } from './text.ts';

/** While this much waits for a client, its next messages wait too: who asks faster than it reads is answered as fast as it reads. */
const ENOUGH_BYTES = 1024 * 1024;
/** One that reads nothing for so long meanwhile is dropped, … */
const UNREAD_LIMIT_MS = 4_000;
/** … and so is one for which this much waits, besides the largest of it: that may be one answer, and just sent. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const CLOSE_LIMIT_MS = 1_000;
/** So many messages of a client are under way, and about as many read ahead. The others stay in its socket, and not in our memory. */
const MAX_OPEN = 128;

type Message = { readonly value: unknown } | undefined;

/** Traffic over a WebSocket. `onGarbage` is called where a frame is not JSON. */
export function channelOver(socket: WebSocket, onGarbage: (channel: Channel) => void): Channel {
  const untaken: Message[] = [];
  let listen: (message: unknown) => void | Promise<void> = () => undefined;
  let open = 0;
  let largest = 0;
  let turn: NodeJS.Immediate | undefined;
  let patience: NodeJS.Timeout | undefined;
  const channel: Channel = {
    send(message) {
      if (socket.bufferedAmount === 0) largest = 0;
      if (socket.bufferedAmount - largest > MAX_WAITING_BYTES) return socket.terminate();
      if (socket.readyState !== socket.OPEN) return;
      const data = Buffer.from(textOf(message));
      largest = Math.max(largest, data.length);
      socket.send(data, { binary: false }, read);
    },
    onMessage: listener => void (listen = listener),
    onClose: listener => void socket.once('close', listener),
    close: () => socket.close(1001),
  };

  /** One message in a turn of the event loop: most are answered before the next one, and the answer is seen to wait. */
  function take(): void {
    turn = undefined;
    if (open >= MAX_OPEN) return;
    if (socket.bufferedAmount > ENOUGH_BYTES) {
      socket.pause();
      patience ??= setTimeout(() => socket.terminate(), UNREAD_LIMIT_MS);
      return;
    }
    void answer(untaken.shift());
    if (untaken.length > 0) takeNext();
    else if (socket.isPaused) socket.resume();
  }

  async function answer(message: Message): Promise<void> {
    open += 1;
    await (message ? listen(message.value) : onGarbage(channel));
    open -= 1;
    if (untaken.length > 0) takeNext();
  }

  const takeNext = () => void (turn ??= setImmediate(take));

  function read(): void {
    clearTimeout(patience);
    patience = undefined;
    if (untaken.length > 0) takeNext();
  }

  // What it did wrong is being told to the client; cut off at once, it would not hear it.
  socket.on('error', () => setTimeout(() => socket.terminate(), CLOSE_LIMIT_MS).unref());
  socket.on('close', () => clearTimeout(patience));
  socket.on('message', (data, isBinary) => {
    untaken.push(isBinary ? undefined : parse(String(data)));
    if (untaken.length >= MAX_OPEN) socket.pause();
    takeNext();
  });
  return channel;
}

function parse(text: string): Message {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
