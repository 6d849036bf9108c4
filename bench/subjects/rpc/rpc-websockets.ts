import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Server } from 'rpc-websockets';
import { CHANGED, METHODS, type Serve } from './answers.ts';

export const serve: Serve = async answer => {
  const server = new Server({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  for (const method of METHODS) server.register(method, params => answer(method, params));
  server.event(CHANGED);
  await once(server.wss, 'listening');
  // Typed for texts, but sent as JSON like any other value.
  const clients: { emit(event: string, value: unknown): unknown } = server.of('/');
  return {
    port: (server.wss.address() as AddressInfo).port,
    announce: session => clients.emit(CHANGED, session),
  };
};
