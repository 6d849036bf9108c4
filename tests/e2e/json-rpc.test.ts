import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
beforeAll(async () => {
  door = await daemonWithRawClient([]);
});
afterAll(() => door.end());

const MARK = 'mark';

/** The frames that come back until a call that was sent afterwards is answered. Waits for at least `wanted` frames. */
async function replies(text: string, wanted: number): Promise<readonly unknown[]> {
  const socket = new WebSocket(door.endpoint.url, { headers: door.good });
  await once(socket, 'open');
  const frames: unknown[] = [];
  let isMarked = false;
  const done = new Promise<void>(resolve => {
    socket.on('message', data => {
      const frame: unknown = JSON.parse(String(data));
      if (typeof frame === 'object' && frame !== null && 'id' in frame && frame.id === MARK) isMarked = true;
      else if (!(typeof frame === 'object' && frame !== null && 'method' in frame)) frames.push(frame);
      if (isMarked && frames.length >= wanted) resolve();
    });
  });
  socket.send(text);
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: MARK, method: 'session/list' }));
  await done;
  socket.close();
  return frames;
}

/** The answer to a request over HTTP, as a list like the frames. */
async function posted(text: string): Promise<readonly unknown[]> {
  const [status, body] = await door.ask({
    method: 'POST',
    headers: { ...door.good, 'content-type': 'application/json' },
    body: text,
  });
  return status === 204 ? [] : [JSON.parse(body)];
}

const failed = (code: number, message: string, id: string | number | null = null) => ({
  jsonrpc: '2.0',
  error: { code, message },
  id,
});
const INVALID = failed(-32_600, 'Invalid Request');
const PARSE = failed(-32_700, 'Parse error');
const result = (id: string | number) => ({ jsonrpc: '2.0', result: expect.anything(), id });

describe('the examples of the JSON-RPC 2.0 specification', () => {
  test.each<[string, string, readonly unknown[]]>([
    [
      'a call with named params',
      '{"jsonrpc": "2.0", "method": "session/get", "params": {"id": "mine"}, "id": 3}',
      [result(3)],
    ],
    [
      'a call with named params in another order',
      '{"id": 4, "params": {"id": "mine"}, "method": "session/get", "jsonrpc": "2.0"}',
      [result(4)],
    ],
    ['a notification', '{"jsonrpc": "2.0", "method": "session/list", "params": {}}', []],
    ['a notification for an unknown method', '{"jsonrpc": "2.0", "method": "foobar"}', []],
    [
      'an unknown method',
      '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}',
      [failed(-32_601, 'Method not found', '1')],
    ],
    ['invalid JSON', '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', [PARSE]],
    ['an invalid request object', '{"jsonrpc": "2.0", "method": 1, "params": "bar"}', [INVALID]],
    [
      'a batch of invalid JSON',
      '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method"]',
      [PARSE],
    ],
    ['an empty list', '[]', [INVALID]],
    ['an invalid batch, not empty', '[1]', [[INVALID]]],
    ['an invalid batch', '[1,2,3]', [[INVALID, INVALID, INVALID]]],
    [
      'a batch',
      `[
        {"jsonrpc": "2.0", "method": "session/list", "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
        {"jsonrpc": "2.0", "method": "session/get", "params": {"id": "mine"}, "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "notice/list", "id": "9"}
      ]`,
      [[result('1'), result('2'), INVALID, failed(-32_601, 'Method not found', '5'), result('9')]],
    ],
    [
      'a batch of only notifications',
      '[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]}, ' +
        '{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]',
      [],
    ],
  ])('%s', async (_what, text, expected) => {
    expect(await replies(text, expected.length)).toEqual(expected);
    expect(await posted(text)).toEqual(expected);
  });
});

describe('rules of the specification without an example', () => {
  test.each<[string, string, readonly unknown[]]>([
    [
      'a method that is not a string, with an id',
      '{"jsonrpc": "2.0", "method": 1, "id": 7}',
      [failed(-32_600, 'Invalid Request', 7)],
    ],
    ['a method that is null', '{"jsonrpc": "2.0", "method": null}', [INVALID]],
    ['a method that is an object, in a batch', '[{"jsonrpc": "2.0", "method": {}}]', [[INVALID]]],
    ['an id that is an object', '{"jsonrpc": "2.0", "method": "session/list", "id": {}}', [INVALID]],
    ['an id that is true', '{"jsonrpc": "2.0", "method": "session/list", "id": true}', [INVALID]],
    ['an id that is a list', '[{"jsonrpc": "2.0", "method": "session/list", "id": [1]}]', [[INVALID]]],
    [
      'an id that is null',
      '{"jsonrpc": "2.0", "method": "session/list", "id": null}',
      [{ jsonrpc: '2.0', result: expect.anything(), id: null }],
    ],
    ['an id that is a fraction', '{"jsonrpc": "2.0", "method": "session/list", "id": 1.5}', [result(1.5)]],
    [
      'another version',
      '{"jsonrpc": "1.0", "method": "session/list", "id": 1}',
      [failed(-32_600, 'Invalid Request', 1)],
    ],
  ])('%s', async (_what, text, expected) => {
    expect(await replies(text, expected.length)).toEqual(expected);
    expect(await posted(text)).toEqual(expected);
  });
});
