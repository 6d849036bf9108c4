import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clocks } from '../../../kernel/scheduler/clocks.ts';
import { createScheduler } from '../../../kernel/scheduler/scheduler.ts';
import { runs } from '../../support/runs.ts';
import { SimulatedClock } from '../../support/clock/simulated-clock.ts';

const START = Date.UTC(2026, 0, 5, 12);

function setUp() {
  const clock = new SimulatedClock(START);
  const rang: string[] = [];
  const scheduler = createScheduler(clock);
  return {
    clock,
    scheduler,
    rang,
    at: (ms: number, name: string) =>
      scheduler.at(START + ms, () => void rang.push(`${name} +${(clock.now() - START) / 1_000}s`)),
  };
}

test('alarms ring when they are due, in the order of their times', async () => {
  const { at, clock, rang } = setUp();
  at(60_000, 'later');
  at(10_000, 'sooner');
  at(-5_000, 'past');
  await clock.run(0);
  expect(rang).toEqual(['past +0s']);
  await clock.run(3_600_000);
  expect(rang).toEqual(['past +0s', 'sooner +10s', 'later +60s']);
});

test('R14: ten thousand alarms of the same instant ring on time, in the order in which they were set', async () => {
  const { clock, scheduler } = setUp();
  const rang: number[] = [];
  for (let n = 0; n < 10_000; n += 1) scheduler.at(START + 60_000, () => void rang.push(n));
  await clock.run(59_999);
  expect(rang).toEqual([]);
  await clock.run(1);
  expect(rang).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
});

test('after any sequence of setting and cancelling, the remaining alarms ring in order', async () => {
  const alarm = fc.record({ after: fc.integer({ min: 0, max: 500 }), cancelled: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(alarm, { maxLength: 300 }), async alarms => {
      const { clock, scheduler } = setUp();
      const rang: number[] = [];
      const cancels = alarms.map(({ after }, n) => scheduler.at(START + after, () => void rang.push(n)));
      alarms.forEach(({ cancelled }, n) => cancelled && void cancels[n]?.());
      await clock.run(500);
      const left = alarms.map((alarm, n) => ({ ...alarm, n })).filter(({ cancelled }) => !cancelled);
      expect(rang).toEqual(left.toSorted((a, b) => a.after - b.after || a.n - b.n).map(({ n }) => n));
    }),
    runs(100, 10_000),
  );
});

test('cancelling an alarm, before or after it rang, does not affect the others', async () => {
  const { at, clock, rang } = setUp();
  const first = at(1_000, 'first');
  void at(2_000, 'cancelled')();
  at(3_000, 'last');
  await clock.run(1_500);
  for (let again = 0; again < 200; again += 1) void first();
  await clock.run(5_000);
  expect(rang).toEqual(['first +1s', 'last +3s']);
});

test('an alarm may set alarms; an alarm that is already due rings at once', async () => {
  const { at, clock, scheduler, rang } = setUp();
  scheduler.at(START + 1_000, () => {
    at(1_000, 'at once');
    at(9_000, 'later');
  });
  await clock.run(10_000);
  expect(rang).toEqual(['at once +1s', 'later +9s']);
});

test('an alarm that throws does not stop the others', async () => {
  const { at, clock, scheduler, rang } = setUp();
  scheduler.at(START + 1_000, () => {
    throw new Error('oh');
  });
  at(1_000, 'same time');
  at(2_000, 'later');
  await expect(clock.run(5_000)).rejects.toThrow('oh');
  await clock.run(5_000);
  expect(rang).toEqual(['same time +1s', 'later +2s']);
});

test('a sleep is reported once, within seconds after it ends, and before the alarms that became due', async () => {
  const { at, clock, scheduler, rang } = setUp();
  scheduler.onJump(by => void rang.push(`jump of ${Math.round(by / 3_600_000)}h`));
  at(3_600_000, 'in the night');
  await clock.run(1_000);
  clock.jump('8h');
  await clock.run(4_400);
  expect(rang).toEqual(['jump of 8h', expect.stringContaining('in the night')]);
  await clock.run(60_000);
  expect(rang).toHaveLength(2);
});

test.each<[string, (clock: SimulatedClock) => void, readonly number[]]>([
  ['set back by a day', clock => clock.jump('24h', -1), [-24]],
  ['set forward by an hour', clock => clock.jump('1h'), [1]],
  ['corrected by four seconds', clock => clock.jump('4s', -1), []],
  ['stopped with the machine, while the monotonic clock ran on', clock => clock.oversleep('8h'), [8]],
])('a clock that was %s', async (_name, happens, hours) => {
  const { at, clock, scheduler } = setUp();
  const jumps: number[] = [];
  scheduler.onJump(by => void jumps.push(Math.round(by / 3_600_000)));
  at(100 * 3_600_000, 'far away');
  await clock.run(61_000);
  happens(clock);
  await clock.run(61_000);
  expect(jumps).toEqual(hours);
});

test('a daemon whose alarms are far away wakes up at most fifteen times a minute', async () => {
  const clock = new SimulatedClock(START);
  let wakeUps = 0;
  const counting: Clocks = {
    ...clock,
    setTimer: (task, ms) =>
      clock.setTimer(() => {
        wakeUps += 1;
        task();
      }, ms),
  };
  const scheduler = createScheduler(counting);
  for (let n = 0; n < 1_000; n += 1) scheduler.at(START + 3_600_000 + n, () => undefined);
  await clock.run(10 * 60_000);
  expect(wakeUps / 10).toBeLessThanOrEqual(15);
  expect(wakeUps).toBeGreaterThan(0);
});

test('after the clock was set back, an alarm rings at its time by that clock', async () => {
  const { at, clock, rang } = setUp();
  at(60_000, 'one');
  await clock.run(30_000);
  clock.jump('1h', -1);
  await clock.run(3_600_000 + 29_999);
  expect(rang).toEqual([]);
  await clock.run(1);
  expect(rang).toEqual(['one +60s']);
});

test('a listener for jumps may set alarms', async () => {
  const { at, clock, scheduler, rang } = setUp();
  scheduler.onJump(() => void at(8 * 3_600_000 + 10_000, 'by the listener'));
  at(100 * 3_600_000, 'far away');
  clock.jump('8h');
  await clock.run(20_000);
  expect(rang).toEqual(['by the listener +28810s']);
});

test('cancelled alarms and their tasks are not kept until their time', async () => {
  const { clock, scheduler } = setUp();
  const tasks: WeakRef<() => void>[] = [];
  for (let n = 0; n < 10_000; n += 1) {
    const task = () => void n;
    tasks.push(new WeakRef(task));
    void scheduler.at(START + 90 * 86_400_000, task)();
  }
  await clock.run(0);
  setFlagsFromString('--expose_gc');
  runInNewContext('gc')();
  expect(tasks.filter(task => task.deref()).length).toBeLessThan(200);
});

test('nothing rings after stop', async () => {
  const { at, clock, scheduler, rang } = setUp();
  at(1_000, 'one');
  scheduler.stop();
  await clock.run(10_000);
  expect(rang).toEqual([]);
});
