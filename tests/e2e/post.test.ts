import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { connect as connectSocket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES } from '../../server/limits.ts';
import { startDaemon, temporaryHome, untilSession } from '../support/daemon/daemon.ts';
import { listen } from '../support/daemon/listen.ts';
import { daemonWithRawClient, endpointOf, rawClient } from '../support/daemon/raw-client.ts';

// What JSON-RPC says about answers is in json-rpc.test.ts. This is what HTTP adds.

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
beforeAll(async () => {
  door = await daemonWithRawClient(['ui-web']);
  await untilSession(door.daemon, 'mine', ({ state }) => state.name === 'alive');
});
afterAll(() => door.end());

const JSON_BODY = { 'content-type': 'application/json' };
const call = (method: string, params?: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });

describe('POST /rpc', () => {
  test.each<[string, Readonly<Record<string, string>>, number]>([
    ['JSON', JSON_BODY, 200],
    ['JSON with a charset, in other letters', { 'content-type': 'Application/JSON ; charset=utf-8' }, 200],
    ['no type', {}, 415],
    ['the type of a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['text', { 'content-type': 'text/plain' }, 415],
    ['a type that begins like JSON', { 'content-type': 'application/jsonp' }, 415],
    ['a compressed body', { ...JSON_BODY, 'content-encoding': 'gzip' }, 415],
  ])('with %s', async (_what, headers, expected) => {
    const [status] = await door.ask({
      method: 'POST',
      headers: { ...door.good, ...headers },
      body: call('session/list'),
    });
    expect(status).toBe(expected);
  });

  test.each([
    ['PUT', 405],
    ['DELETE', 405],
    ['OPTIONS', 405],
    ['HEAD', 405],
    ['GET', 426],
  ])('%s is answered with %i', async (method, expected) => {
    expect((await door.ask({ method, headers: door.good }))[0]).toBe(expected);
  });

  test.each<[string, Readonly<Record<string, string>>, string | undefined, number]>([
    ['a foreign origin comes before the token', { origin: 'http://evil.test', ...JSON_BODY }, 'token', 403],
    ['a foreign host comes before the token', { host: 'evil.test', ...JSON_BODY }, undefined, 403],
    ['no token comes before the type', {}, undefined, 401],
    ['a wrong token comes before the type', {}, 'wrong', 401],
  ])('%s', async (_what, headers, token, expected) => {
    const authorization = token === 'token' ? door.good : token ? { authorization: `Bearer ${token}` } : {};
    const sent = { method: 'POST', headers: { ...headers, ...authorization }, body: call('session/list') };
    expect((await door.ask(sent))[0]).toBe(expected);
  });

  test('the cookie of a page counts with its own origin, with the rights of a page', async () => {
    const { url } = await door.daemon.client.request('page/open');
    const { cookie, path } = await door.enter(url);
    const origin = `http://127.0.0.1:${door.port}`;
    const post = (headers: Readonly<Record<string, string>>, method: string, to = '/rpc') =>
      door.ask({ method: 'POST', path: to, headers: { ...JSON_BODY, cookie, ...headers }, body: call(method) });
    expect((await post({ origin }, 'session/list'))[0]).toBe(200);
    expect((await post({ origin }, 'page/open'))[1]).toContain('KA_PAGE_NOT_ALLOWED');
    expect((await post({}, 'session/list'))[0]).toBe(401);
    expect((await post({ origin }, 'session/list', `${path}rpc`))[0]).toBe(405);
  });

  test('answers are not kept by caches, not guessed at, and not readable for other sites', async () => {
    const headers = await new Promise<IncomingHttpHeaders>(resolve => {
      httpRequest(
        { port: door.port, host: '127.0.0.1', path: '/rpc', method: 'POST', headers: { ...door.good, ...JSON_BODY } },
        response => resolve(response.resume().headers),
      ).end(call('session/list'));
    });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      connection: 'close',
    });
    expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([]);
  });

  test('a body of 1 MiB is read, and a larger one is refused', async () => {
    const body = (bytes: number) => call('session/list').padEnd(bytes);
    const post = (bytes: number) =>
      door.ask({ method: 'POST', headers: { ...door.good, ...JSON_BODY }, body: body(bytes) });
    expect((await post(MAX_MESSAGE_BYTES))[0]).toBe(200);
    expect(await post(MAX_MESSAGE_BYTES + 1)).toEqual([413, '']);
  });

  test('text that is not UTF-8 is not JSON', async () => {
    const body = Buffer.concat([
      Buffer.from('{"jsonrpc":"2.0","id":1,"method":"a'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    const answer = await fetch(`http://127.0.0.1:${door.port}/rpc`, {
      method: 'POST',
      headers: { ...door.good, ...JSON_BODY },
      body,
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { error: { code: -32_700 } }]);
  });

  test('a body that does not arrive within seconds ends the connection, also with the token', async () => {
    const socket = connectSocket(door.port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', chunk => void (text += chunk));
    socket.write(
      `POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\nAuthorization: Bearer ${door.endpoint.token}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    await once(socket, 'close');
    expect(text).toBe('');
  });
});

/** A daemon with a session whose manual refresh lasts until the test lets it end. */
async function daemonWithSlowSession() {
  const server = createServer();
  const gate = await listen(server);
  const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const daemon = await startDaemon(
    temporaryHome({
      'keepalive.config.json': JSON.stringify({ plugins: [['./slow.mjs', {}]], policy: { minInterval: '100ms' } }),
      'slow.mjs': `export default () => ({
        kind: 'provider', id: 'slow', displayName: 'Slow',
        refresh: async ({ reason }) => {
          if (reason === 'manual') await fetch('${gate}');
          return { status: 'refreshed', expiresAt: new Date(Date.now() + 3600000) };
        },
      });`,
    }),
  );
  const { lastAttempt } = await untilSession(daemon, 'slow', ({ state }) => state.name === 'alive');
  // Until then, a request to refresh it makes no attempt.
  await expect.poll(Date.now).toBeGreaterThan((lastAttempt?.endedAt ?? 0) + 100);
  const { url, token } = await endpointOf(daemon);
  const { port } = new URL(url);
  const headers = { authorization: `Bearer ${token}`, ...JSON_BODY };
  return { daemon, port: Number(port), headers, asked };
}

describe('a call by POST', () => {
  test('is answered once it has settled, after longer than a client without the key may stay', async () => {
    const { daemon, port, headers, asked } = await daemonWithSlowSession();
    const answer = rawClient(port).ask({ method: 'POST', headers, body: call('session/refresh', { id: 'slow' }) });
    const [, gate] = await asked;
    // A connection without the key that was opened later is closed before.
    await once(connectSocket(port, '127.0.0.1').resume(), 'close');
    gate.end();
    const [status, text] = await answer;
    expect([status, JSON.parse(text)]).toMatchObject([200, { result: { lastAttempt: { outcome: 'refreshed' } } }]);
    expect((await daemon.client.request('kernel/info')).clients).toBe(1);
  });

  test('goes on if its client goes, and the daemon too', async () => {
    const { daemon, port, headers, asked } = await daemonWithSlowSession();
    const renewed = untilSession(daemon, 'slow', ({ lastAttempt }) => lastAttempt?.reason === 'manual');
    const leaving = httpRequest({ port, host: '127.0.0.1', path: '/rpc', method: 'POST', headers });
    leaving.on('error', () => undefined).end(call('session/refresh', { id: 'slow' }));
    const [, gate] = await asked;
    leaving.destroy();
    gate.end();
    expect((await renewed).lastAttempt?.outcome).toBe('refreshed');
  });

  test('that stops the daemon is answered first', async () => {
    const { daemon, port, headers } = await daemonWithSlowSession();
    const answer = await rawClient(port).ask({ method: 'POST', headers, body: call('kernel/stop') });
    expect(answer).toEqual([200, '{"jsonrpc":"2.0","id":1,"result":null}']);
    expect((await daemon.done).code).toBe(0);
  });
});
