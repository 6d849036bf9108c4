import { describe, expect, test } from 'vitest';
import { backoffMs, clampVendorWait, wakeAfterTrouble } from '../../kernel/session/timing.ts';
import { DEFAULT_POLICY } from '../../sdk/policy.ts';
import { Simulation } from '../support/simulation.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

describe('R9: the wait before a retry', () => {
  test.each([[1, 2], [2, 4], [3, 8], [4, 16], [5, 30], [6, 30], [1e6, 30], [Number.MAX_SAFE_INTEGER, 30], [0, 2]])('the %dth is %d minutes', (n, minutes) => {
    expect(backoffMs(DEFAULT_POLICY.backoff, n)).toBe(minutes * MINUTE);
  });

  test.each([[1e6, 1], [1e6, 1.0001], [1e6, 100], [100, 2]])('after %d retries with factor %d it is still a number within its bounds', (n, factor) => {
    const wait = backoffMs({ initial: '1s', factor, max: '1h' }, n);
    expect(wait).toBeGreaterThanOrEqual(1_000);
    expect(wait).toBeLessThanOrEqual(60 * MINUTE);
  });

  test('is spread by the jitter, upwards only', () => {
    const wakes = [0, 0.5, 1].map(random => wakeAfterTrouble(DEFAULT_POLICY, {}, 0, random, 1, true).at);
    expect(wakes).toEqual([2 * MINUTE, 2.1 * MINUTE, 2.2 * MINUTE]);
  });
});

describe('R9: what the vendor asks for is kept, within two minutes and a day', () => {
  test.each([[-DAY, 2 * MINUTE], [0, 2 * MINUTE], [3 * MINUTE, 3 * MINUTE], [DAY, DAY], [DAY + 1, DAY], [365 * DAY, DAY], [8.64e15, DAY]])('%d ms: %d ms', (asked, given) => {
    expect(clampVendorWait(1e12 + asked, 1e12) - 1e12).toBe(given);
  });

  test.each([[new Date(0), '2m', 2], [new Date(8.64e15), '24h', 2]])('%s is asked for: the second call comes after %s', async (retryAt, wait, calls) => {
    const world = await new Simulation({ acme: { refresh: () => ({ status: 'rate-limited', retryAt }) } }).boot();
    await world.run('5s');
    await world.run(wait === '2m' ? '114s' : '86394s');
    expect(world.calls).toHaveLength(1);
    await world.run('5s');
    expect(world.calls).toHaveLength(calls);
  });

  test('no restart, resume, new policy, changed credential or person passes it', async () => {
    const world = await new Simulation({ acme: { refresh: ({ now }) => ({ status: 'rate-limited', retryAt: new Date(now() + 3_600_000) }) } }).boot();
    await world.run('5s');
    await world.crash('1m');
    world.keeper().pause();
    world.keeper().dispatch({ type: 'resume' });
    await world.keeper().credentialChanged();
    await world.sessions.configure('acme', { enabled: false });
    await world.sessions.configure('acme', { enabled: true, schedule: { mode: 'interval', every: '1m' } });
    await expect(world.keeper().refresh(true)).rejects.toMatchObject({ code: 'KA_RATE_LIMITED' });
    world.clock.jump('5h', -1);
    await world.run('58m');
    expect(world.calls).toHaveLength(1);
    await world.run('2m');
    expect(world.calls).toHaveLength(2);
  });

  test('it is kept also where a pause came during the attempt that was told it', async () => {
    const world = await new Simulation({
      acme: { refresh: async ({ now }) => {
        await new Promise(resolve => { setTimeout(resolve, 5_000); });
        return { status: 'rate-limited', retryAt: new Date(now() + 3_600_000) };
      } },
    }).boot();
    await world.run('4s');
    world.keeper().pause();
    await world.run('5s');
    world.keeper().dispatch({ type: 'resume' });
    await world.run('59m');
    expect(world.calls).toHaveLength(1);
  });
});
