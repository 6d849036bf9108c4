import { expect, test } from 'vitest';
import { offline } from '../../sdk/errors.ts';
import { Simulation, type Script } from '../support/simulation.ts';

const HOUR = 3_600_000;
const refused = () => Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }));
const outages: Readonly<Record<string, Script>> = {
  refused,
  unresolvable: () => Promise.reject(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' })),
  'out of order (503)': () => Promise.reject(offline({ status: 503 })),
  'too busy (429)': () => ({ status: 'rate-limited' }),
  'too busy, with a Retry-After': ({ now }) => ({ status: 'rate-limited', retryAt: new Date(now() + 600_000) }),
  'busy owner': () => ({ status: 'deferred', reason: 'It runs.' }),
};

test.each(Object.entries(outages))('R7: six hours of %s disable nothing, alarm nobody, and end within half an hour', async (_name, outage) => {
  const world: Simulation = new Simulation({
    acme: { policy: { schedule: { mode: 'interval', every: '30m' } }, refresh: context => (world.clock.monotonic() < 6 * HOUR ? outage(context, 0) : { status: 'fresh' }) },
  });
  await world.boot();
  await world.run('6h');
  expect(world.keeper().record.state).toMatchObject({ name: 'waiting', failures: 0 });
  expect(world.calls.length).toBeGreaterThan(10);
  await world.run('33m');
  expect(world.keeper().record.state.name).toBe('alive');
  expect(world.raised).toEqual([]);
});

test('R7, the control: six hours of answers that nobody understands do disable', async () => {
  const world = await new Simulation({ acme: { refresh: () => ({ status: 'what?' }) } }).boot();
  await world.run('6h');
  expect(world.keeper().record.state).toMatchObject({ name: 'halted', why: 'too-many-failures', failures: 5 });
});

test('R7: a failure after a long outage has its retries, soon', async () => {
  const world: Simulation = new Simulation({
    acme: {
      refresh: () => (world.clock.monotonic() < 6 * HOUR ? refused() : Promise.reject(new Error('What is this?'))),
    },
  });
  await world.boot();
  await world.run('7h');
  const failed = world.attempts.filter(({ outcome }) => outcome === 'failed');
  expect(failed.length).toBeGreaterThan(2);
});
