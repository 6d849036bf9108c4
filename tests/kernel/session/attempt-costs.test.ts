import { expect, test } from 'vitest';
import { createScheduler, type Scheduler } from '../../../kernel/scheduler/scheduler.ts';
import { Simulation, type Cast } from '../../support/clock/simulation.ts';

/** How often a session was saved and an alarm was set while it was attempted this many times. */
async function costsOf(cast: Cast, attempts: number) {
  let alarms = 0;
  const scheduler = (clock: Simulation['clock']): Scheduler => {
    const { at, ...rest } = createScheduler(clock);
    return { ...rest, at: (...given) => ((alarms += 1), at(...given)) };
  };
  const world = await new Simulation(cast, { scheduler }).boot();
  await world.run('1m');
  const before = { alarms, saves: world.saves, made: world.attempts.length };
  while (world.attempts.length < before.made + attempts) await world.run('1m');
  return { alarms: alarms - before.alarms, saves: world.saves - before.saves };
}

const policy = { schedule: { mode: 'interval', every: '10m' } } as const;

test('an attempt is saved before it is made and after it, and sets one alarm', async () => {
  const cast: Cast = { acme: { policy, refresh: () => ({ status: 'fresh' }) } };
  expect(await costsOf(cast, 10)).toEqual({ saves: 20, alarms: 10 });
});

test('looking at the credential before and after it costs neither a save nor an alarm', async () => {
  const inspect = async () => ({ present: true, fingerprint: 'same' }) as const;
  const cast: Cast = { acme: { policy, inspect, refresh: () => ({ status: 'fresh' }) } };
  expect(await costsOf(cast, 10)).toEqual({ saves: 20, alarms: 10 });
});

test('so does one that fails', async () => {
  const refresh = () => {
    throw new Error('It failed.');
  };
  const cast: Cast = { acme: { policy: { ...policy, maxFailures: 1_000 }, refresh } };
  expect(await costsOf(cast, 10)).toEqual({ saves: 20, alarms: 10 });
});
