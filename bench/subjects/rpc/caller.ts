import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Address } from './servers.ts';

export type Load = {
  readonly method: string;
  readonly params: object;
  /** Calls that wait for their answer at any time. */
  readonly inFlight: number;
  readonly ms: number;
};

/** A client that adds as little as possible, the same for every server. */
export class Caller {
  readonly #waiting = new Map<number, () => void>();
  #lastId = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', data => {
      const { id, result } = JSON.parse(String(data));
      if (id === undefined) return; // A notification.
      if (result === undefined) throw new Error(`A call failed: ${data}`);
      this.#waiting.get(id)?.();
      this.#waiting.delete(id);
    });
  }

  static async connect({ url, headers }: Address): Promise<Caller> {
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    await once(socket, 'open');
    return new Caller(socket);
  }

  call(method: string, params: object, onAnswer: () => void): void {
    const id = (this.#lastId += 1);
    this.#waiting.set(id, onAnswer);
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  }

  /** Answered calls a second. */
  rate = ({ method, params, inFlight, ms }: Load): Promise<number> =>
    callsPerSecond({ inFlight, ms }, onAnswer => this.call(method, params, onAnswer));

  close(): void {
    this.socket.close();
  }
}

/** Keeps this many calls in flight for a time. Returns the answered calls a second. */
export function callsPerSecond(
  { inFlight, ms }: Pick<Load, 'inFlight' | 'ms'>,
  call: (onAnswer: () => void) => void,
): Promise<number> {
  return new Promise(resolve => {
    const started = performance.now();
    let [answered, open] = [0, inFlight];
    const onAnswer = (): void => {
      answered += 1;
      const elapsed = performance.now() - started;
      if (elapsed < ms) return call(onAnswer);
      open -= 1;
      if (open === 0) resolve(answered / (elapsed / 1_000));
    };
    for (let calls = 0; calls < inFlight; calls += 1) call(onAnswer);
  });
}
