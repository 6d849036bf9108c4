import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PartialPolicy, Schedule } from '../../sdk/contract/policy.ts';
import { idealScheduler } from '../support/clock/ideal-scheduler.ts';
import { runs } from '../support/runs.ts';
import { healthy, Simulation } from '../support/clock/simulation.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** From a minute to ninety days, with as many short ones as long ones. */
const lifetimes = fc
  .double({ min: Math.log(MINUTE), max: Math.log(90 * DAY), noNaN: true })
  .map(log => Math.round(Math.exp(log)));

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
  { mode: 'before-expiry', buffer: '5m' },
  { mode: 'before-expiry', buffer: '1h' },
  { mode: 'interval', every: '7h' },
  { mode: 'interval', every: '90d' },
];

test('R15: no credential of a healthy vendor expires, and none is renewed in the first half of its life', async ({
  annotate,
}) => {
  const seen = { lives: 0, renewals: 0, earliest: 1 };
  await fc.assert(
    fc.asyncProperty(lifetimes, fc.constantFrom(...schedules), fc.integer(), async (lifeMs, schedule, seed) => {
      const { renewals } = await live(lifeMs, { schedule, minInterval: '5s' }, seed);
      expect(renewals.length).toBeGreaterThanOrEqual(5);
      expect(renewals.filter(({ late, share }) => late || share < 0.5)).toEqual([]);
      seen.lives += 1;
      seen.renewals += renewals.length;
      seen.earliest = Math.min(seen.earliest, ...renewals.map(({ share }) => share));
    }),
    runs(60, 10_000),
  );
  await annotate(
    `${seen.lives} lifetimes, ${seen.renewals} renewals: 0 late, ` +
      `the earliest after ${(seen.earliest * 100).toFixed(2)} % of a life`,
  );
});

test('R15: frequent checks do not renew a short-lived credential in the first half of its life', async () => {
  await fc.assert(
    fc.asyncProperty(lifetimes, fc.integer({ min: 3, max: 20 }), fc.integer(), async (lifeMs, looks, seed) => {
      const policy: PartialPolicy = {
        schedule: { mode: 'interval', every: `${Math.round(lifeMs / looks)}ms` },
        minInterval: '1s',
        refreshBefore: `${2 * lifeMs}ms`,
      };
      const { renewals } = await live(lifeMs, policy, seed);
      expect(renewals.length).toBeGreaterThanOrEqual(5);
      expect(renewals.filter(({ late, share }) => late || share < 0.5)).toEqual([]);
    }),
    runs(30, 1_000),
  );
});

test('R15: a scheduled check shortly before the expiry does not delay the renewal', async () => {
  const policy: PartialPolicy = {
    schedule: { mode: 'interval', every: '11m' },
    minInterval: '10m',
    refreshBefore: '5m',
    jitter: 0,
  };
  const { renewals } = await live(50 * MINUTE, policy, 1);
  expect(renewals.length).toBeGreaterThanOrEqual(5);
  expect(renewals.filter(({ late }) => late)).toEqual([]);
});

test('R15: renewEarly renews a credential at half of its life, and a fixed expiry only a few times', async () => {
  await fc.assert(
    fc.asyncProperty(
      lifetimes.filter(lifeMs => lifeMs > 15 * MINUTE),
      fc.boolean(),
      fc.integer(),
      async (lifeMs, extends_, seed) => {
        let expiresAt = 0;
        const shares: number[] = [];
        const world: Simulation = new Simulation(
          {
            acme: {
              policy: { renewEarly: true },
              refresh: ({ renewFrom = Infinity }) => {
                const now = world.clock.now();
                if (expiresAt > 0 && now < Math.min(renewFrom, expiresAt - 5.6 * MINUTE))
                  return { status: 'fresh', expiresAt: new Date(expiresAt) };
                if (expiresAt > 0) shares.push(1 - (expiresAt - now) / lifeMs);
                if (expiresAt === 0 || extends_) expiresAt = now + lifeMs;
                return { status: 'fresh', expiresAt: new Date(expiresAt) };
              },
            },
          },
          { seed, scheduler: idealScheduler },
        );
        await world.boot();
        await world.clock.run(extends_ ? lifeMs * 4 : lifeMs - 6 * MINUTE);
        expect(shares[0]).toBeCloseTo(0.5, 3);
        if (extends_) expect(shares.filter(share => Math.abs(share - 0.5) > 0.001)).toEqual([]);
        // Each attempt comes after half of the remaining time, down to five minutes.
        else expect(shares.length).toBeLessThanOrEqual(Math.ceil(Math.log2(lifeMs / (5 * MINUTE))) + 1);
        expect(shares.length).toBeGreaterThan(extends_ ? 5 : 0);
      },
    ),
    runs(30, 1_000),
  );
});

test('R15: restarts change none of this', async () => {
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

test('R15 control: a policy without a buffer misses every expiry', async () => {
  for (const lifeMs of fc.sample(lifetimes, { numRuns: 20, seed: 15 })) {
    const { renewals } = await live(
      lifeMs,
      { schedule: { mode: 'before-expiry', buffer: '0s' }, minInterval: '5s' },
      1,
    );
    expect(renewals.filter(({ late }) => !late)).toEqual([]);
  }
});

test('R15 control: by the policy alone, a short-lived credential is renewed too early', async () => {
  const lifeMs = 4 * MINUTE;
  const world: Simulation = new Simulation(
    {
      acme: {
        policy: { schedule: { mode: 'interval', every: '1m' }, minInterval: '5s' },
        refresh: ({ now, refreshBefore, last }) => {
          const left = (last?.expiresAt?.getTime() ?? 0) - now();
          return left > refreshBefore
            ? { status: 'fresh', expiresAt: last?.expiresAt }
            : { status: 'refreshed', expiresAt: new Date(now() + lifeMs) };
        },
      },
    },
    { scheduler: idealScheduler },
  );
  await world.boot();
  await world.run('1h');
  const gaps = world.attempts.filter(({ outcome }) => outcome === 'refreshed').map(({ startedAt }) => startedAt);
  expect(gaps.slice(1).every((at, index) => at - (gaps[index] ?? 0) < lifeMs / 2)).toBe(true);
});
