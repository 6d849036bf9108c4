import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Guesses } from '../../kernel/rpc/guesses.ts';
import { connect } from '../../sdk/client.ts';
import { openDoor } from '../support/door.ts';
import { times } from '../support/runs.ts';

describe('S4: how many wrong tokens are answered as such', () => {
  const count = (seconds: number, perSecond: number) => {
    const clock = { ms: 0 };
    const told: number[] = [];
    const guesses = new Guesses(refused => void told.push(refused), () => clock.ms);
    let answered = 0;
    for (let second = 0; second < seconds; second += 1) {
      for (let guess = 0; guess < perSecond; guess += 1, clock.ms += 1_000 / perSecond) answered += guesses.add() ? 0 : 1;
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

describe('S4: at the daemon', () => {
  let door: Awaited<ReturnType<typeof openDoor>>;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.end());

  test('of a flood of wrong tokens few are told more than that they are too many, and who has the right one gets in meanwhile', { timeout: 60_000 }, async () => {
    const total = times(2_000, 10_000);
    const agent = new Agent({ maxSockets: 64 });
    const statuses = new Map<number, number>();
    const knock = (token: string) => new Promise<void>(resolve => {
      request({ port: door.port, host: '127.0.0.1', path: '/rpc', agent, headers: { authorization: `Bearer ${token}` } }, response => {
        statuses.set(response.statusCode ?? 0, (statuses.get(response.statusCode ?? 0) ?? 0) + 1);
        response.resume().on('end', resolve);
      }).end();
    });
    const started = performance.now();
    const ended = new AbortController();
    const flood = Promise.all(Array.from({ length: total }, (_, index) => knock(`wrong-${index}`))).then(() => ended.abort());
    const { home } = await door.daemon.client.request('kernel/info');
    let served = 0;
    do {
      const client = await connect({ endpointFile: join(home, 'endpoint.json') });
      await client.request('session/list');
      client.close();
      served += 1;
    } while (!ended.signal.aborted);
    await flood;
    const seconds = (performance.now() - started) / 1_000;

    expect(served).toBeGreaterThan(0);
    expect([...statuses.keys()].toSorted()).toEqual([401, 429]);
    expect(statuses.get(401)).toBeLessThanOrEqual(100 + 10 * seconds + 1);
    expect((statuses.get(401) ?? 0) + (statuses.get(429) ?? 0)).toBe(total);
    const log = readFileSync(join(home, 'keepalived.log'), 'utf8').split('\n').filter(line => line.includes('tries tokens'));
    expect(log).toHaveLength(1);
    // Without a token there is nothing to guess, and nothing to count.
    expect(await door.ask({})).toEqual([401, '']);
  });
});
