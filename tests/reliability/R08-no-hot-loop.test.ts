import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Schedule } from '../../sdk/contract/policy.ts';
import { idealScheduler } from '../support/clock/ideal-scheduler.ts';
import { runs, times } from '../support/runs.ts';
import { Simulation, type Script } from '../support/clock/simulation.ts';

const dates = fc.oneof(
  fc.constantFrom(NaN, 0, -1, 1, 8.64e15, Infinity),
  fc.integer({ min: -3, max: 3 }).map(days => days * 86_400_000),
  fc.integer({ min: 0, max: 600_000 }),
);
const about = (offset: number, now: number) => new Date(Math.abs(offset) < 1e12 ? now + offset : offset);

/** What a third-party provider may do: `kind` selects the behaviour, `date` is the time that it returns. */
const behaviour = fc.tuple(fc.integer({ min: 0, max: 13 }), dates).map(([kind, date]): Script => ({ now }) => {
  switch (kind) {
    case 0:
      throw new Error('at once');
    case 1:
      return Promise.reject(new Error('later'));
    case 2:
      return new Promise(() => undefined);
    case 3:
      return new Promise(resolve => {
        setTimeout(resolve, 90_000, { status: 'fresh' });
      });
    case 4:
      return undefined;
    case 5:
      return { status: 'refreshed', expiresAt: new Date(0) };
    case 6:
      return { status: 'deferred', until: about(date, now()), reason: 'busy' };
    case 7:
      return { status: 'rate-limited', retryAt: about(date, now()) };
    case 8:
      return { status: 'fresh', expiresAt: about(date, now()) };
    case 9:
      return { status: 'rate-limited' };
    case 10:
      return { status: 'fresh' };
    case 11:
      return Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    default:
      return { status: 'refreshed', expiresAt: about(date, now()), loginExpiresAt: about(date, now()) };
  }
});

const schedules: readonly Schedule[] = [
  { mode: 'before-expiry', buffer: '5m' },
  { mode: 'interval', every: '1s' },
  { mode: 'interval', every: '30m' },
  { mode: 'cron', pattern: '* * * * * *' },
];

type Inputs = readonly [behaviours: readonly Script[], schedule: Schedule, jitter: number, seed: number];

const world = ([behaviours, schedule, jitter, seed]: Inputs, minInterval: '120s' | '1s' = '120s') =>
  new Simulation(
    {
      acme: {
        policy: { schedule, jitter, minInterval, maxFailures: 1_000, backoff: { initial: '1s', factor: 2, max: '1m' } },
        refresh: (context, nth) => behaviours[nth % behaviours.length]?.(context, nth),
      },
    },
    { seed, scheduler: idealScheduler },
  );

const inputs = [
  fc.array(behaviour, { minLength: 1, maxLength: 5 }),
  fc.constantFrom(...schedules),
  fc.constantFrom(0, 0.1, 1),
  fc.integer(),
] as const;

// A week is about 2,600 attempts and takes a seventh of a second, so 1,300 weeks take three minutes.
// KEEPALIVE_RUNS=10000 takes twenty-five.
test('R8: for any provider behaviour over seven days, attempts are at least the minimum interval apart', async ({
  annotate,
}) => {
  const seen = { weeks: 0, attempts: 0, shortest: Infinity };
  await fc.assert(
    fc.asyncProperty(...inputs, async (...given) => {
      const week = await world(given).boot();
      await week.run('7d');
      const gap = week.shortestGap('acme');
      expect(gap).toBeGreaterThanOrEqual(120_000);
      expect(week.calls.length).toBeGreaterThan(2);
      seen.weeks += 1;
      seen.attempts += week.calls.length;
      seen.shortest = Math.min(seen.shortest, gap);
    }),
    runs(6, 400),
  );
  await annotate(`${seen.weeks} weeks, ${seen.attempts} attempts, never closer than ${seen.shortest / 1_000} s`);
}, 3_600_000);

test('R8 control: with a tiny minimum interval, most providers come closer within an hour', async () => {
  const hours = fc.sample(fc.tuple(...inputs), { numRuns: 20, seed: 8 });
  let close = 0;
  for (const given of hours) {
    const hour = await world(given, '1s').boot();
    await hour.run('1h');
    if (hour.shortestGap('acme') < 120_000) close += 1;
  }
  expect(close).toBeGreaterThan(10);
});

test('R8: restarts, resumes, policy and credential changes and clock changes do not shorten it', async () => {
  const policy = { schedule: { mode: 'interval', every: '1s' }, jitter: 1 } as const;
  const busy = await new Simulation({ acme: { policy, refresh: () => ({ status: 'fresh' }) } }).boot();
  const actions = [
    () => busy.crash('1s'),
    () => busy.keeper().credentialChanged(),
    () => busy.keeper().dispatch({ type: 'pause' }),
    () => busy.keeper().dispatch({ type: 'resume' }),
    () => busy.sessions.configure('acme', { enabled: false }),
    () => busy.sessions.configure('acme', { enabled: true }),
    () => busy.sessions.configure('acme', { schedule: { mode: 'interval', every: '2s' } }),
    () => busy.clock.jump('1m', -1),
    () => busy.clock.jump('3s', -1),
  ];
  for (let round = 0; round < times(300, 10_000); round += 1) {
    await actions[round % actions.length]?.();
    await busy.run('17s');
  }
  expect(busy.calls.length).toBeGreaterThan(20);
  expect(busy.shortestGap('acme')).toBeGreaterThanOrEqual(120_000);
});
