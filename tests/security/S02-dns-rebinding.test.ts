import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDoor } from '../support/door.ts';

let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.end());

const ROUTES = ['/rpc', '/', '/other', '/rpc?x=1'];

/** What a page or a name that leads here could send, with the right token, for the worst case. */
const FOREIGN: readonly (readonly [string, (port: number) => Record<string, string>])[] = [
  ['a rebound name', port => ({ host: `127.0.0.1.evil.example:${port}` })],
  ['another name', port => ({ host: `evil.example:${port}` })],
  ['localhost with a dot', port => ({ host: `localhost.:${port}` })],
  ['localhost6', port => ({ host: `localhost6:${port}` })],
  ['a name below localhost', port => ({ host: `a.localhost:${port}` })],
  ['capitals', port => ({ host: `LOCALHOST:${port}` })],
  ['a decimal address', port => ({ host: `2130706433:${port}` })],
  ['a hexadecimal address', port => ({ host: `0x7f.0.0.1:${port}` })],
  ['a short address', port => ({ host: `127.1:${port}` })],
  ['another loopback address', port => ({ host: `127.0.0.2:${port}` })],
  ['any address', port => ({ host: `0.0.0.0:${port}` })],
  ['the loopback of IPv6', port => ({ host: `[::1]:${port}` })],
  ['no port', () => ({ host: '127.0.0.1' })],
  ['another port', port => ({ host: `127.0.0.1:${port + 1}` })],
  ['a user in front', port => ({ host: `me@127.0.0.1:${port}` })],
  ['a foreign origin', () => ({ origin: 'https://evil.example' })],
  ['another local port as the origin', () => ({ origin: 'http://127.0.0.1:1' })],
  ['an encrypted origin of this port', port => ({ origin: `https://127.0.0.1:${port}` })],
  ['an origin that begins as ours', port => ({ origin: `http://127.0.0.1:${port}.evil.example` })],
  ['an origin with a path', port => ({ origin: `http://127.0.0.1:${port}/` })],
  ['the null origin', () => ({ origin: 'null' })],
  ['an empty origin', () => ({ origin: '' })],
  ['the origin of an extension', () => ({ origin: 'chrome-extension://abcdefgh' })],
];

describe.each(ROUTES)('S2: on %s', path => {
  test.each(FOREIGN)('%s is refused, whatever it knows', async (_what, headers) => {
    const sent = { headers: { ...door.good, ...headers(door.port) }, path };
    expect([await door.handshake(sent), await door.ask(sent)]).toEqual([403, [403, '']]);
  });
});

test.each(['Host', 'host'])('S2: two Host headers are refused (%s)', async second => {
  const socket = connect(door.port, '127.0.0.1');
  const own = `127.0.0.1:${door.port}`;
  socket.write(`GET /rpc HTTP/1.1\r\nHost: ${own}\r\n${second}: evil.example\r\nAuthorization: ${door.good.authorization}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(String(answer)).toMatch(/^HTTP\/1\.1 4/);
  socket.destroy();
});

test('S2, the control: our own names get in', async () => {
  for (const host of [`127.0.0.1:${door.port}`, `localhost:${door.port}`]) {
    expect(await door.handshake({ headers: { ...door.good, host, origin: `http://${host}` } })).toBe(101);
  }
});
