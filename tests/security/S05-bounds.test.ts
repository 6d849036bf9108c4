import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect as connectSocket } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { AuthThrottle as Guesses } from '../../server/limits.ts';
import { listen } from '../../server/listener.ts';
import { Pages } from '../../server/pages.ts';
import type { RpcMethod } from '../../sdk/contract/rpc.ts';
import type { Attempt } from '../../sdk/contract/session.ts';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { peakMemory, TELLS_MEMORY } from '../support/io/memory.ts';
import { times } from '../support/runs.ts';
import { readText } from '../support/sources.ts';
import { UPGRADE } from '../support/websocket-upgrade.ts';

const MIB = 1024 * 1024;
let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
beforeAll(async () => {
  const attempt: Attempt = {
    id: 'mine',
    startedAt: 1,
    endedAt: 2,
    reason: 'schedule',
    method: 'auto',
    outcome: 'refreshed',
    failures: 0,
    message: 'x'.repeat(100),
  };
  // A large file that each request makes the daemon read.
  door = await daemonWithRawClient([], { 'history.jsonl': `${JSON.stringify(attempt)}\n`.repeat(2_000) });
});
afterAll(() => door.end());

async function opened(
  url = door.endpoint.url,
  headers: Readonly<Record<string, string>> = door.good,
): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers: { ...headers } });
  socket.on('error', () => undefined);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

const closed = async (socket: WebSocket): Promise<unknown> => (await once(socket, 'close'))[0];

describe('S5: the size of a message', () => {
  const message = (bytes: number): string => {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'kernel/info' });
    return text + ' '.repeat(bytes - text.length);
  };

  test('a message of 1 MiB is answered', async () => {
    const socket = await opened();
    socket.send(message(MIB));
    expect(JSON.parse(String((await once(socket, 'message'))[0]))).toMatchObject({
      id: 1,
      result: { name: 'session-keepalive' },
    });
  });

  test('a message that is one byte larger ends the connection with 1009, also in fragments', async () => {
    const [whole, parts] = [await opened(), await opened()];
    whole.send(message(MIB + 1));
    expect(await closed(whole)).toBe(1009);
    for (let part = 0; part < 5; part += 1) parts.send(' '.repeat(MIB / 4), { fin: false });
    expect(await closed(parts)).toBe(1009);
  });

  test('a message with a huge announced length ends the connection at once', async () => {
    const socket = new WebSocket(door.endpoint.url, { headers: door.good });
    socket.on('error', () => undefined);
    const [response] = (await once(socket, 'upgrade')) as [
      { readonly headers: object; readonly socket: NodeJS.WritableStream },
    ];
    // Compression is off, so a small message cannot expand.
    expect(response.headers).not.toHaveProperty('sec-websocket-extensions');
    response.socket.write(Buffer.from([0x81, 0xff, 0x00, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
    expect(await closed(socket)).toBe(1009);
  });

  test('ws 8.21 or newer, which limits the number of fragments, is installed and required', () => {
    const { version }: { readonly version: string } = createRequire(import.meta.url)('ws/package.json');
    // It is packed into what is shipped.
    const asked: string = JSON.parse(readText('package.json')).devDependencies.ws;
    for (const found of [version, asked]) {
      const [, major, minor] = /^(\d+)\.(\d+)\./.exec(found) ?? [];
      expect(Number(major) * 1_000 + Number(minor)).toBeGreaterThanOrEqual(8_021);
    }
  });
});

/** Sends `count` requests without waiting or reading. Resolves when other clients are answered again. */
async function pipeline(method: RpcMethod, params: object, count: number): Promise<void> {
  const socket = connectSocket(door.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write(
    `GET /rpc HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\n` +
      `Authorization: Bearer ${door.endpoint.token}\r\n${UPGRADE}\r\n`,
  );
  await once(socket, 'data');
  socket.pause();
  const text = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
  const thousand = Buffer.concat(Array.from({ length: 1_000 }, () => frame));
  for (let sent = 0; sent < count && !socket.destroyed; sent += 1_000) {
    if (socket.write(thousand)) continue;
    // The client may be accepted or dropped, or its data may wait. Other clients are served in each case.
    await Promise.race([
      new Promise(resolve => {
        socket.once('drain', resolve).once('close', resolve);
      }),
      others(method),
    ]);
  }
  await others(method);
}

/** Other clients are served meanwhile, at last by the same method: then the daemon has read all that it will read. */
const others = async (method: RpcMethod): Promise<void> => {
  for (let asked = 0; asked < 20; asked += 1) await door.daemon.client.request('session/list');
  await door.daemon.client
    .request(method, {})
    .catch((error: unknown) => expect(error).toMatchObject({ code: 'KA_PAGE_NOT_SERVED' }));
};

describe('S5: a client that sends 100,000 requests and reads nothing', () => {
  const count = times(20_000, 100_000);

  test.skipIf(!TELLS_MEMORY).for([
    ['session/list', {}],
    ['session/history', { limit: 1 }],
    ['doctor/run', {}],
    ['doctor/bundle', {}],
    ['kernel/reload', {}],
    ['page/open', {}],
  ] as const)(
    `does not fill the memory of the daemon with %s${TELLS_MEMORY ? '' : ' (skipped: only Linux shows the peak)'}`,
    async ([method, params], { annotate }) => {
      const pid = door.daemon.child.pid ?? 0;
      const before = peakMemory(pid);
      await pipeline(method, params, count);
      const grown = peakMemory(pid) - before;
      expect(grown).toBeLessThan(100);
      await annotate(`${count} times ${method} in one connection: ${grown.toFixed(0)} MiB more`);
    },
  );

  const flood = async (url: string, headers: Readonly<Record<string, string>>) => {
    const socket = await opened(url, headers);
    for (let sent = 0; sent < 5_000; sent += 1) socket.send('{}');
  };

  /** A server that holds its answers back until the test releases them. */
  function patientAnswers() {
    const open = { now: 0, answered: 0 };
    let finish: () => void = () => undefined;
    const told = new Promise<void>(resolve => {
      finish = resolve;
    });
    const answer = async () => {
      open.now += 1;
      await told;
      open.now -= 1;
      open.answered += 1;
    };
    return { open, answer, finish };
  }

  test('has at most 128 requests in progress, and all of them are answered in the end', async () => {
    const { open, answer, finish } = patientAnswers();
    const pages = new Pages(pino({ level: 'silent' }));
    const { port, stop } = await listen(
      0,
      { token: 'token', readToken: 'read' },
      {
        answer: async () => undefined,
        onChannel: channel => channel.onMessage(answer),
        onGarbage: () => undefined,
        pages,
        throttle: new Guesses(() => undefined),
      },
    );
    onTestFinished(stop);
    const [first, second] = [0, 1].map(() => flood(`ws://127.0.0.1:${port}/rpc`, { authorization: 'Bearer token' }));
    await first;
    await expect.poll(() => open.now, { timeout: 20_000 }).toBe(256);
    await second;
    expect(open.now).toBe(256);
    finish();
    await expect.poll(() => open.answered, { timeout: 20_000 }).toBe(10_000);
  });

  test('control: without the limit all of them are in progress', async () => {
    const { open, answer, finish } = patientAnswers();
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => server.close());
    server.on('connection', socket => socket.on('message', answer));
    await once(server, 'listening');
    const address = server.address();
    await flood(`ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, {});
    await expect.poll(() => open.now, { timeout: 20_000 }).toBe(5_000);
    finish();
  });
});
