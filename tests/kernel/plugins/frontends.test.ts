import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { Frontends } from '../../../kernel/plugins/frontends.ts';
import type { KeepaliveClient } from '../../../sdk/client/client.ts';
import { defineFrontend, type FrontendPlugin, type Machine } from '../../../sdk/plugin/frontend.ts';
import { fakeContext } from '../../../sdk/testing/context.ts';

let happened: string[];
let lines: string[];
let frontends: Frontends;

beforeEach(() => {
  happened = [];
  lines = [];
  let clients = 0;
  const connect = async (): Promise<KeepaliveClient> => {
    const nth = (clients += 1);
    return {
      request: () => Promise.reject(new Error('not asked')),
      on: () => () => undefined,
      origin: undefined,
      onNotification: () => () => undefined,
      onStatus: () => () => undefined,
      close: () => void happened.push(`client ${nth} closed`),
    };
  };
  const log = pino({ level: 'info' }, { write: line => void lines.push(line) });
  const machine: Machine = { ...fakeContext(), at: () => () => undefined };
  frontends = new Frontends(connect, log, () => () => undefined, machine);
});

const working = (id: string): FrontendPlugin =>
  defineFrontend({
    id,
    start: async () => {
      happened.push(`${id} started`);
      return () => void happened.push(`${id} stopped`);
    },
  });

describe('frontends follow the configuration', () => {
  test('new ones start, the others continue, and removed ones stop with their client', async () => {
    const [tray, page] = [working('tray'), working('page')];
    frontends.sync([tray]);
    await frontends.settled();
    frontends.sync([tray, page]);
    await frontends.settled();
    expect(happened).toEqual(['tray started', 'page started']);
    frontends.sync([page]);
    await expect.poll(() => happened.slice(2)).toEqual(['tray stopped', 'client 1 closed']);
    await frontends.stop();
    expect(happened.slice(4)).toEqual(['page stopped', 'client 2 closed']);
  });

  test('one that throws is reported with its id, loses its client, and does not affect the others', async () => {
    const broken = defineFrontend({ id: 'broken', start: () => Promise.reject(new Error('no display')) });
    frontends.sync([broken, working('tray')]);
    await frontends.settled();
    expect(happened).toEqual(expect.arrayContaining(['client 1 closed', 'tray started']));
    expect(lines.map(line => JSON.parse(line))).toEqual([
      expect.objectContaining({ plugin: 'broken', msg: 'a frontend did not start' }),
    ]);
    await frontends.stop();
  });

  test('one that is still starting is aborted by a stop', async () => {
    const slow = defineFrontend({
      id: 'slow',
      start: ({ signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    frontends.sync([slow]);
    await frontends.stop();
    expect(happened).toEqual(['client 1 closed']);
  });
});
