import type { WebSocket } from 'ws';
import type { Channel } from '../../sdk/channel.ts';
import { textOf } from './text.ts';

/** While this much waits for a client, its next messages wait too: who asks faster than it reads is answered as fast as it reads. */
const ENOUGH_BYTES = 1024 * 1024;
/** One that reads nothing for so long meanwhile is dropped, … */
const UNREAD_LIMIT_MS = 4_000;
/** … and so is one for which this much waits, besides the largest of it: that may be one answer, and just sent. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const CLOSE_LIMIT_MS = 1_000;

type Message = { readonly value: unknown } | undefined;

/** Traffic over a WebSocket. `onGarbage` is called where a frame is not JSON. */
export function channelOver(socket: WebSocket, onGarbage: (channel: Channel) => void): Channel {
  const untaken: Message[] = [];
  let listen: (message: unknown) => void = () => undefined;
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
    if (socket.bufferedAmount > ENOUGH_BYTES) {
      socket.pause();
      patience ??= setTimeout(() => socket.terminate(), UNREAD_LIMIT_MS);
      return;
    }
    const message = untaken.shift();
    if (message) listen(message.value);
    else onGarbage(channel);
    if (untaken.length > 0) takeNext();
    else if (socket.isPaused) socket.resume();
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
