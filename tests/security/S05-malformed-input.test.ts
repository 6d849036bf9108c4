import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { frames } from '../support/daemon/frames.ts';
import { runs } from '../support/runs.ts';

type Answer = { readonly id?: unknown; readonly error?: { readonly code: number }; readonly result?: unknown };

let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
beforeAll(async () => {
  door = await daemonWithRawClient();
});
afterAll(() => door.end());

type Reply = Answer | readonly Answer[] | number | undefined;

/** Opens a connection for sending frames. Each returns its answer, the close code, or undefined if no answer is due. */
async function talk(): Promise<(frame: string | Buffer) => Promise<Reply>> {
  const socket = new WebSocket(door.endpoint.url, { headers: door.good });
  socket.on('error', () => undefined);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  let heard: (reply: Reply) => void = () => undefined;
  socket.on('close', code => heard(code));
  socket.on('message', data => {
    const message = JSON.parse(String(data));
    if (message.method === undefined) heard(message.id === MARK ? undefined : message);
  });
  return frame =>
    new Promise(resolve => {
      heard = resolve;
      socket.send(frame);
      if (!needsAnswer(frame)) socket.send(JSON.stringify(call({ id: MARK })));
    });
}

const MARK = 'the next request';

/** Whether the specification requires an answer: not to a notification or a batch of them. */
function needsAnswer(frame: string | Buffer): boolean {
  const value = parse(frame);
  const isNotification = (part: unknown): boolean =>
    typeof part === 'object' &&
    part !== null &&
    'jsonrpc' in part &&
    part.jsonrpc === '2.0' &&
    'method' in part &&
    typeof part.method === 'string' &&
    !('id' in part) &&
    !('result' in part) &&
    !('error' in part);
  return Array.isArray(value) && value.length ? !value.every(isNotification) : !isNotification(value);
}

/** Undefined if it is not JSON. */
function parse(frame: string | Buffer): unknown {
  try {
    return typeof frame === 'string' ? JSON.parse(frame) : undefined;
  } catch {
    return undefined;
  }
}

const codeOf = ({ error, result }: Answer): number | string =>
  error?.code ?? (result === undefined ? 'nothing' : 'result');
const isList = (reply: Reply): reply is readonly Answer[] => Array.isArray(reply);

/** The code of an answer or of each answer of a batch, or `closed` with the close code. */
function codesOf(reply: Reply): unknown {
  if (typeof reply === 'number') return `closed ${reply}`;
  if (reply === undefined) return 'silence';
  return isList(reply) ? reply.map(codeOf) : codeOf(reply);
}

const call = (more: object) => ({ jsonrpc: '2.0', id: 1, method: 'session/get', params: { id: 'mine' }, ...more });
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('S5: a corpus', () => {
  test.each<[string, string | Buffer, unknown]>([
    ['nothing', '', -32_700],
    ['half a message', '{"jsonrpc":"2.0",', -32_700],
    ['bytes', Buffer.from([0, 255, 1]), -32_700],
    ['a list in a list', '[[]]', [-32_600]],
    ['null in a list', '[null, 1, "x"]', [-32_600, -32_600, -32_600]],
    ['lists 100,000 deep', deep(100_000), [-32_600]],
    ['params 50,000 deep', `{"jsonrpc":"2.0","id":1,"method":"session/get","params":{"id":${deep(50_000)}}}`, -32_602],
    [
      'params that are themselves 50,000 deep',
      `{"jsonrpc":"2.0","id":1,"method":"session/get","params":${deep(50_000)}}`,
      -32_602,
    ],
    [
      '__proto__ in the params',
      '{"jsonrpc":"2.0","id":1,"method":"session/get","params":{"id":"mine","__proto__":{"x":1}}}',
      -32_602,
    ],
    [
      '__proto__ instead of the params',
      '{"jsonrpc":"2.0","id":1,"method":"session/get","params":{"__proto__":{"id":"mine"}}}',
      -32_602,
    ],
    [
      'a constructor in a policy',
      '{"jsonrpc":"2.0","id":1,"method":"session/configure",' +
        '"params":{"id":"mine","policy":{"constructor":{"prototype":{}}}}}',
      -32_602,
    ],
    ['__proto__ instead of the message', '{"__proto__":{"jsonrpc":"2.0","id":1,"method":"kernel/info"}}', -32_600],
    [
      'methods of Object.prototype',
      JSON.stringify(['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map(method => call({ method }))),
      [-32_601, -32_601, -32_601, -32_601],
    ],
    ['an id of 500,000 letters', JSON.stringify(call({ id: 'x'.repeat(500_000) })), 'result'],
    ['a session of 500,000 letters', JSON.stringify(call({ params: { id: 'x'.repeat(500_000) } })), -32_602],
    ['an infinite number', '{"jsonrpc":"2.0","id":1e999,"method":"kernel/info"}', 'result'],
    ['a notification', '{"jsonrpc":"2.0","method":"kernel/info"}', 'silence'],
    [
      'a list of notifications',
      JSON.stringify([1, 2].map(() => ({ jsonrpc: '2.0', method: 'kernel/info' }))),
      'silence',
    ],
    ['an unsolicited answer', '{"jsonrpc":"2.0","id":7,"result":1}', -32_600],
    ['half of a surrogate pair', JSON.stringify(call({ params: { id: '\ud800' } })), 1],
  ])('%s', async (_what, frame, expected) => {
    const send = await talk();
    expect(codesOf(await send(frame))).toEqual(expected);
  });

  test('invalid UTF-8 ends the connection with 1007, and a protocol error with 1002', async () => {
    for (const [bytes, code] of [
      [[0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28], 1007],
      [[0xf3, 0x80, 0, 0, 0, 0], 1002],
    ] as const) {
      const socket = new WebSocket(door.endpoint.url, { headers: door.good });
      socket.on('error', () => undefined);
      const [response] = (await once(socket, 'upgrade')) as [{ readonly socket: NodeJS.WritableStream }];
      response.socket.write(Buffer.from(bytes));
      expect((await once(socket, 'close'))[0]).toBe(code);
    }
  });

  test('a batch of 10,000 is answered', async () => {
    const send = await talk();
    const answers = (await send(
      JSON.stringify(Array.from({ length: 10_000 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'kernel/info' }))),
    )) as Answer[];
    expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 10_000 }, (_, id) => id));
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['result']));
  });

  test('a megabyte of messages that are not valid is refused with one answer', async () => {
    const send = await talk();
    const answer = await send(`[${'1,'.repeat(500_000)}1]`);
    expect(answer).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32_600, message: 'A batch has at most 10000 messages. Send several batches.' },
    });
  });

  test('a small batch with very large answers is cut short, and memory stays bounded', async () => {
    const send = await talk();
    const answers = (await send(
      JSON.stringify(Array.from({ length: 10_000 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'rpc.discover' }))),
    )) as Answer[];
    expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 10_000 }, (_, id) => id));
    expect(codeOf(answers[0] ?? {})).toBe('result');
    expect(codeOf(answers.at(-1) ?? {})).toBe(-32_600);
    expect(JSON.stringify(answers).length).toBeLessThan(12 * 1024 * 1024);
  });
});

const CODES: readonly unknown[] = [-32_700, -32_600, -32_601, -32_602, 1, 'result'];

/** Whether the specification allows these codes, as far as this is known without the methods. */
function isInOrder(frame: string, codes: unknown): boolean {
  const value = parse(frame);
  if (value === undefined) return codes === -32_700;
  if (!needsAnswer(frame)) return codes === 'silence';
  if (typeof value !== 'object' || value === null || (Array.isArray(value) && value.length === 0))
    return codes === -32_600;
  return (
    Array.isArray(codes) === Array.isArray(value) &&
    [codes].flat().every(code => CODES.includes(code) && code !== -32_700)
  );
}

test('S5: any frame is answered as specified, and the daemon survives', { timeout: 120_000 }, async ({ annotate }) => {
  const send = await talk();
  const asked = runs(1_000, 10_000);
  await fc.assert(
    fc.asyncProperty(frames, async frame => {
      const codes = codesOf(await send(frame));
      if (!isInOrder(frame, codes)) throw new Error(`answered with ${JSON.stringify(codes)}`);
    }),
    asked,
  );
  const { pid, home } = await door.daemon.client.request('kernel/info');
  expect(pid).toBe(door.daemon.child.pid);
  expect(readFileSync(`${home}/keepalived.log`, 'utf8')).not.toMatch(/was not (caught|handled)|could not be answered/);
  await annotate(`${asked.numRuns} random frames: all answered as specified`);
});

test('S5 control: an answer that is not as specified is detected', () => {
  const wrong = [
    ['{', -32_600],
    ['7', 'silence'],
    ['[]', []],
    ['{}', -32_603],
    ['[{}]', -32_600],
    ['{"jsonrpc":"2.0","method":"x"}', -32_601],
  ] as const;
  expect(wrong.filter(([frame, codes]) => isInOrder(frame, codes))).toEqual([]);
  expect(isInOrder('[{}]', [-32_600])).toBe(true);
});
