import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../runtime/log/log.ts';
import { AuthThrottle as Guesses } from '../../server/limits.ts';
import { listen } from '../../server/listener.ts';
import { Pages } from '../../server/pages.ts';
import { connect } from '../../sdk/client/client.ts';
import { daemonWithRawClient } from '../support/daemon/raw-client.ts';
import { listen as listenOnLoopback } from '../support/daemon/listen.ts';
import { times } from '../support/runs.ts';

describe('S4: how many wrong tokens are answered with 401', () => {
  const count = (seconds: number, perSecond: number) => {
    const clock = { ms: 0 };
    const logged: number[] = [];
    const guesses = new Guesses(
      refused => void logged.push(refused),
      () => clock.ms,
    );
    let answered = 0;
    for (let second = 0; second < seconds; second += 1) {
      for (let guess = 0; guess < perSecond; guess += 1, clock.ms += 1_000 / perSecond)
        answered += guesses.add() ? 0 : 1;
    }
    return { answered, logged: logged.length };
  };

  test.each([
    { what: 'mistakes', seconds: 10, perSecond: 1, answered: 10, logged: 0 },
    {
      what: 'a client that retries an old token for an hour',
      seconds: 3_600,
      perSecond: 5,
      answered: 18_000,
      logged: 0,
    },
    {
      what: 'a flood for ten minutes: a hundred, and ten per second',
      seconds: 600,
      perSecond: 1_000,
      answered: 6_100,
      logged: 10,
    },
  ])('$what', ({ seconds, perSecond, answered, logged }) => {
    const counted = count(seconds, perSecond);
    expect(Math.abs(counted.answered - answered)).toBeLessThanOrEqual(1);
    expect(counted.logged).toBe(logged);
  });
});

type Flood = { readonly statuses: ReadonlyMap<number, number>; readonly seconds: number };

/** Tries `total` wrong tokens in every way to send one, 64 at a time. */
async function flood(port: number, total: number): Promise<Flood> {
  const agent = new Agent({ maxSockets: 64 });
  const statuses = new Map<number, number>();
  const ways: readonly ((token: string) => Record<string, string>)[] = [
    token => ({ authorization: `Bearer ${token}` }),
    token => ({ authorization: `Bearer ${token}`, ...UPGRADE }),
    token => ({ 'sec-websocket-protocol': `keepalive.v1, bearer.${token}`, ...UPGRADE }),
  ];
  const started = performance.now();
  await Promise.all(
    Array.from(
      { length: total },
      (_, index) =>
        new Promise<void>(resolve => {
          const headers = ways[index % ways.length]?.(randomBytes(32).toString('base64url')) ?? {};
          const count = (response: IncomingMessage) => {
            statuses.set(response.statusCode ?? 0, (statuses.get(response.statusCode ?? 0) ?? 0) + 1);
            response.resume().on('close', resolve);
          };
          request({ port, host: '127.0.0.1', path: '/rpc', agent, headers }, count)
            .on('error', () => resolve())
            .end();
        }),
    ),
  );
  return { statuses, seconds: (performance.now() - started) / 1_000 };
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};

/** Calls `serve` until the flood is over. Returns how often it succeeded and the longest time that it took. */
async function meanwhile(flooding: Promise<Flood>, serve: () => Promise<boolean>) {
  const over = new AbortController();
  const flooded = flooding.finally(() => over.abort());
  let [served, failed, worst] = [0, 0, 0];
  do {
    const began = performance.now();
    if (await serve()) served += 1;
    else failed += 1;
    worst = Math.max(worst, performance.now() - began);
  } while (!over.signal.aborted);
  return { served, failed, worst: Math.round(worst), ...(await flooded) };
}

const TOTAL = times(1_000, 10_000);
const allowed = (seconds: number): number => 100 + 10 * seconds + 1;

describe('S4: the daemon', () => {
  let door: Awaited<ReturnType<typeof daemonWithRawClient>>;
  beforeAll(async () => {
    door = await daemonWithRawClient();
  });
  afterAll(() => door.end());

  test(
    'answers most of a flood of wrong tokens with 429 and serves clients with the right one meanwhile',
    { timeout: 120_000 },
    async ({ annotate }) => {
      const { home } = await door.daemon.client.request('kernel/info');
      const { served, failed, worst, statuses, seconds } = await meanwhile(flood(door.port, TOTAL), async () => {
        const client = await connect({ endpointFile: join(home, 'endpoint.json') });
        await client.request('session/list');
        client.close();
        return true;
      });
      const [unauthorized = 0, refused = 0] = [401, 429].map(status => statuses.get(status) ?? 0);
      expect([served > 0, failed, unauthorized + refused]).toEqual([true, 0, TOTAL]);
      expect(unauthorized).toBeLessThanOrEqual(allowed(seconds));
      // Afterwards more wrong tokens still get 429, and a new client with the right one is served.
      const after = await flood(door.port, 300);
      expect([(after.statuses.get(429) ?? 0) > 150, await door.handshake({ headers: door.good })]).toEqual([true, 101]);
      const log = readFileSync(join(home, 'keepalived.log'), 'utf8')
        .split('\n')
        .filter(line => line.includes('repeated API requests with wrong tokens'));
      expect(log).toHaveLength(1);
      // Requests without a token are not counted.
      expect(await door.ask({})).toEqual([401, '']);
      await annotate(
        `${TOTAL} wrong tokens in ${seconds.toFixed(1)} s: ${unauthorized} got 401, ${refused} got 429; ` +
          `${served} new clients with the right one were all served, the slowest in ${worst} ms`,
      );
    },
  );
});

/** The daemon's listener with another way of counting. */
async function listenerWith(guesses: Pick<Guesses, 'add'>): Promise<number> {
  const { port, stop } = await listen(
    0,
    { token: 'right', readToken: 'read' },
    {
      answer: async () => undefined,
      onChannel: () => undefined,
      onGarbage: () => undefined,
      pages: new Pages(silentLog()),
      throttle: guesses,
    },
  );
  onTestFinished(stop);
  return port;
}

describe('S4 controls', () => {
  test('without counting, every wrong token gets 401', { timeout: 120_000 }, async ({ annotate }) => {
    const { statuses, seconds } = await flood(await listenerWith({ add: () => false }), TOTAL);
    expect(statuses.get(401)).toBe(TOTAL);
    expect(TOTAL).toBeGreaterThan(allowed(seconds));
    await annotate(`${TOTAL} of ${TOTAL} got 401`);
  });

  test(
    'if only ten tokens per second are compared, clients with the right one are refused',
    { timeout: 120_000 },
    async ({ annotate }) => {
      // docs/decisions/0014 says why the daemon compares all of them.
      const looks = new Guesses(() => undefined);
      const server = createServer(
        ({ headers }, response) =>
          void response
            .writeHead(looks.add() ? 429 : headers.authorization === 'Bearer right' ? 200 : 401, {
              connection: 'close',
            })
            .end(),
      );
      const port = Number(new URL(await listenOnLoopback(server)).port);
      const serve = () =>
        fetch(`http://127.0.0.1:${port}/rpc`, { headers: { authorization: 'Bearer right' } }).then(
          ({ ok }) => ok,
          () => false,
        );
      const { served, failed } = await meanwhile(flood(port, TOTAL), serve);
      expect(failed).toBeGreaterThan(served);
      await annotate(`${failed} of ${served + failed} clients with the right token were refused`);
    },
  );
});
