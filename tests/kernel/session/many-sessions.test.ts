import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Loaded } from '../../../kernel/plugins/loader.ts';
import { unknownSession } from '../../../kernel/session/unknown-session.ts';
import type { Plugin } from '../../../sdk/plugin/plugin.ts';
import { Logins } from '../../../lifecycle/logins.ts';
import { WITHOUT_FILE } from '../../../config/resolve.ts';
import { defineProvider } from '../../../sdk/plugin/provider.ts';
import { Simulation } from '../../support/clock/simulation.ts';

// Counts of work for each session. They must not grow with the number of sessions.

const FEW = 10;
const MANY = 1_000;

/** Providers that count how often their id is read. */
function providers(count: number) {
  const reads = { count: 0 };
  const loaded = Array.from({ length: count }, (_, index): Loaded => {
    const id = `session-${index}`;
    const plugin = defineProvider({ id, displayName: id, refresh: async () => ({ status: 'fresh' }) });
    Object.defineProperty(plugin, 'id', { get: () => ((reads.count += 1), id) });
    return { plugin, module: id, info: { id, kind: 'provider', module: id, status: 'loaded', loadMs: 0 } };
  });
  return { loaded, reads };
}

/** How often an id is read for each session: when all are new, and when one is gone and one has come. */
async function readsPerSession(count: number): Promise<readonly number[]> {
  const { sessions } = await new Simulation({}, { config: { ...WITHOUT_FILE, concurrency: 1 } }).boot();
  const { loaded, reads } = providers(count + 1);
  const inSync = async (wanted: readonly Loaded[]) => {
    reads.count = 0;
    await sessions.sync(wanted);
    return Math.floor(reads.count / count);
  };
  const all = [await inSync(loaded.slice(1)), await inSync(loaded.slice(0, -1))];
  await sessions.stop();
  return all;
}

test('a sync matches each session with its provider by id', async () => {
  const [few, many] = [await readsPerSession(FEW), await readsPerSession(MANY)];
  expect(many.every((reads, nth) => reads <= (few[nth] ?? 0))).toBe(true);
});

test('the sessions that stay keep their keepers, in the new order', async () => {
  const { sessions } = await new Simulation({}).boot();
  const { loaded } = providers(MANY);
  await sessions.sync(loaded);
  const before = new Set(sessions.all());
  await sessions.sync(loaded.slice(1).toReversed());
  expect(sessions.all().filter(keeper => before.has(keeper))).toHaveLength(MANY - 1);
  expect([sessions.ids[0], sessions.ids.at(-1)]).toEqual([`session-${MANY - 1}`, 'session-1']);
  await sessions.stop();
});

test('a session that is removed while others are started is never started', async () => {
  const { sessions } = await new Simulation({}).boot();
  let started = 0;
  const inspect = async () => {
    started += 1;
    return { present: true };
  };
  const loaded = providers(MANY).loaded.map(one => ({ ...one, plugin: { ...one.plugin, inspect } as Plugin }));
  const syncing = sessions.sync(loaded);
  await nextTurn();
  expect(sessions.ids).toHaveLength(MANY);
  await sessions.sync([]);
  await syncing;
  expect(started).toBeLessThan(MANY);
  expect(sessions.ids).toEqual([]);
  await sessions.stop();
});

test('the error about an unknown session names some of many, with the one that was probably meant', () => {
  const ids = Array.from({ length: MANY }, (_, index) => `session-${index}`);
  const { details } = unknownSession('sesion-999', ids);
  expect(details).toMatchObject({ id: 'sesion-999', more: MANY - 20 });
  expect(details['known']).toEqual(['session-999', ...ids.slice(0, 19)]);
});

test('only the sessions that share a login are asked for their place', () => {
  const asked: string[] = [];
  const logins = new Logins(
    id => (asked.push(id), { place: Number(id), isHalted: false }),
    () => undefined,
  );
  for (let n = 0; n < MANY; n += 1) {
    const refreshFingerprint = `login-${Math.floor(n / 2)}`;
    logins.update(String(n), { present: true, store: `/${n}`, refreshFingerprint });
  }
  asked.length = 0;
  expect(logins.claim('501')).toEqual({ holder: '500', spent: false });
  expect(new Set(asked)).toEqual(new Set(['500', '501']));
});
