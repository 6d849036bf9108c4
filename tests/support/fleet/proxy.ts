import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that can be disturbed. */
export type Proxy = {
  /** The address of a database, through this way. */
  readonly url: (direct: string) => string;
  /** How many connections lead through it. */
  readonly open: () => number;
  /** How many it has taken since the start. */
  readonly taken: () => number;
  /** Leads to another server from the next connection on. */
  readonly lead: (port: number) => void;
  /** Nothing arrives any more, and nothing says so. `false`: all that was held up arrives. */
  readonly partition: (isOn?: boolean) => void;
  /** Each piece arrives so much later. */
  readonly delay: (ms: number) => void;
  /** Ends all connections. */
  readonly cut: () => void;
  /** Ends a connection in the middle of the next answer of the server, after so many bytes. */
  readonly cutAfter: (bytes: number) => void;
  readonly close: () => Promise<void>;
};

export async function startProxy(port: number): Promise<Proxy> {
  const state = { port, isPartitioned: false, delayMs: 0, cutAfter: undefined as number | undefined, taken: 0 };
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket, isAnswer: boolean) => {
    from.on('data', (piece: Buffer) => {
      if (isAnswer && state.cutAfter !== undefined) {
        to.write(piece.subarray(0, state.cutAfter), () => [from, to].forEach(socket => socket.destroy()));
        state.cutAfter = undefined;
      } else if (state.delayMs > 0) setTimeout(() => to.write(piece), state.delayMs);
      else to.write(piece);
    });
    if (state.isPartitioned) from.pause();
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      // The other side of a partition does not hear of it.
      if (!state.isPartitioned) to.destroy();
    });
    sockets.add(from);
  };
  const server = createServer(client => {
    state.taken += 1;
    const target = connect(state.port, '127.0.0.1');
    pass(client, target, false);
    pass(target, client, true);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  const cut = () => sockets.forEach(socket => socket.destroy());
  return {
    url: direct => direct.replace(/:\d+\//, `:${own}/`),
    open: () => sockets.size / 2,
    taken: () => state.taken,
    lead: next => void (state.port = next),
    partition(isOn = true) {
      state.isPartitioned = isOn;
      for (const socket of sockets)
        if (isOn) socket.pause();
        else socket.resume();
    },
    delay: ms => void (state.delayMs = ms),
    cut,
    cutAfter: bytes => void (state.cutAfter = bytes),
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
