import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { endpointOf } from '../support/daemon/raw-client.ts';
import { startDaemon, temporaryHome, type Daemon } from '../support/daemon/daemon.ts';

type Heard = {
  readonly socket: WebSocket;
  readonly ids: readonly unknown[];
  readonly until: (count: number) => Promise<readonly unknown[]>;
};

/** A client that sends all of these requests at once and reads the answers. */
async function asking(daemon: Daemon, methods: readonly string[]): Promise<Heard> {
  const { url, token } = await endpointOf(daemon);
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  onTestFinished(() => socket.terminate());
  const ids: unknown[] = [];
  socket.on('message', data => {
    const { id } = JSON.parse(String(data));
    if (id !== undefined) ids.push(id);
  });
  socket.on('close', code => ids.push(`closed ${code}`));
  await once(socket, 'open');
  for (const [id, method] of methods.entries()) socket.send(JSON.stringify({ jsonrpc: '2.0', id, method }));
  return {
    socket,
    ids,
    until: count => vi.waitUntil(() => (ids.length >= count ? ids : undefined), { timeout: 20_000 }),
  };
}

const wide = (mebibytes: number) =>
  `export default () => ({
    kind: 'provider', id: 'wide', displayName: 'x'.repeat(${mebibytes * 2 ** 20}),
    refresh: async () => ({ status: 'fresh' }),
  });`;

test('a client that reads is not dropped for messages after a large answer', async () => {
  const daemon = await startDaemon(
    temporaryHome({ 'keepalive.config.json': '{"plugins":["./wide.mjs"]}', 'wide.mjs': wide(9) }),
  );
  const { until } = await asking(daemon, ['session/list', 'kernel/info', 'kernel/info']);
  expect((await until(3)).toSorted()).toEqual([0, 1, 2]);
});

test('a client that reads gets all of its large answers, and others are served meanwhile', async () => {
  const daemon = await startDaemon(temporaryHome({ 'keepalive.config.json': '{"plugins":[]}' }));
  const methods = Array.from({ length: 300 }, () => 'rpc.discover');
  const { ids, until } = await asking(daemon, methods);
  await daemon.client.request('kernel/info');
  expect(ids.length).toBeLessThan(methods.length);
  expect(await until(methods.length)).toEqual([...methods.keys()]);
});

test('a client that reads nothing is dropped: soon if it sends requests, else when too much is unsent', async () => {
  const daemon = await startDaemon(
    temporaryHome({
      // The page would be another client.
      'keepalive.config.json': '{"plugins":["./wide.mjs",["ui-web",{"serve":false}]]}',
      'wide.mjs': wide(1),
    }),
  );
  const clients = async () => (await daemon.client.request('kernel/info')).clients;
  const { socket } = await asking(daemon, []);
  socket.pause();
  while ((await clients()) === 2)
    for (const method of ['session/pause', 'session/resume'] as const)
      await daemon.client.request(method, { id: 'wide' });
  const greedy = await asking(daemon, []);
  greedy.socket.pause();
  for (let id = 0; id < 10; id += 1) greedy.socket.send(`{"jsonrpc":"2.0","id":${id},"method":"session/list"}`);
  await expect.poll(clients, { timeout: 20_000 }).toBe(1);
});
