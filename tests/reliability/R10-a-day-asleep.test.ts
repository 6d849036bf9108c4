import { expect, test } from 'vitest';
import { Simulation, type Cast, type Script } from '../support/simulation.ts';

const SESSIONS = 1_000;
const many = (refresh: Script): Cast =>
  Object.fromEntries(Array.from({ length: SESSIONS }, (_, n) => [`s${n}`, { policy: { schedule: { mode: 'interval' as const, every: '30m' as const } }, refresh }]));
const alwaysFresh: Script = () => ({ status: 'fresh' });

test('R10: after a day asleep each of a thousand sessions is attempted once, the first within five seconds, spread', async () => {
  const world = await new Simulation(many(alwaysFresh)).boot();
  await world.run('10m');
  const before = world.calls.length;
  expect(before).toBe(SESSIONS);
  world.clock.jump('24h');
  const woken = world.clock.monotonic();
  await world.run('20m');
  const after = world.calls.slice(before);
  expect(after).toHaveLength(SESSIONS);
  expect(new Set(after.map(({ id }) => id)).size).toBe(SESSIONS);
  expect(new Set(after.map(({ reason }) => reason))).toEqual(new Set(['wake']));
  const lateness = after.map(({ elapsed }) => elapsed - woken);
  expect(Math.min(...lateness)).toBeGreaterThanOrEqual(1_500);
  expect(Math.min(...lateness)).toBeLessThanOrEqual(5_000);
  expect(Math.max(...lateness)).toBeLessThanOrEqual(60_000);
  const crowd = Math.max(...lateness.map(late => lateness.filter(other => Math.abs(other - late) < 500).length));
  expect(crowd).toBeLessThan(100);
});

test('R10: what fails in the first minute after a wake counts for nothing, and what fails later does', async () => {
  let broken = false;
  const world = await new Simulation(many(() => (broken ? Promise.reject(new Error('no route yet')) : { status: 'fresh' }))).boot();
  await world.run('10m');
  world.clock.jump('24h');
  broken = true;
  await world.run('50s');
  expect(new Set(world.attempts.slice(-SESSIONS).map(({ outcome, failures }) => `${outcome} ${failures}`))).toEqual(new Set(['failed 0']));
  await world.run('3m');
  expect(new Set(world.attempts.slice(-SESSIONS).map(({ outcome, failures }) => `${outcome} ${failures}`))).toEqual(new Set(['failed 1']));
});

test('R10: a clock that runs on in sleep is noticed too', async () => {
  const world = await new Simulation({ acme: { policy: { schedule: { mode: 'interval', every: '30m' } }, refresh: alwaysFresh } }).boot();
  await world.run('1m');
  world.clock.oversleep('8h');
  await world.run('5s');
  expect(world.calls.map(({ reason }) => reason)).toEqual(['schedule', 'wake']);
});
