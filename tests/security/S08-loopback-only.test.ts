import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { KEEPALIVED, run, startDaemon, temporaryHome } from '../support/daemon/daemon.ts';
import { endpointOf } from '../support/daemon/raw-client.ts';
import { listening } from '../support/daemon/open-ports.ts';

const withRpc = (rpc: unknown) => ({ 'keepalive.config.json': JSON.stringify({ plugins: ['practice'], rpc }) });

test.each([
  ['any address', { host: '0.0.0.0' }, /rpc.*host/],
  ['an address of the network', { host: '192.168.1.10', port: 0 }, /rpc.*host/],
  ['the loopback address, which needs no setting', { host: '127.0.0.1' }, /rpc.*host/],
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
  const accepted = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return accepted;
}

test.each(['--host 0.0.0.0', '--address=0.0.0.0', '0.0.0.0'])(
  'S8: a daemon that is started with %s is refused',
  async line => {
    const { code, stderr } = await run(KEEPALIVED, line.split(' '), temporaryHome(withRpc({})));
    expect([code, stderr]).toEqual([1, expect.stringContaining(line.split(/[ =]/)[0] ?? '')]);
  },
);

/** The addresses at which the port is open, of all that this machine has and that stand for it. */
async function openAt(port: number): Promise<{ readonly open: readonly string[]; readonly tried: number }> {
  const own = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? []);
  const hosts = new Set([
    ...own.map(({ address, scopeid }) => (scopeid ? `${address}%${nameOf(address)}` : address)),
    '127.0.0.1',
    '127.0.0.2',
    '127.255.255.254',
    '::1',
    '::ffff:127.0.0.1',
    '0.0.0.0',
    '::',
  ]);
  const open = await Promise.all([...hosts].map(async host => ((await accepts(host, port)) ? [host] : [])));
  return { open: open.flat(), tried: hosts.size };
}

const nameOf = (address: string): string | undefined =>
  Object.entries(networkInterfaces()).find(([, all]) => all?.some(one => one.address === address))?.[0];

test('S8: the daemon listens on 127.0.0.1 and on no other address of this machine', async ({ annotate }) => {
  const home = temporaryHome(withRpc({ port: 0 }));
  const daemon = await startDaemon(home, { env: { HOST: '0.0.0.0', BIND: '0.0.0.0', KEEPALIVE_HOST: '0.0.0.0' } });
  const { url, pid } = await endpointOf(daemon);
  const port = Number(new URL(url).port);
  const { open, tried } = await openAt(port);
  // Systems map 0.0.0.0 and the IPv6 form of the loopback address to it.
  expect(open.filter(host => !['127.0.0.1', '0.0.0.0', '::', '::ffff:127.0.0.1'].includes(host))).toEqual([]);
  expect(open).toContain('127.0.0.1');
  await annotate(`${tried} addresses tried: only loopback answers`);
  // Other listeners, such as the practice session's own server, are on loopback too.
  if (process.platform === 'linux') expect(new Set(listening(pid))).toEqual(new Set(['0100007F']));
});

test('S8 control: a server that listens everywhere answers at other addresses', async ({ annotate }) => {
  const server = createServer().listen(0, '0.0.0.0');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { open, tried } = await openAt(port);
  expect(open).toContain('127.0.0.2');
  await annotate(`${open.length} of ${tried} addresses answer`);
});
