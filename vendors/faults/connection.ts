import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

// The way to the vendor is broken, or slow.

const refusing = (status: string, headers = '') => ({
  connect: (socket: NodeJS.WritableStream) =>
    void socket.end(`HTTP/1.1 ${status}\r\n${headers}content-length: 0\r\n\r\n`),
});

export const CONNECTION: readonly Fault[] = [
  { name: 'no answer at all', expects: 'temporary', exchange: () => {} },
  {
    name: 'an answer after eight seconds',
    expects: 'renewed',
    async exchange({ honest, send }) {
      const reply = await honest();
      await sleep(8_000);
      await send(reply);
    },
  },
  { name: 'a connection that drops before the token is spent', expects: 'temporary', exchange: ({ drop }) => drop() },
  {
    name: 'a connection that drops once, before the token is spent',
    expects: 'either',
    exchange: async ({ count, drop, honest, send }) => (count === 1 ? drop() : send(await honest())),
  },
  {
    name: 'a connection that drops after the token is spent',
    expects: 'lost',
    needs: ['rotation'],
    async exchange({ honest, drop }) {
      await honest();
      drop();
    },
  },
  {
    name: 'a proxy that asks for a password (407)',
    expects: 'temporary',
    ...refusing('407 Authentication Required', 'proxy-authenticate: Basic\r\n'),
  },
  { name: 'a proxy that is forbidden (403)', expects: 'temporary', ...refusing('403 Forbidden') },
  { name: 'a proxy without a way on (502)', expects: 'temporary', ...refusing('502 Bad Gateway') },
  { name: 'a proxy that hangs up', expects: 'temporary', connect: socket => socket.destroy() },
  { name: 'a certificate of an unknown authority', expects: 'temporary', certificate: 'of an unknown authority' },
  { name: 'a certificate of another host', expects: 'temporary', certificate: 'of another host' },
];
