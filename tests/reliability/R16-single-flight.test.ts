import { expect, test } from 'vitest';
import { fakeContext } from '../../sdk/testing/index.ts';
import { Simulation } from '../support/clock/simulation.ts';

const pause = (ms: number) =>
  new Promise(resolve => {
    setTimeout(resolve, ms);
  });

test('R16: a hundred concurrent callers cause one attempt and all get its result', async ({ annotate }) => {
  const world = await new Simulation({
    acme: {
      refresh: async (_context, nth) => {
        await pause(1_000);
        if (nth % 2 === 0) throw new Error(`round ${nth}`);
        return { status: 'fresh' };
      },
    },
  }).boot();
  await world.run('1m');
  // Paused, so that only callers cause attempts.
  world.keeper().pause();
  for (let round = 1; round <= 100; round += 1) {
    const before = world.calls.length;
    const seen: unknown[] = [];
    const callers = Array.from({ length: 100 }, async (_, n) => {
      if (n % 2) await pause(n);
      await world.keeper().refresh(n % 3 === 0);
      seen.push(world.keeper().record.lastAttempt?.startedAt);
    });
    await world.run('11s');
    await Promise.all(callers);
    expect(world.calls.length - before).toBe(1);
    expect(seen).toEqual(Array.from({ length: 100 }, () => world.attempts.at(-1)?.startedAt));
  }
  expect(new Set(world.attempts.map(({ outcome }) => outcome))).toEqual(new Set(['fresh', 'failed']));
  expect(world.mostUnderWay).toBe(1);
  await annotate(`100 rounds of 100 callers: ${world.calls.length - 1} attempts`);
});

test('R16 control: a hundred callers that bypass the keeper cause a hundred concurrent attempts', async () => {
  const world = await new Simulation({
    acme: {
      refresh: async () => {
        await pause(1_000);
        return { status: 'fresh' };
      },
    },
  }).boot();
  const { provider } = world.keeper();
  const callers = Array.from({ length: 100 }, () => provider.refresh(fakeContext()));
  await world.run('2s');
  await Promise.all(callers);
  expect(world.mostUnderWay).toBeGreaterThanOrEqual(100);
});

test('R16 control: a caller that comes later causes another attempt', async () => {
  const world = await new Simulation({ acme: { refresh: () => ({ status: 'fresh' }) } }).boot();
  for (let caller = 0; caller < 5; caller += 1) {
    await world.run('14s');
    await world.keeper().refresh(true);
  }
  expect(world.calls).toHaveLength(6);
});

test('R16: a slow look at the store does not cause a second attempt', async () => {
  let looks = 0;
  const world = await new Simulation({
    acme: {
      refresh: (_context, nth) =>
        nth === 1 ? { status: 'login-required', hint: 'Log in.', proof: 'invalid_grant' } : { status: 'fresh' },
      inspect: async () => {
        looks += 1;
        await pause(looks % 2 ? 10 : 2_000);
        return { present: true, fingerprint: String(Math.min(looks, 3)) };
      },
    },
  }).boot();
  await world.run('1m');
  const callers = [world.keeper().refresh(false), world.keeper().refresh(false)];
  await world.run('20s');
  await Promise.all(callers);
  expect(world.calls).toHaveLength(2);
});

test('R16: an alarm during the saving of an attempt is not lost', async () => {
  const world = await new Simulation(
    {
      acme: {
        policy: { minInterval: '100ms', schedule: { mode: 'interval', every: '100ms' }, jitter: 0 },
        refresh: () => ({ status: 'fresh' }),
      },
    },
    { diskMs: 300 },
  ).boot();
  await world.run('1m');
  expect(world.calls.length).toBeGreaterThan(50);
});

test('R16: a session that is paused and resumed during a long attempt continues after it', async () => {
  const world = await new Simulation({
    acme: {
      policy: { timeout: '10m', schedule: { mode: 'interval', every: '30m' } },
      refresh: async (_context, nth) => {
        if (nth === 1) await pause(300_000);
        throw new Error('What is this?');
      },
    },
  }).boot();
  await world.run('10s');
  world.keeper().pause();
  world.keeper().dispatch({ type: 'resume' });
  await world.run('1h');
  expect(world.calls.length).toBeGreaterThan(1);
});
