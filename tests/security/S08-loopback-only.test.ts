import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { KEEPALIVED, run, startDaemon, temporaryHome } from '../support/daemon.ts';
import { endpointOf } from '../support/door.ts';

const withRpc = (rpc: unknown) => ({ 'keepalive.config.json': JSON.stringify({ plugins: ['practice'], rpc }) });

test.each([
  ['any address', { host: '0.0.0.0' }, /rpc.*host/],
  ['an address of the network', { host: '192.168.1.10', port: 0 }, /rpc.*host/],
  ['loopback, which needs no setting', { host: '127.0.0.1' }, /rpc.*host/],
  ['an address under another name', { address: '::' }, /rpc.*address/],
  ['an address in the port', { port: '0.0.0.0:80' }, /rpc\.port/],
  ['a list of addresses', ['0.0.0.0'], /rpc/],
])('S8: a configuration that asks for %s is refused, with the reason', async (_what, rpc, reason) => {
  const home = temporaryHome(withRpc(rpc));
  const { code, stderr } = await run(KEEPALIVED, [], home);
  expect([code, stderr]).toEqual([7, expect.stringMatching(reason)]);
});

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  const accepted = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
  socket.destroy();
  return accepted;
}

test('S8: the daemon listens on 127.0.0.1, and on no other address of this machine', async () => {
  const home = temporaryHome(withRpc({ port: 0 }));
  const daemon = await startDaemon(home, { env: { HOST: '0.0.0.0' } });
  const { url, pid } = await endpointOf(daemon);
  const port = Number(new URL(url).port);
  const others = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? []).map(({ address }) => address).filter(address => address !== '127.0.0.1');
  const open = await Promise.all(['127.0.0.1', ...others, '127.0.0.2', '::1'].map(async host => ((await accepts(host, port)) ? [host] : [])));
  expect(open.flat()).toEqual(['127.0.0.1']);
  if (process.platform !== 'linux') return;
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const listening = ['tcp', 'tcp6'].flatMap(name => readFileSync(`/proc/${pid}/net/${name}`, 'utf8').split('\n').map(line => line.trim().split(/\s+/)))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${hex}`)).map(([, local]) => local);
  expect(listening).toEqual([`0100007F:${hex}`]);
});
