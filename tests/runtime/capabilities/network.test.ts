import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { createNetwork } from '../../../runtime/capabilities/network.ts';
import { listen } from '../../support/daemon/listen.ts';

/** A proxy, and how often it was asked for a connection. */
async function proxy(answer: (socket: Duplex) => void) {
  let asked = 0;
  const server = createServer().on('connect', (_request, socket) => {
    asked += 1;
    // Without a fix, undici asks again for ever. The test then ends here, and fails.
    if (asked < 10) answer(socket);
  });
  return { url: await listen(server), asked: () => asked };
}

test.each<[string, (socket: Duplex) => void]>([
  ['hangs up', socket => socket.destroy()],
  ['ends without a word', socket => socket.end()],
  ['hangs up in the midst of its answer', socket => socket.end('HTTP/1.1 20')],
  ['hangs up after it has agreed', socket => socket.end('HTTP/1.1 200 OK\r\n\r\n')],
  ['forbids it', socket => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')],
])('a proxy that %s is asked once, and the request fails', async (_name, answer) => {
  const { url, asked } = await proxy(answer);
  const { fetch } = createNetwork({ HTTPS_PROXY: url }, Date.now);
  await expect(fetch('https://example.test/', { method: 'POST', body: '{}' })).rejects.toThrow('fetch failed');
  expect(asked()).toBe(1);
});

test('a proxy that hung up once serves the next request', async () => {
  let connections = 0;
  const server = createServer((_request, response) => response.end('there'));
  const { url } = await proxy(socket => {
    if (++connections === 1) return void socket.destroy();
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    server.emit('connection', socket);
  });
  const { fetch } = createNetwork({ HTTP_PROXY: url }, Date.now);
  await expect(fetch('http://example.test/')).rejects.toThrow('fetch failed');
  expect(await (await fetch('http://example.test/')).text()).toBe('there');
});
