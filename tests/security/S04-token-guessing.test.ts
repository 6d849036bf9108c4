import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../runtime/log/log.ts';
import { Guesses } from '../../server/throttle.ts';
import { listen } from '../../server/listener.ts';
import { Pages } from '../../server/pages.ts';
import { connect } from '../../sdk/client/client.ts';
import { openDoor } from '../support/daemon/raw-client.ts';
import { listen as listenOnLoopback } from '../support/daemon/listen.ts';
import { times } from '../support/runs.ts';

describe('S4: how many wrong tokens are answered as such', () => {
  const count = (seconds: number, perSecond: number) => {
    const clock = { ms: 0 };
    const told: number[] = [];
    const guesses = new Guesses(
      refused => void told.push(refused),
      () => clock.ms,
    );
    let answered = 0;
    for (let second = 0; second < seconds; second += 1) {
      for (let guess = 0; guess < perSecond; guess += 1, clock.ms += 1_000 / perSecond)
        answered += guesses.add() ? 0 : 1;
    }
    return { answered, told: told.length };
  };

  test.each([
    ['mistakes', 10, 1, 10, 0],
    ['a client that knocks with an old key for an hour', 3_600, 5, 18_000, 0],
    ['a flood for ten minutes: a hundred, and ten a second', 600, 1_000, 6_100, 10],
  ])('%s', (_what, seconds, perSecond, answered, told) => {
    const counted = count(seconds, perSecond);
    expect(Math.abs(counted.answered - answered)).toBeLessThanOrEqual(1);
    expect(counted.told).toBe(told);
  });
});

type Flood = { readonly statuses: ReadonlyMap<number, number>; readonly seconds: number };

/** Tries this many wrong tokens in every way there is to show one, 64 at one time. */
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

/** Lets somebody try again and again until the flood is over; gives how often that worked, and how long it took at worst. */
async function meanwhile(flooding: Promise<Flood>, serve: () => Promise<boolean>) {
  const over = new AbortController();
  const flooded = flooding.finally(() => over.abort());
  let [served, turnedAway, worst] = [0, 0, 0];
  do {
    const began = performance.now();
    if (await serve()) served += 1;
    else turnedAway += 1;
    worst = Math.max(worst, performance.now() - began);
  } while (!over.signal.aborted);
  return { served, turnedAway, worst: Math.round(worst), ...(await flooded) };
}

const TOTAL = times(2_000, 10_000);
const allowed = (seconds: number): number => 100 + 10 * seconds + 1;

describe('S4: at the daemon', () => {
  let door: Awaited<ReturnType<typeof openDoor>>;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.end());

  test(
    'of a flood of wrong tokens few are told more than that they are too many, and who has the right one gets in meanwhile',
    { timeout: 120_000 },
    async ({ annotate }) => {
      const { home } = await door.daemon.client.request('kernel/info');
      const { served, turnedAway, worst, statuses, seconds } = await meanwhile(flood(door.port, TOTAL), async () => {
        const client = await connect({ endpointFile: join(home, 'endpoint.json') });
        await client.request('session/list');
        client.close();
        return true;
      });
      const [told = 0, refused = 0] = [401, 429].map(status => statuses.get(status) ?? 0);
      expect([served > 0, turnedAway, told + refused]).toEqual([true, 0, TOTAL]);
      expect(told).toBeLessThanOrEqual(allowed(seconds));
      // Afterwards more of them are still too many, and a newcomer with the right one gets in.
      const after = await flood(door.port, 300);
      expect([(after.statuses.get(429) ?? 0) > 150, await door.handshake({ headers: door.good })]).toEqual([true, 101]);
      const log = readFileSync(join(home, 'keepalived.log'), 'utf8')
        .split('\n')
        .filter(line => line.includes('tries tokens'));
      expect(log).toHaveLength(1);
      // Without a token there is nothing to guess, and nothing to count.
      expect(await door.ask({})).toEqual([401, '']);
      await annotate(
        `${TOTAL} wrong tokens in ${seconds.toFixed(1)} s: ${told} were told so, ${refused} only that they are too many; ${served} new clients with the right one were all served, the slowest in ${worst} ms`,
      );
    },
  );
});

/** The daemon's door with another way of counting. */
async function doorWith(guesses: Pick<Guesses, 'add'>): Promise<number> {
  const { port, stop } = await listen(0, 'right', {
    onChannel: () => undefined,
    onGarbage: () => undefined,
    pages: new Pages(silentLog()),
    guesses,
  });
  onTestFinished(stop);
  return port;
}

describe('S4, the controls', () => {
  test('where nobody counts, every wrong token is told so', { timeout: 120_000 }, async ({ annotate }) => {
    const { statuses, seconds } = await flood(await doorWith({ add: () => false }), TOTAL);
    expect(statuses.get(401)).toBe(TOTAL);
    expect(TOTAL).toBeGreaterThan(allowed(seconds));
    await annotate(`${TOTAL} of ${TOTAL} told`);
  });

  test(
    'where only ten tokens a second are looked at, whoever has the right one is turned away',
    { timeout: 120_000 },
    async ({ annotate }) => {
      // Why our own door compares them all: see docs/decisions/0014.
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
      const { served, turnedAway } = await meanwhile(flood(port, TOTAL), serve);
      expect(turnedAway).toBeGreaterThan(served);
      await annotate(`${turnedAway} of ${served + turnedAway} clients with the right token were turned away`);
    },
  );
});
