import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { METHODS } from '../../sdk/contract/rpc-schema.ts';
import type { Daemon } from '../support/daemon/daemon.ts';
import { daemonWithRawClient, type RawRequest as Offer } from '../support/daemon/raw-client.ts';
import { isOpenRpc } from '../support/docs/open-rpc.ts';

let daemon: Daemon;
let door: Awaited<ReturnType<typeof daemonWithRawClient>>;

beforeAll(async () => {
  door = await daemonWithRawClient(['ui-web']);
  ({ daemon } = door);
});
afterAll(() => door.end());

// Foreign names and origins: tests/security/S02-dns-rebinding.test.ts.
describe('who may connect', () => {
  test.each<[string, () => Offer, number]>([
    ['the token in a header', () => ({ headers: door.good }), 101],
    ['the token as a subprotocol', () => ({ protocols: ['keepalive.v1', `bearer.${door.endpoint.token}`] }), 101],
    ['localhost by name', () => ({ headers: door.good, host: 'localhost' }), 101],
    [
      'our own origin with the token',
      () => ({ headers: { ...door.good, origin: `http://127.0.0.1:${door.port}` } }),
      101,
    ],
    ['no token', () => ({}), 401],
    ['a wrong token', () => ({ headers: { authorization: 'Bearer wrong' } }), 401],
    [
      'a wrong token of the same length',
      () => ({ headers: { authorization: `Bearer ${'x'.repeat(door.endpoint.token.length)}` } }),
      401,
    ],
    ['only the subprotocol of the token', () => ({ protocols: [`bearer.${door.endpoint.token}`] }), 401],
    ['the token in the address', () => ({ path: `/rpc?token=${door.endpoint.token}` }), 401],
    ['another path', () => ({ headers: door.good, path: '/other' }), 404],
  ])('%s', async (_what, offer, status) => {
    expect(await door.handshake(offer())).toBe(status);
  });

  test('plain HTTP gets only a status', async () => {
    expect(await door.ask({})).toEqual([401, '']);
    expect(await door.ask({ headers: door.good })).toEqual([426, '']);
  });
});

describe('the answer to a message', () => {
  async function exchange(text: string | Buffer): Promise<unknown> {
    const socket = new WebSocket(door.endpoint.url, { headers: door.good });
    await once(socket, 'open');
    socket.send(text);
    const answer = new Promise<unknown>(resolve => {
      socket.on('message', data => {
        const message: unknown = JSON.parse(String(data));
        if (!(typeof message === 'object' && message !== null && 'method' in message)) resolve(message);
      });
      socket.on('close', resolve);
    });
    const answered = await answer;
    socket.close();
    return answered;
  }
  const call = (method: string, params?: unknown, id: unknown = 1) => ({ jsonrpc: '2.0', id, method, params });
  const error = (code: number) => expect.objectContaining({ error: expect.objectContaining({ code }) });

  test.each<[string, string, unknown]>([
    [
      'a good call',
      JSON.stringify(call('kernel/info')),
      expect.objectContaining({ id: 1, result: expect.objectContaining({ name: 'session-keepalive' }) }),
    ],
    ['text that is not JSON', '{"jsonrpc"', error(-32_700)],
    ['null', 'null', error(-32_600)],
    ['a number', '7', error(-32_600)],
    ['an empty batch', '[]', error(-32_600)],
    ['a call without a version', '{"id":1,"method":"kernel/info"}', error(-32_600)],
    ['an unknown method', JSON.stringify(call('kernel/fly')), error(-32_601)],
    ['a method of Object.prototype', JSON.stringify(call('toString')), error(-32_601)],
    ['params that do not fit', JSON.stringify(call('session/get', { id: 7 })), error(-32_602)],
    ['unknown params', JSON.stringify(call('session/get', { id: 'mine', secret: 1 })), error(-32_602)],
    ['params in a list', JSON.stringify(call('session/get', ['mine'])), error(-32_602)],
    [
      'a wrong policy',
      JSON.stringify(call('session/configure', { id: 'mine', policy: { schedule: { mode: 'daily', at: '25:00' } } })),
      error(-32_602),
    ],
    [
      'a pattern that never matches',
      JSON.stringify(
        call('session/configure', { id: 'mine', policy: { schedule: { mode: 'cron', pattern: '0 0 30 2 *' } } }),
      ),
      expect.objectContaining({
        error: {
          code: -32_602,
          message: expect.any(String),
          data: {
            problems: [
              { path: 'policy.schedule.pattern', message: 'expected a cron pattern: it never matches a date' },
            ],
          },
        },
      }),
    ],
    [
      'an unknown session',
      JSON.stringify(call('session/get', { id: 'x' })),
      expect.objectContaining({
        error: {
          code: 1,
          message: expect.any(String),
          data: { code: 'KA_SESSION_NOT_FOUND', details: { id: 'x', known: ['mine'] } },
        },
      }),
    ],
    [
      'a batch',
      JSON.stringify([call('kernel/info', {}, 'a'), call('nope', {}, 'b')]),
      [expect.objectContaining({ id: 'a', result: expect.anything() }), error(-32_601)],
    ],
    ['a frame of more than a megabyte', JSON.stringify(call('session/get', { id: 'x'.repeat(1_100_000) })), 1009],
  ])('%s', async (_what, text, expected) => {
    expect(await exchange(text)).toEqual(expected);
  });

  test('a binary frame', async () => {
    expect(await exchange(Buffer.from([1, 2, 3]))).toEqual(error(-32_700));
  });

  test('the daemon is still alive after all of these', async () => {
    expect(await daemon.client.request('kernel/info')).toMatchObject({ pid: daemon.child.pid });
  });
});

test('the API returns a valid OpenRPC document of every method', async () => {
  const document = await daemon.client.request('rpc.discover');
  expect([isOpenRpc(document), isOpenRpc({ ...document, methods: 'none' })]).toEqual([true, false]);
  const names = (document['methods'] as { name: string }[]).map(({ name }) => name);
  expect(names.toSorted()).toEqual(Object.keys(METHODS).toSorted());
});

test('every result matches its schema, which has every member of it', async () => {
  const mine = { id: 'mine' };
  const calls: Readonly<Record<string, object>> = {
    'session/get': mine,
    'session/explain': mine,
    'session/look': mine,
    'session/program': mine,
    'tool/sessions': { plugin: 'codex' },
  };
  const quiet = (Object.keys(METHODS) as (keyof typeof METHODS)[]).filter(
    name =>
      ![
        'kernel/stop',
        'kernel/reload',
        'session/pause',
        'session/resume',
        'session/refresh',
        'session/configure',
        'session/add',
        'session/remove',
        'notifier/configure',
        'login/start',
        'login/answer',
        'login/cancel',
        'warmup/cost',
        'warmup/add',
        'warmup/remove',
        'warmup/resume',
        'fleet/refresh',
        'fleet/login',
      ].includes(name),
  );
  for (const method of quiet) {
    const result = await daemon.client.request(method as 'session/get', (calls[method] ?? {}) as { id: string });
    // Members that the schema does not have are missing in what it returns.
    const { data, error } = METHODS[method].result.safeParse(result);
    expect([method, error?.issues, data]).toEqual([method, undefined, result]);
  }
});

test('every client is notified when a session is paused and resumed', async () => {
  const changes: string[] = [];
  void daemon.client.on('session/didChange', ({ state }) => void changes.push(state.name));
  expect(await daemon.client.request('session/pause', { id: 'mine' })).toMatchObject({
    state: { name: 'halted', why: 'paused' },
  });
  expect(await daemon.client.request('session/resume', { id: 'mine' })).toMatchObject({ state: { name: 'idle' } });
  // Its first attempt may be under way when it is paused: then it begins before, and ends without another state.
  const names = changes.filter((name, nth) => name !== changes[nth - 1]);
  expect(names.slice(names.indexOf('halted')).slice(0, 2)).toEqual(['halted', 'idle']);
});
