import type { Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Channel } from '../sdk/client/channel.ts';

/** With more than this unsent, the client's next messages wait. The client gets answers as fast as it reads them. */
const UNSENT_PAUSE_BYTES = 1024 * 1024;
/** Drop a client that reads nothing for this long while it is paused. */
const UNREAD_LIMIT_MS = 4_000;
/** Drop a client with more than this unsent. The largest message is not counted: it may be one large answer. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** What is sent together is passed to the system in parts of about this size. */
const TOGETHER_BYTES = 64 * 1024;
const CLOSE_LIMIT_MS = 1_000;
/** Messages of a client that are answered at one time. About as many are read ahead; the rest stay in its socket. */
const MAX_ANSWERING = 128;
/** Messages of a client that are answered in a turn of the event loop, before other clients have theirs. */
const MAX_PER_TURN = 16;

/** A received message; undefined if it is not JSON. */
export type Message = { readonly value: unknown } | undefined;

/** Traffic over a WebSocket. Messages are read no faster than the client reads the answers. */
export class SocketChannel implements Channel {
  readonly #received: Message[] = [];
  #listener: (message: unknown) => void | Promise<void> = () => undefined;
  #answering = 0;
  #isScheduled = false;
  #isGathering = false;
  /** Runs while the client has to read before it is answered further. */
  #unreadLimit: NodeJS.Timeout | undefined;
  /** The largest message since nothing was unsent. */
  #largestBytes = 0;

  /** `stream` is what the WebSocket writes to. Calls `onGarbage` when a frame is not JSON. */
  constructor(
    private readonly socket: WebSocket,
    private readonly stream: Pick<Writable, 'cork' | 'uncork'>,
    private readonly onGarbage: (channel: Channel) => void,
  ) {
    // A client that broke the protocol is sent the reason. If it were cut off at once, it would not get it.
    socket.on('error', () => setTimeout(() => socket.terminate(), CLOSE_LIMIT_MS).unref());
    socket.on('close', () => clearTimeout(this.#unreadLimit));
    socket.on('message', (data, isBinary) => this.#receive(isBinary ? undefined : parse(String(data))));
  }

  send(message: unknown): void {
    const { socket } = this;
    this.#gather();
    if (socket.bufferedAmount === 0) this.#largestBytes = 0;
    if (socket.bufferedAmount - this.#largestBytes > MAX_UNSENT_BYTES) return socket.terminate();
    if (socket.readyState !== socket.OPEN) return;
    const data = toBytes(message);
    this.#largestBytes = Math.max(this.#largestBytes, data.length);
    socket.send(data, { binary: false }, this.#onRead);
  }

  /**
   * Messages that are sent at one time leave in one write: one sync of the disk ends many attempts, and a write costs
   * more than the message.
   */
  #gather(): void {
    const { socket, stream } = this;
    if (this.#isGathering && socket.bufferedAmount < TOGETHER_BYTES) return;
    if (this.#isGathering) stream.uncork();
    else process.nextTick(() => this.#release());
    this.#isGathering = true;
    stream.cork();
  }

  #release(): void {
    this.#isGathering = false;
    this.stream.uncork();
  }

  onMessage(listener: (message: unknown) => void | Promise<void>): void {
    this.#listener = listener;
  }

  onClose(listener: () => void): void {
    this.socket.once('close', listener);
  }

  close(): void {
    this.socket.close(1001);
  }

  #receive(message: Message): void {
    this.#received.push(message);
    if (this.#received.length >= MAX_ANSWERING) this.socket.pause();
    this.#answerSoon();
  }

  #answerSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#takeTurn());
  }

  /** Answers some messages. */
  #takeTurn(): void {
    const { socket } = this;
    this.#isScheduled = false;
    if (this.#answering >= MAX_ANSWERING) return;
    if (this.#isUnread) {
      socket.pause();
      this.#unreadLimit ??= setTimeout(() => socket.terminate(), UNREAD_LIMIT_MS);
      return;
    }
    for (let left = MAX_PER_TURN; left > 0 && this.#received.length > 0 && !this.#isUnread; left -= 1) {
      // An answer that is ready in a moment counts as unsent before the next message is taken.
      if (this.#answer(this.#received.shift()) === 'awaited') break;
    }
    if (this.#received.length > 0) this.#answerSoon();
    else if (socket.isPaused) socket.resume();
  }

  get #isUnread(): boolean {
    return this.socket.bufferedAmount > UNSENT_PAUSE_BYTES;
  }

  #answer(message: Message): 'ready' | 'awaited' {
    const answered = message ? this.#listener(message.value) : this.onGarbage(this);
    if (!answered) return 'ready';
    this.#answering += 1;
    void answered.then(() => {
      this.#answering -= 1;
      if (this.#received.length > 0) this.#answerSoon();
    });
    return 'awaited';
  }

  /** The client has read a message. */
  readonly #onRead = (): void => {
    clearTimeout(this.#unreadLimit);
    this.#unreadLimit = undefined;
    if (this.#received.length > 0) this.#answerSoon();
  };
}

export function parse(text: string): Message {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const bytes = new WeakMap<object, Buffer>();

/** What is sent for a message. A frozen one, which many clients get, is written once. */
function toBytes(message: unknown): Buffer {
  if (typeof message !== 'object' || message === null || !Object.isFrozen(message)) return Buffer.from(toText(message));
  const known = bytes.get(message) ?? Buffer.from(toText(message));
  bytes.set(message, known);
  return known;
}

const texts = new WeakMap<object, string>();

/**
 * The JSON of a message or a batch. Frozen parts are written once: clients ask for sessions far more often than
 * sessions change.
 */
export function toText(message: unknown): string {
  if (Array.isArray(message)) return `[${message.map(toText).join(',')}]`;
  if (typeof message !== 'object' || message === null) return cachedText(message);
  let text = '';
  for (const [name, value] of Object.entries(message)) {
    if (value !== undefined) text += `${text && ','}${JSON.stringify(name)}:${memberText(value)}`;
  }
  return `{${text}}`;
}

const memberText = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(cachedText).join(',')}]` : cachedText(value);

function cachedText(value: unknown): string {
  if (typeof value !== 'object' || value === null || !Object.isFrozen(value)) return JSON.stringify(value) ?? 'null';
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  texts.set(value, text);
  return text;
}
