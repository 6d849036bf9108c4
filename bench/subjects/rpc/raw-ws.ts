import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { CHANGED, type Serve } from './answers.ts';

/** The least that answers: no checks, no errors, no limits. */
export const serve: Serve = async answer => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', socket =>
    socket.on('message', data => {
      const { id, method, params } = JSON.parse(String(data));
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: answer(method, params) }));
    }),
  );
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    announce: session => {
      const text = JSON.stringify({ jsonrpc: '2.0', method: CHANGED, params: session });
      for (const client of server.clients) client.send(text);
    },
  };
};
