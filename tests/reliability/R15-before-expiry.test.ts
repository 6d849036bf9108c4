import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PartialPolicy, Schedule } from '../../sdk/policy.ts';
import { idealScheduler } from '../support/ideal-scheduler.ts';
import { runs } from '../support/runs.ts';
import { healthy, Simulation } from '../support/simulation.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** From a minute to ninety days, as many short ones as long ones. */
const lifetimes = fc.double({ min: Math.log(MINUTE), max: Math.log(90 * DAY), noNaN: true }).map(log => Math.round(Math.exp(log)));

async function live(lifeMs: number, policy: PartialPolicy, seed: number) {
  let clock = () => 0;
  const { script, renewals } = healthy(() => clock(), lifeMs);
  const world = new Simulation({ acme: { policy, refresh: script } }, { seed, scheduler: idealScheduler });
  clock = world.clock.now;
  await world.boot();
  await world.clock.run(lifeMs * 6);
  return { renewals, world };
}

const schedules: readonly Schedule[] = [
  { mode: 'before-expiry', buffer: '5m' }, { mode: 'before-expiry', buffer: '1h' }, { mode: 'interval', every: '7h' }, { mode: 'interval', every: '90d' },
];

test('R15: no credential of a healthy vendor lapses, and none is renewed in the first half of its life', async () => {
  await fc.assert(fc.asyncProperty(lifetimes, fc.constantFrom(...schedules), fc.integer(), async (lifeMs, schedule, seed) => {
    const { renewals } = await live(lifeMs, { schedule, minInterval: '5s' }, seed);
    expect(renewals.length).toBeGreaterThanOrEqual(5);
    expect(renewals.filter(({ late, share }) => late || share < 0.5)).toEqual([]);
  }), runs(60, 10_000));
});

test('R15: a look that the schedule asks for shortly before the expiry does not forbid the renewal', async () => {
  const policy: PartialPolicy = { schedule: { mode: 'interval', every: '11m' }, minInterval: '10m', refreshBefore: '5m', jitter: 0 };
  const { renewals } = await live(50 * MINUTE, policy, 1);
  expect(renewals.length).toBeGreaterThanOrEqual(5);
  expect(renewals.filter(({ late }) => late)).toEqual([]);
});

test('R15: restarts in between change nothing of it', async () => {
  let clock = () => 0;
  const { script, renewals } = healthy(() => clock(), 20 * MINUTE);
  const world = new Simulation({ acme: { policy: { minInterval: '5s' }, refresh: script } });
  clock = world.clock.now;
  await world.boot();
  for (let restart = 0; restart < 40; restart += 1) {
    await world.run('7m');
    await world.crash('10s');
  }
  expect(renewals.length).toBeGreaterThan(10);
  expect(renewals.filter(({ late, share }) => late || share < 0.5)).toEqual([]);
});

test('R15, the control: a policy that looks too late misses it', async () => {
  const { renewals } = await live(DAY, { schedule: { mode: 'before-expiry', buffer: '0s' }, refreshBefore: '0s' }, 1);
  expect(renewals.some(({ late }) => late)).toBe(true);
});
