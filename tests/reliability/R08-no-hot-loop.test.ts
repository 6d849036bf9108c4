import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Schedule } from '../../sdk/policy.ts';
import { idealScheduler } from '../support/ideal-scheduler.ts';
import { runs } from '../support/runs.ts';
import { Simulation, type Script } from '../support/simulation.ts';

const dates = fc.oneof(
  fc.constantFrom(NaN, 0, -1, 1, 8.64e15, Infinity), fc.integer({ min: -3, max: 3 }).map(days => days * 86_400_000), fc.integer({ min: 0, max: 600_000 }),
);
const about = (offset: number, now: number) => new Date(Math.abs(offset) < 1e12 ? now + offset : offset);

/** What a stranger's provider may do, by a number that decides and a date that is promised. */
const behaviour = fc.tuple(fc.integer({ min: 0, max: 13 }), dates).map(([kind, date]): Script => ({ now }) => {
  switch (kind) {
    case 0: throw new Error('at once');
    case 1: return Promise.reject(new Error('later'));
    case 2: return new Promise(() => undefined);
    case 3: return new Promise(resolve => { setTimeout(resolve, 90_000, { status: 'fresh' }); });
    case 4: return undefined;
    case 5: return { status: 'refreshed', expiresAt: new Date(0) };
    case 6: return { status: 'deferred', until: about(date, now()), reason: 'busy' };
    case 7: return { status: 'rate-limited', retryAt: about(date, now()) };
    case 8: return { status: 'fresh', expiresAt: about(date, now()) };
    case 9: return { status: 'rate-limited' };
    case 10: return { status: 'fresh' };
    case 11: return Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    default: return { status: 'refreshed', expiresAt: about(date, now()), loginExpiresAt: about(date, now()) };
  }
});

const schedules: readonly Schedule[] = [
  { mode: 'before-expiry', buffer: '5m' }, { mode: 'interval', every: '1s' }, { mode: 'interval', every: '30m' }, { mode: 'cron', pattern: '* * * * * *' },
];

const world = (behaviours: readonly Script[], schedule: Schedule, jitter: number, seed: number, minInterval: '120s' | '1s' = '120s') => new Simulation({
  acme: {
    policy: { schedule, jitter, minInterval, maxFailures: 1_000, backoff: { initial: '1s', factor: 2, max: '1m' } },
    refresh: (context, nth) => behaviours[nth % behaviours.length]?.(context, nth),
  },
}, { seed, scheduler: idealScheduler });

const inputs = [
  fc.array(behaviour, { minLength: 1, maxLength: 5 }), fc.constantFrom(...schedules), fc.constantFrom(0, 0.1, 1), fc.integer(),
] as const;

test('R8: whatever a provider does for seven days, attempts are at least the minimum interval apart', async () => {
  await fc.assert(fc.asyncProperty(...inputs, async (behaviours, schedule, jitter, seed) => {
    const week = await world(behaviours, schedule, jitter, seed).boot();
    await week.run('7d');
    expect(week.shortestGap('acme')).toBeGreaterThanOrEqual(120_000);
    expect(week.calls.length).toBeGreaterThan(2);
  }), runs(10, 10_000));
}, 3_600_000);

test('R8, the control: a policy that allows a second is taken at its word', async () => {
  const week = await world([() => ({ status: 'fresh' })], { mode: 'interval', every: '1s' }, 0.1, 1, '1s').boot();
  await week.run('5m');
  expect(week.shortestGap('acme')).toBeLessThan(120_000);
});

test('R8: restarts, resumes, new policies, changed credentials and a clock that is moved do not shorten it', async () => {
  const policy = { schedule: { mode: 'interval', every: '1s' }, jitter: 1 } as const;
  const restless = await new Simulation({ acme: { policy, refresh: () => ({ status: 'fresh' }) } }).boot();
  const deeds = [
    () => restless.crash('1s'),
    () => restless.keeper().credentialChanged(),
    () => restless.keeper().dispatch({ type: 'pause' }), () => restless.keeper().dispatch({ type: 'resume' }),
    () => restless.sessions.configure('acme', { enabled: false }), () => restless.sessions.configure('acme', { enabled: true }),
    () => restless.sessions.configure('acme', { schedule: { mode: 'interval', every: '2s' } }),
    () => restless.clock.jump('1m', -1), () => restless.clock.jump('3s', -1),
  ];
  for (let round = 0; round < 300; round += 1) {
    await deeds[round % deeds.length]?.();
    await restless.run('17s');
  }
  expect(restless.calls.length).toBeGreaterThan(20);
  expect(restless.shortestGap('acme')).toBeGreaterThanOrEqual(120_000);
});
