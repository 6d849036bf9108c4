import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { ACCESS } from '../../sdk/contract/access.ts';
import { METHODS } from '../../sdk/contract/rpc-schema.ts';
import { connect, type KeepaliveClient } from '../../sdk/client/client.ts';
import { NONCE, proofOf } from '../../sdk/client/proof.ts';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { untilSession } from '../support/daemon/daemon.ts';

// The token that only reads is for bars and dashboards: other programs may have a copy of it.

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
let reader: KeepaliveClient;
beforeAll(async () => {
  door = await daemonWithRawClient(['ui-web']);
  await untilSession(door.daemon, 'mine', ({ state }) => state.name === 'alive');
  const { home } = await door.daemon.client.request('kernel/info');
  reader = await connect({ endpointFile: join(home, 'endpoint.json'), access: 'read' });
});
afterAll(async () => {
  reader.close();
  await door.end();
});

const methods = Object.keys(METHODS);
const READING = /^kernel\/info$|^rpc\.discover$|\/(?:list|get|history|plan|explain)$/;
const NOT_FOUND = { code: -32_601, message: 'Method not found' };
const bearer = () => ({ authorization: `Bearer ${door.endpoint.readToken}` });

/** What a method answers to this token, in a single request. */
async function post(body: unknown): Promise<unknown> {
  const headers = { ...bearer(), 'content-type': 'application/json' };
  const [status, text] = await door.ask({ method: 'POST', headers, body: JSON.stringify(body) });
  return status === 200 ? JSON.parse(text) : status;
}

const call = (method: string, params: unknown = { id: 'mine' }) => ({ jsonrpc: '2.0', id: 1, method, params });

describe('S21: the token that only reads', () => {
  test('may call the methods that read by their names, and each method has a decision', () => {
    expect(methods.filter(method => ACCESS[method as keyof typeof ACCESS] === 'read')).toEqual(
      methods.filter(method => READING.test(method)),
    );
    expect(Object.keys(ACCESS).toSorted()).toEqual(methods.toSorted());
  });

  test.each(methods.filter(method => !READING.test(method)))('does not find %s', async method => {
    const before = await door.daemon.client.request('session/list');
    const params = method === 'session/add' ? { plugin: 'codex', options: {} } : { id: 'mine', policy: {} };
    for (const given of [params, undefined, 7])
      expect(await post(call(method, given))).toEqual({ jsonrpc: '2.0', id: 1, error: NOT_FOUND });
    expect(await post([call(method, params)])).toEqual([{ jsonrpc: '2.0', id: 1, error: NOT_FOUND }]);
    // A request without an id has no answer, and no effect either.
    expect(await post({ jsonrpc: '2.0', method, params })).toBe(204);
    await expect(reader.request(method as 'kernel/stop')).rejects.toMatchObject({ code: 'KA_RPC_METHOD_NOT_FOUND' });
    expect(await door.daemon.client.request('session/list')).toEqual(before);
  });

  test.each(methods.filter(method => READING.test(method)))('is answered by %s', async method => {
    const params = ['session/get', 'session/explain'].includes(method) ? { id: 'mine' } : {};
    expect(await post(call(method, params))).toMatchObject({ result: expect.anything() });
  });

  test('gets notifications', async () => {
    const attempted = new Promise<string>(resolve => reader.on('session/didAttempt', ({ id }) => resolve(id)));
    await door.daemon.client.request('session/refresh', { id: 'mine', force: true });
    expect(await attempted).toBe('mine');
  });

  test('is in no answer, and neither is the other one', async () => {
    const secrets = [door.endpoint.token, door.endpoint.readToken ?? ''];
    for (const method of methods.filter(name => READING.test(name) || /^(?:doctor|config)\//.test(name))) {
      const params = ['session/get', 'session/explain'].includes(method) ? { id: 'mine' } : {};
      const [, text] = await door.ask({
        method: 'POST',
        headers: { ...door.good, 'content-type': 'application/json' },
        body: JSON.stringify(call(method, params)),
      });
      expect([method, secrets.some(secret => text.includes(secret))]).toEqual([method, false]);
    }
  });

  test('opens no page', async () => {
    const { readToken = '' } = door.endpoint;
    for (const path of [
      '/',
      `/open/${readToken}`,
      `/page/${readToken}/`,
      `/page/${readToken}/rpc`,
      `/page/${readToken}/key`,
    ])
      for (const headers of [bearer(), { cookie: `keepalive=${readToken}` }])
        expect([path, (await door.ask({ path, headers }))[0]]).toEqual([
          path,
          expect.toSatisfy(status => status >= 400),
        ]);
  });

  test('opens a WebSocket as the other one does, and is refused with a foreign origin', async () => {
    expect(await door.handshake({ headers: bearer() })).toBe(101);
    expect(await door.handshake({ protocols: ['keepalive.v1', `bearer.${door.endpoint.readToken}`] })).toBe(101);
    expect(await door.handshake({ headers: { ...bearer(), origin: 'http://evil.test' } })).toBe(403);
  });
});

describe('S21: a proof', () => {
  const C = 'C'.repeat(43);
  const ask = async (query: string) => {
    const [status, text] = await door.ask({ path: `/proof?${query}` });
    const [serverNonce = '', proof = ''] = text.split('.');
    return { status, serverNonce, proof };
  };

  test.each([
    ['access=read&', 'readToken', 'token'],
    ['', 'token', 'readToken'],
  ] as const)('for "%s" is made with the %s, and not with the other one', async (query, own, other) => {
    const { serverNonce, proof } = await ask(`${query}nonce=${C}`);
    const under = (name: 'token' | 'readToken') =>
      proofOf(door.endpoint[name] ?? '', 'server', { port: door.port, clientNonce: C, serverNonce });
    expect([NONCE.test(serverNonce), proof === under(own), proof === under(other)]).toEqual([true, true, false]);
  });

  test('of the token that only reads gives no more than that token, and works once', async () => {
    const { serverNonce } = await ask(`access=read&nonce=${C}`);
    const challenge = { port: door.port, clientNonce: C, serverNonce };
    const proof = proofOf(door.endpoint.readToken ?? '', 'client', challenge);
    const headers = { authorization: `Proof ${C}.${serverNonce}.${proof}` };
    const socket = new WebSocket(door.endpoint.url, { headers });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify(call('session/pause')));
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(String(data))).toMatchObject({ error: NOT_FOUND });
    expect(await door.handshake({ headers })).toBe(401);
  });

  test('for a nonce of the one token is not accepted under the other', async () => {
    const { serverNonce } = await ask(`access=read&nonce=${C}`);
    const proof = proofOf(door.endpoint.token, 'client', { port: door.port, clientNonce: C, serverNonce });
    expect(await door.handshake({ headers: { authorization: `Proof ${C}.${serverNonce}.${proof}` } })).toBe(401);
  });

  test.each([
    'access=full&nonce=',
    'access=read&nonce=x&nonce=',
    'access=read&access=read&nonce=',
    'nonce=&access=read',
  ])('is not made for "%s"', async query => {
    expect((await ask(`${query}${C}`)).status).toBe(400);
  });
});
