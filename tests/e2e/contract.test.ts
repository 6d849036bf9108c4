import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Endpoint } from '../../sdk/contract/rpc.ts';
import { startDaemon, temporaryHome } from '../support/daemon/daemon.ts';

const EMPTY = { 'keepalive.config.json': '{"plugins":[]}' };

const endpointIn = (home: string): Endpoint =>
  JSON.parse(readFileSync(join(home, 'endpoint.json'), 'utf8')) as Endpoint;

test('the token is never echoed, in any order of the subprotocols', async () => {
  const home = temporaryHome(EMPTY);
  await startDaemon(home);
  const { url, token } = endpointIn(home);
  const socket = new WebSocket(url, [`bearer.${token}`, 'keepalive.v1']);
  await once(socket, 'open');
  expect(socket.protocol).toBe('keepalive.v1');
  socket.close();
});

test('times are integers', async () => {
  const { client } = await startDaemon(temporaryHome(EMPTY));
  expect(await client.request('session/plan', { until: Date.now() })).toEqual([]);
  await expect(client.request('session/plan', { until: Date.now() + 0.5 })).rejects.toMatchObject({
    code: 'KA_RPC_INVALID_PARAMS',
  });
});

test('explain says if only the exit code of a command proves success', async () => {
  const { client } = await startDaemon(
    temporaryHome({
      'keepalive.config.json': JSON.stringify({ plugins: [['command', { id: 'acme', run: ['node'] }]] }),
    }),
  );
  expect((await client.request('session/explain', { id: 'acme' })).text).toContain(
    'Only its exit code shows whether it worked.',
  );
});
