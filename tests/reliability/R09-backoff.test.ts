import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createScheduler } from '../../kernel/scheduler/scheduler.ts';
import { backoffMs, clampVendorWait, wakeAfterTrouble } from '../../lifecycle/timing.ts';
import { toMs } from '../../sdk/contract/duration.ts';
import { DEFAULT_POLICY } from '../../sdk/contract/policy.ts';
import { readRetryAfter } from '../../sdk/recipes/http/ask.ts';
import { runs, times } from '../support/runs.ts';
import { SimulatedClock } from '../support/clock/simulated-clock.ts';
import { Simulation } from '../support/clock/simulation.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

describe('R9: the wait before a retry', () => {
  test.each([
    [1, 2],
    [2, 4],
    [3, 8],
    [4, 16],
    [5, 30],
    [6, 30],
    [1e6, 30],
    [Number.MAX_SAFE_INTEGER, 30],
    [0, 2],
  ])('retry %d comes after %d minutes', (n, minutes) => {
    expect(backoffMs(DEFAULT_POLICY.backoff, n)).toBe(minutes * MINUTE);
  });

  test.each([
    [1e6, 1],
    [1e6, 1.0001],
    [1e6, 100],
    [100, 2],
  ])('after %d retries with factor %d the wait is within its bounds', (n, factor) => {
    const wait = backoffMs({ initial: '1s', factor, max: '1h' }, n);
    expect(wait).toBeGreaterThanOrEqual(1_000);
    expect(wait).toBeLessThanOrEqual(60 * MINUTE);
  });

  test.for([1, 2, 3, 10, 100, 1_000, 1e4, 1e5, 1e6])(
    'retry %d is within its bounds and in whole milliseconds for any policy',
    async (n, { annotate }) => {
      const policy = fc.record({
        initial: fc.integer({ min: 100, max: 86_400_000 }),
        factor: fc.double({ min: 1, max: 100, noNaN: true }),
        max: fc.integer({ min: 100, max: 360 * DAY }),
        jitter: fc.double({ min: 0, max: 1, noNaN: true }),
        random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      });
      fc.assert(
        fc.property(policy, ({ initial, factor, max, jitter, random }) => {
          const backoff = { initial: `${initial}ms`, factor, max: `${max}ms` } as const;
          const policy = { ...DEFAULT_POLICY, backoff, jitter, minInterval: '0s' } as const;
          const { at } = wakeAfterTrouble({}, { tries: n, isEndless: true }, { policy, now: 1e12, random });
          const wait = at - 1e12;
          expect(Number.isSafeInteger(at)).toBe(true);
          expect(wait).toBeGreaterThanOrEqual(Math.min(initial, max));
          expect(wait).toBeLessThanOrEqual(Math.ceil(max * (1 + jitter)));
        }),
        runs(100, 10_000),
      );
      await annotate(`retry ${n}: ${times(100, 10_000)} policies, all within their bounds`);
    },
  );

  test('control: a wait without a maximum never ends', async () => {
    const naive = (n: number) => toMs(DEFAULT_POLICY.backoff.initial) * DEFAULT_POLICY.backoff.factor ** (n - 1);
    const clock = new SimulatedClock();
    const scheduler = createScheduler(clock);
    const rang: string[] = [];
    for (const [name, wait] of [
      ['naive', naive],
      ['ours', (n: number) => backoffMs(DEFAULT_POLICY.backoff, n)],
    ] as const) {
      for (const n of [4, 1e6]) void scheduler.at(clock.now() + wait(n), () => void rang.push(`${name}, ${n}`));
    }
    await clock.run(30 * DAY);
    expect(rang).toEqual(['naive, 4', 'ours, 4', 'ours, 1000000']);
  });

  test('the jitter only lengthens the wait', () => {
    const first = { tries: 1, isEndless: true };
    const wakes = [0, 0.5, 1].map(random => wakeAfterTrouble({}, first, { policy: DEFAULT_POLICY, now: 0, random }).at);
    expect(wakes).toEqual([2 * MINUTE, 2.1 * MINUTE, 2.2 * MINUTE]);
  });
});

describe('R9: a wait that the vendor asks for is kept, between two minutes and a day', () => {
  test.each<[string | null, number | undefined]>([
    [null, undefined],
    ['', undefined],
    ['soon', undefined],
    ['0', 2 * MINUTE],
    ['-1', 2 * MINUTE],
    ['119', 2 * MINUTE],
    ['120', 2 * MINUTE],
    ['600', 10 * MINUTE],
    [' 600 ', 10 * MINUTE],
    ['86400', DAY],
    ['86401', DAY],
    ['1e3', undefined],
    ['99999999999999999999', DAY],
    ['Sun, 09 Sep 2001 01:46:40 GMT', 2 * MINUTE],
    ['Sun, 09 Sep 2001 01:56:40 GMT', 10 * MINUTE],
    ['Sunday, 09-Sep-01 01:56:40 GMT', 10 * MINUTE],
    ['Sun Sep  9 01:56:40 2001 GMT', 10 * MINUTE],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 2 * MINUTE],
    ['Sun, 09 Sep 2035 01:46:40 GMT', DAY],
  ])('Retry-After: %s', (header, wait) => {
    const asked = readRetryAfter(header, 1e12);
    expect(asked && clampVendorWait(asked.getTime(), 1e12) - 1e12).toBe(wait);
  });

  test.each([
    ['rate-limited', 3],
    ['deferred', 241],
  ])(
    '%s until a past time, with a minimum interval of one second, makes %d calls in four minutes',
    async (status, calls) => {
      const past = new Date(0);
      const world = await new Simulation({
        acme: {
          policy: { minInterval: '1s', jitter: 0 },
          refresh: () => (status === 'deferred' ? { status, until: past, reason: 'busy' } : { status, retryAt: past }),
        },
      }).boot();
      await world.run('3s');
      await world.run('4m');
      expect(Math.abs(world.calls.length - calls)).toBeLessThanOrEqual(4);
    },
  );

  test.each([
    [-DAY, 2 * MINUTE],
    [0, 2 * MINUTE],
    [3 * MINUTE, 3 * MINUTE],
    [DAY, DAY],
    [DAY + 1, DAY],
    [365 * DAY, DAY],
    [8.64e15, DAY],
  ])('a wait of %d ms becomes %d ms', (asked, given) => {
    expect(clampVendorWait(1e12 + asked, 1e12) - 1e12).toBe(given);
  });

  test.each([
    [new Date(0), '2m', 2],
    [new Date(8.64e15), '24h', 2],
  ])('if the vendor asks for %s, the second call comes after %s', async (retryAt, wait, calls) => {
    const world = await new Simulation({ acme: { refresh: () => ({ status: 'rate-limited', retryAt }) } }).boot();
    await world.run('5s');
    await world.run(wait === '2m' ? '114s' : '86394s');
    expect(world.calls).toHaveLength(1);
    await world.run('5s');
    expect(world.calls).toHaveLength(calls);
  });

  test('a restart, resume, new policy, changed credential or user request does not shorten it', async () => {
    const world = await new Simulation({
      acme: { refresh: ({ now }) => ({ status: 'rate-limited', retryAt: new Date(now() + 3_600_000) }) },
    }).boot();
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

  test('it is kept if the session was paused during the attempt that learned it', async () => {
    const world = await new Simulation({
      acme: {
        refresh: async ({ now }) => {
          await new Promise(resolve => {
            setTimeout(resolve, 5_000);
          });
          return { status: 'rate-limited', retryAt: new Date(now() + 3_600_000) };
        },
      },
    }).boot();
    await world.run('4s');
    world.keeper().pause();
    await world.run('5s');
    world.keeper().dispatch({ type: 'resume' });
    await world.run('59m');
    expect(world.calls).toHaveLength(1);
  });
});
