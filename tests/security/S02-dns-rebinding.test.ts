import fc from 'fast-check';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawClient, daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { naiveServer } from '../support/daemon/naive-listener.ts';
import { runs } from '../support/runs.ts';

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
beforeAll(async () => {
  door = await daemonWithRawClient();
});
afterAll(() => door.end());

const ROUTES = ['/rpc', '/', '/other', '/rpc?x=1', `/proof?nonce=${'A'.repeat(43)}`];

/** What a foreign page or a rebound name could send, with a valid token as the worst case. */
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
  ['a user name in front', port => ({ host: `me@127.0.0.1:${port}` })],
  ['a foreign origin', () => ({ origin: 'https://evil.example' })],
  ['another local port as the origin', () => ({ origin: 'http://127.0.0.1:1' })],
  ['an https origin with this port', port => ({ origin: `https://127.0.0.1:${port}` })],
  ['an origin with ours as a prefix', port => ({ origin: `http://127.0.0.1:${port}.evil.example` })],
  ['an origin with a path', port => ({ origin: `http://127.0.0.1:${port}/` })],
  ['the null origin', () => ({ origin: 'null' })],
  ['an empty origin', () => ({ origin: '' })],
  ['the origin of an extension', () => ({ origin: 'chrome-extension://abcdefgh' })],
];

describe.each(ROUTES)('S2: on %s', path => {
  test.each(FOREIGN)('%s is refused, even with the token', async (_what, headers) => {
    const sent = { headers: { ...door.good, ...headers(door.port) }, path };
    expect([await door.handshake(sent), await door.ask(sent)]).toEqual([403, [403, '']]);
  });
});

/** Names and origins that differ from our own in one character, and others. */
const similarTo = (own: string): fc.Arbitrary<string> => {
  const text = fc.string({ unit: fc.constantFrom(...'0123456789abcdefLOCALHOST.:-_@[]%/# '), maxLength: 6 });
  const slip = fc
    .tuple(fc.nat(own.length), fc.nat(3), text)
    .map(([at, length, inserted]) => own.slice(0, at) + inserted + own.slice(at + length));
  return fc.oneof({ weight: 4, arbitrary: slip }, { weight: 1, arbitrary: text }).map(written => written.trim());
};

test('S2: only exactly our names and origins are accepted', async ({ annotate }) => {
  const hosts = [`127.0.0.1:${door.port}`, `localhost:${door.port}`];
  const origins = hosts.map(host => `http://${host}`);
  const foreign = fc.record({
    path: fc.constantFrom(...ROUTES),
    headers: fc.oneof(
      fc
        .constantFrom(...hosts)
        .chain(similarTo)
        .filter(host => host !== '' && !hosts.includes(host))
        .map(host => ({ host })),
      fc
        .constantFrom(...origins)
        .chain(similarTo)
        .filter(origin => !origins.includes(origin))
        .map(origin => ({ origin })),
    ),
  });
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(foreign, async ({ path, headers }) => {
      const [status = 0, text] = await door.ask({ path, headers: { ...door.good, ...headers } });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // Node itself refuses invalid names.
      expect([[400, 403].includes(status), text]).toEqual([true, '']);
    }),
    runs(200, 10_000),
  );
  const summary = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
  await annotate(
    `${FOREIGN.length} names and origins on ${ROUTES.length} routes, by WebSocket and by HTTP, ` +
      `and random ones (${summary}), all with a valid token: 0 accepted`,
  );
});

test.each<[string, string, (own: string) => string]>([
  ['two names', '1.1', own => `Host: ${own}\r\nHost: evil.example`],
  ['two names, the second header in lower case', '1.1', own => `Host: ${own}\r\nhost: ${own}`],
  ['an empty name', '1.1', () => 'Host:'],
  ['no name', '1.1', () => 'X-Host: none'],
  ['no name, in HTTP/1.0', '1.0', () => 'X-Host: none'],
])('S2: %s: refused', async (_what, version, host) => {
  const socket = connect(door.port, '127.0.0.1');
  const lines = [
    `GET /rpc HTTP/${version}`,
    host(`127.0.0.1:${door.port}`),
    `Authorization: ${door.good.authorization}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    '',
    '',
  ];
  socket.write(lines.join('\r\n'));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(String(answer)).toMatch(/^HTTP\/1\.1 40[03]/);
  socket.destroy();
});

test('S2: our own names are accepted', async () => {
  for (const host of [`127.0.0.1:${door.port}`, `localhost:${door.port}`]) {
    expect(await door.handshake({ headers: { ...door.good, host, origin: `http://${host}` } })).toBe(101);
  }
});

test('S2 control: a server that ignores names and origins accepts all of them', async ({ annotate }) => {
  const naive = await naiveServer();
  const { handshake, ask } = rawClient(naive.port);
  const answers = await Promise.all(
    FOREIGN.map(async ([, headers]) => {
      const sent = { headers: headers(naive.port) };
      return [await handshake(sent), (await ask(sent))[0]];
    }),
  );
  naive.stop();
  expect(answers).toEqual(FOREIGN.map(() => [101, 200]));
  await annotate(`${answers.length} of ${FOREIGN.length} accepted`);
});
