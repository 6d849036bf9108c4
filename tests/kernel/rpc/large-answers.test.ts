import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { endpointOf } from '../../support/door.ts';
import { startDaemon, temporaryHome } from '../../support/daemon.ts';

const WIDE = `export default () => ({ kind: 'provider', id: 'wide', displayName: 'x'.repeat(9 * 1024 * 1024), refresh: async () => ({ status: 'fresh' }) });`;

test('who reads is not dropped for what follows on a large answer', async () => {
  const daemon = await startDaemon(temporaryHome({ 'keepalive.config.json': '{"plugins":["./wide.mjs"]}', 'wide.mjs': WIDE }));
  const { url, token } = await endpointOf(daemon);
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  await once(socket, 'open');
  const heard = new Promise<readonly unknown[]>(resolve => {
    const ids: unknown[] = [];
    socket.on('message', data => {
      const { id } = JSON.parse(String(data));
      if (id !== undefined && ids.push(id) === 3) resolve(ids);
    });
    socket.on('close', code => resolve([`closed ${code}`]));
  });
  for (const [id, method] of ['session/list', 'kernel/info', 'kernel/info'].entries()) socket.send(JSON.stringify({ jsonrpc: '2.0', id, method }));
  expect((await heard).toSorted()).toEqual([0, 1, 2]);
  socket.close();
});
