import { expect, test } from 'vitest';
import type { Schedule } from '../../sdk/contract/policy.ts';
import { Simulation, type Script } from '../support/clock/simulation.ts';

const fresh: Script = () => ({ status: 'fresh' });
const schedules: readonly Schedule[] = [
  { mode: 'interval', every: '30m' },
  { mode: 'daily', at: '02:30', timezone: 'UTC' },
  { mode: 'cron', pattern: '*/10 * * * *' },
  { mode: 'before-expiry', buffer: '5m' },
];

test.each(schedules)('R13: three days of downtime cause one attempt with schedule $mode', async schedule => {
  const world = await new Simulation({ acme: { policy: { schedule }, refresh: fresh } }).boot();
  await world.run('1m');
  await world.crash('3d');
  const before = world.calls.length;
  await world.run('2m');
  expect(world.calls.length - before).toBe(1);
});

/** The daemon dies during every attempt. */
const deadly = () => new Simulation({ acme: { refresh: () => new Promise(() => undefined) } });

test('R13: fifty crashes within two minutes cause one attempt, for it is saved before it is made', async () => {
  const world = await deadly().boot();
  for (let crash = 0; crash < 50; crash += 1) {
    await world.run('1s');
    await world.crash('1s');
  }
  expect(world.calls).toHaveLength(1);
});

test('R13: a crash in every attempt causes no loop of attempts', async () => {
  const world = await deadly().boot();
  for (let crash = 0; crash < 50; crash += 1) {
    await world.run('30s');
    await world.crash('30s');
  }
  expect(world.calls.length).toBeGreaterThan(5);
  expect(world.shortestGap('acme')).toBeGreaterThanOrEqual(120_000);
});

test('R13 control: if the state is lost, every crash causes an attempt', async () => {
  const world = await deadly().boot();
  for (let crash = 0; crash < 5; crash += 1) {
    await world.run('5s');
    world.disk.clear();
    await world.crash('1s');
  }
  expect(world.calls).toHaveLength(5);
});

test('R13: refreshing a paused session does not resume it, even if the daemon dies meanwhile', async () => {
  const world = await deadly().boot();
  world.keeper().pause();
  void world.keeper().refresh(true);
  await world.run('1s');
  expect(world.calls).toHaveLength(1);
  await world.crash('1h');
  await world.run('24h');
  expect(world.calls).toHaveLength(1);
  expect(world.keeper().record.state).toMatchObject({ name: 'halted', why: 'paused' });
});

test('R13: nothing is sent before it is saved, even on a slow disk', async () => {
  const world = await new Simulation({ acme: { refresh: fresh } }, { diskMs: 20_000 }).boot();
  await world.run('15s');
  expect(world.calls).toHaveLength(0);
  await world.run('15s');
  expect(world.calls).toHaveLength(1);
});
