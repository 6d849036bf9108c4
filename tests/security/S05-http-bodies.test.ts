import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { frames } from '../support/daemon/frames.ts';
import { peakMemory, TELLS_MEMORY } from '../support/io/memory.ts';
import { bytesOf, damaged } from '../support/io/mutations.ts';
import { runs } from '../support/runs.ts';

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
beforeAll(async () => {
  door = await daemonWithRawClient(['ui-web']);
});
afterAll(() => door.end());

/** The status of each answer to these bytes. The client closes its half, so that the server does not wait. */
function send(bytes: Buffer): Promise<readonly number[]> {
  return new Promise(resolve => {
    let text = '';
    const socket = connect(door.port, '127.0.0.1');
    socket
      .setEncoding('latin1')
      .on('data', chunk => void (text += chunk))
      .on('error', () => undefined);
    socket.on('close', () => resolve([...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))));
    socket.end(bytes);
  });
}

type Request = {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
};

const written = ({ method, path, headers, body }: Request): Buffer =>
  Buffer.from(
    `${method} ${path} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );

const host = (): readonly [string, string] => ['Host', `127.0.0.1:${door.port}`];
const key = (): readonly [string, string] => ['Authorization', `Bearer ${door.endpoint.token}`];

/** What a request gets that has no one-time link, and is no call with the token. */
const REFUSED = [400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 426, 431];

describe('S5: a body in a request', () => {
  test.each<[string, () => Request, readonly number[]]>([
    [
      'a request with a valid token',
      () => ({ method: 'POST', path: '/rpc', headers: [host(), key(), ['Content-Length', '2']], body: '{}' }),
      [415],
    ],
    [
      'a request without a token',
      () => ({ method: 'POST', path: '/rpc', headers: [host(), ['Content-Length', '2']], body: '{}' }),
      [401],
    ],
    [
      'a form for the page',
      () => ({ method: 'POST', path: '/', headers: [host(), ['Content-Length', '3']], body: 'a=b' }),
      [405],
    ],
    [
      'an invalid length',
      () => ({ method: 'POST', path: '/rpc', headers: [host(), key(), ['Content-Length', '-1']], body: '{}' }),
      [400],
    ],
    [
      'two lengths',
      () => ({
        method: 'POST',
        path: '/rpc',
        headers: [host(), key(), ['Content-Length', '2'], ['Content-Length', '3']],
        body: '{}',
      }),
      [400],
    ],
    [
      'a length and chunks',
      () => ({
        method: 'POST',
        path: '/rpc',
        headers: [host(), key(), ['Content-Length', '2'], ['Transfer-Encoding', 'chunked']],
        body: '0\r\n\r\n',
      }),
      [400],
    ],
    [
      'invalid chunks',
      () => ({
        method: 'POST',
        path: '/rpc',
        headers: [host(), key(), ['Transfer-Encoding', 'chunked']],
        body: 'zz\r\n',
      }),
      [415],
    ],
    [
      'a second request inside the body',
      () => ({
        method: 'POST',
        path: '/rpc',
        headers: [host(), key()],
        body: `GET /rpc HTTP/1.1\r\nHost: evil\r\n\r\n`,
      }),
      [415],
    ],
    [
      'a header of 20 kB',
      () => ({ method: 'POST', path: '/rpc', headers: [host(), key(), ['X', 'x'.repeat(20_000)]], body: '' }),
      [431],
    ],
    [
      'two thousand headers',
      () => ({
        method: 'POST',
        path: '/rpc',
        headers: [host(), key(), ...Array.from({ length: 2_000 }, (): [string, string] => ['a', 'b'])],
        body: '',
      }),
      [415],
    ],
    [
      'Expect: 100-continue',
      () => ({
        method: 'POST',
        path: '/rpc',
        headers: [host(), key(), ['Expect', 'wonders'], ['Content-Length', '2']],
        body: '{}',
      }),
      [417],
    ],
    ['a tunnel', () => ({ method: 'CONNECT', path: '127.0.0.1:1', headers: [host(), key()], body: '' }), []],
  ])('%s', async (_what, request, statuses) => {
    expect(await send(written(request()))).toEqual(statuses);
  });

  test.skipIf(!TELLS_MEMORY)(
    `of 32 MiB is not buffered${TELLS_MEMORY ? '' : ' (skipped: only Linux shows the peak)'}`,
    async () => {
      const pid = door.daemon.child.pid ?? 0;
      const before = peakMemory(pid);
      const body = ' '.repeat(32 * 1024 * 1024);
      await Promise.all(
        Array.from({ length: 4 }, () =>
          send(
            written({
              method: 'POST',
              path: '/rpc',
              headers: [host(), key(), ['Content-Length', String(body.length)]],
              body,
            }),
          ),
        ),
      );
      expect(peakMemory(pid) - before).toBeLessThan(32);
    },
  );
});

const header = fc.oneof(
  fc.constantFrom<[string, string]>(
    ['Content-Type', 'application/json'],
    ['Content-Type', 'application/x-www-form-urlencoded'],
    ['Transfer-Encoding', 'chunked'],
    ['Transfer-Encoding', 'gzip, chunked'],
    ['Connection', 'keep-alive'],
    ['Connection', 'upgrade'],
    ['Upgrade', 'websocket'],
    ['Upgrade', 'h2c'],
    ['Expect', '100-continue'],
    ['Cookie', 'keepalive=x'],
    ['Origin', 'null'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', 'x'],
    ['Content-Length', '1e9'],
    ['Content-Length', '99999999999999999999'],
    ['Sec-WebSocket-Protocol', 'keepalive.v1, bearer.x'],
    ['Sec-WebSocket-Protocol', ',,'],
    ['Range', 'bytes=0-'],
  ),
  fc.tuple(fc.constantFrom('X-A', 'Content-Length', 'Host', 'Authorization', 'Cookie'), fc.string({ maxLength: 60 })),
);

const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'PROPFIND', 'get', 'X'),
  path: fc.oneof(
    fc.constantFrom(
      '/rpc',
      '/',
      '/open/x',
      '/page/x/',
      '/page/x/rpc',
      '*',
      '//',
      '/../rpc',
      '/rpc?x',
      '/%00',
      'http://evil/rpc',
      '/rpc#',
    ),
    fc.webPath(),
  ),
  known: fc.boolean(),
  hosted: fc.boolean(),
  length: fc.boolean(),
  headers: fc.array(header, { maxLength: 4 }),
  body: fc.oneof(frames, fc.string({ unit: 'binary', maxLength: 500 })),
});

const bytes = fc.oneof(
  {
    weight: 4,
    arbitrary: request.map(
      ({ known, hosted, length, headers, body, ...rest }) =>
        () =>
          written({
            ...rest,
            body,
            headers: [
              ...(hosted ? [host()] : []),
              ...(known ? [key()] : []),
              ...(length ? [['Content-Length', String(Buffer.byteLength(body))] as const] : []),
              ...headers,
            ],
          }),
    ),
  },
  damaged(
    'POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n' +
      '\r\n2\r\n{}\r\n0\r\n\r\n',
  ).map(letters => () => bytesOf(letters)),
);

/** A call with the token is answered in the body, also if it is not valid. */
const isExpected = (statuses: readonly number[], request: string): boolean =>
  statuses.every(
    status =>
      REFUSED.includes(status) || status === 100 || ([200, 204].includes(status) && request.startsWith('POST /rpc ')),
  );

test(
  'S5: any HTTP request that is no call is refused, and the daemon survives',
  { timeout: 120_000 },
  async ({ annotate }) => {
    const asked = runs(400, 10_000);
    await fc.assert(
      fc.asyncProperty(bytes, async make => {
        const statuses = await send(make());
        const request = make().toString('latin1');
        if (!isExpected(statuses, request))
          throw new Error(`answered with ${statuses.join(', ')} to ${JSON.stringify(request)}`);
      }),
      asked,
    );
    const { pid, home } = await door.daemon.client.request('kernel/info');
    expect(pid).toBe(door.daemon.child.pid);
    expect(readFileSync(`${home}/keepalived.log`, 'utf8')).not.toMatch(/was not (caught|handled)/);
    await annotate(`${asked.numRuns} requests with bodies: all refused but calls`);
  },
);

test('S5 control: an accepted request or an internal error is detected', () => {
  const found = (request: string) =>
    [[200], [426, 101], [303], [500], [401]].map(statuses => isExpected(statuses, request));
  expect([found('GET /rpc '), found('POST /rpc ')]).toEqual([
    [false, false, false, false, true],
    [true, false, false, false, true],
  ]);
});
