import { expect, test } from 'vitest';
import { toMs, type Duration } from '../../sdk/duration.ts';
import type { Schedule } from '../../sdk/policy.ts';
import { Simulation, type Script } from '../support/simulation.ts';

const fresh: Script = () => ({ status: 'fresh' });
const periodic: readonly (readonly [string, Schedule, Duration])[] = [
  ['interval', { mode: 'interval', every: '30m' }, '30m'],
  ['before-expiry without an expiry', { mode: 'before-expiry', buffer: '5m' }, '30m'],
  ['cron', { mode: 'cron', pattern: '*/15 * * * *' }, '15m'],
];

/** Set back by hand while the daemon runs; or while it does not, so that nobody saw it. */
const setBack = {
  'while it runs': async (world: Simulation) => world.clock.jump('24h', -1),
  'while it is down': async (world: Simulation) => {
    world.powerOff();
    world.clock.jump('24h', -1);
    await world.boot();
  },
};

test.each(Object.entries(setBack).flatMap(([when, act]) => periodic.map(([name, schedule, every]) => ({ when, act, name, schedule, every }))))(
  'R11: $name is on time again within one interval after the clock was set back by a day $when', async ({ act, schedule, every }) => {
    const world = await new Simulation({ acme: { policy: { schedule }, refresh: fresh } }).boot();
    await world.run('2h');
    await act(world);
    const [before, at] = [world.calls.length, world.clock.monotonic()];
    await world.run('3h');
    const times = [at, ...world.calls.slice(before).map(({ elapsed }) => elapsed), world.clock.monotonic()];
    const longest = Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
    expect(longest).toBeLessThanOrEqual(toMs(every) + 35_000);
  });

test.each(Object.entries(setBack))('R11: waiting for a retry is not a day longer when the clock was set back %s', async (_when, act) => {
  const world = await new Simulation({ acme: { refresh: () => Promise.reject(Object.assign(new Error('away'), { code: 'ENOTFOUND' })) } }).boot();
  await world.run('1m');
  await act(world);
  await world.run('6m');
  expect(world.calls.length).toBeGreaterThanOrEqual(2);
});

test.each(Object.entries(setBack))('R11: no second daily run on one local date when it was set back %s', async (_when, act) => {
  const schedule: Schedule = { mode: 'daily', at: '02:30', timezone: 'Europe/Berlin' };
  const world = await new Simulation({ acme: { policy: { schedule }, refresh: fresh } }, { start: Date.UTC(2026, 5, 10, 0, 0) }).boot();
  await world.run('3d');
  await act(world);
  await world.run('5d');
  const dates = world.calls.slice(1).map(({ at }) => new Date(at + toMs('2h')).toISOString().slice(0, 10));
  expect(new Set(dates).size).toBe(dates.length);
  expect(dates.length).toBeGreaterThanOrEqual(6);
});
