import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { WebSocketServer, type WebSocket } from 'ws';
import { CHANGED, METHODS, type Serve } from './answers.ts';

class Reader extends AbstractMessageReader {
  constructor(private readonly socket: WebSocket) {
    super();
  }

  listen(callback: DataCallback): Disposable {
    this.socket.on('message', data => callback(JSON.parse(String(data))));
    return { dispose: () => undefined };
  }
}

class Writer extends AbstractMessageWriter {
  constructor(private readonly socket: WebSocket) {
    super();
  }

  async write(message: Message): Promise<void> {
    this.socket.send(JSON.stringify(message));
  }

  end(): void {
    this.socket.close();
  }
}

export const serve: Serve = async answer => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  const connections = new Set<MessageConnection>();
  server.on('connection', socket => {
    const connection = createMessageConnection(new Reader(socket), new Writer(socket));
    for (const method of METHODS) connection.onRequest(method, params => answer(method, params));
    connection.listen();
    connections.add(connection);
    socket.on('close', () => connections.delete(connection));
  });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    announce: session => {
      for (const connection of connections) void connection.sendNotification(CHANGED, session);
    },
  };
};
