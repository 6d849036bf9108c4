import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AlarmQueue } from '../../../kernel/scheduler/alarm-queue.ts';
import { runs } from '../../support/runs.ts';

/** Takes all alarms that are due. */
function takeAll(queue: AlarmQueue, now: number): void {
  for (let task = queue.takeDue(now); task; task = queue.takeDue(now)) task();
}

test('only alarms that are due are taken', () => {
  const queue = new AlarmQueue();
  const rang: string[] = [];
  queue.add(20, () => void rang.push('later'));
  queue.add(10, () => void rang.push('sooner'));
  expect(queue.first).toBe(10);
  takeAll(queue, 10);
  expect(rang).toEqual(['sooner']);
  expect(queue.first).toBe(20);
});

test('a cancelled alarm is never the first alarm', () => {
  const queue = new AlarmQueue();
  const cancel = queue.add(10, () => undefined);
  queue.add(20, () => undefined);
  void cancel();
  expect(queue.first).toBe(20);
});

test.each<[string, (nth: number) => number]>([
  ['before all others', () => 1],
  ['after all others', () => 1_000_000],
  ['between the others', nth => 100 + nth],
])('cancelled alarms %s do not pile up', (_name, at) => {
  const queue = new AlarmQueue();
  for (let nth = 0; nth < 100; nth += 1) queue.add(100 + 100 * nth, () => undefined);
  let longest = 0;
  for (let nth = 0; nth < 10_000; nth += 1) {
    void queue.add(at(nth), () => undefined)();
    longest = Math.max(longest, queue.size);
  }
  expect(longest).toBeLessThan(300);
});

test('cancelling an alarm twice, or after it was taken, is not counted', () => {
  const queue = new AlarmQueue();
  let rang = 0;
  const taken = queue.add(1, () => void (rang += 1));
  takeAll(queue, 1);
  const cancelled = queue.add(2, () => void (rang += 10));
  for (let nth = 0; nth < 200; nth += 1) {
    void taken();
    void cancelled();
  }
  queue.add(3, () => void (rang += 100));
  takeAll(queue, 3);
  expect(rang).toBe(101);
  expect(queue.size).toBe(0);
});

test('an alarm that is cancelled by another one of its time does not ring, and the others do', () => {
  const queue = new AlarmQueue();
  const rang: string[] = [];
  const cancels = ['first', 'second', 'third', 'last'].map((name, nth) =>
    queue.add(1, () => {
      rang.push(name);
      if (nth === 0) [1, 2].forEach(other => void cancels[other]?.());
    }),
  );
  takeAll(queue, 1);
  expect(rang).toEqual(['first', 'last']);
  expect(queue.first).toBeUndefined();
});

test('an alarm that is set by one of the same time rings after all others of that time', () => {
  const queue = new AlarmQueue();
  const rang: string[] = [];
  queue.add(1, () => {
    rang.push('first');
    queue.add(1, () => void rang.push('set last'));
    queue.add(0, () => void rang.push('set for earlier'));
  });
  queue.add(1, () => void rang.push('second'));
  takeAll(queue, 1);
  expect(rang).toEqual(['first', 'set for earlier', 'second', 'set last']);
});

test('cancelling an alarm of a queue that was cleared does not affect alarms that were added later', () => {
  const queue = new AlarmQueue();
  const cancel = queue.add(1, () => undefined);
  queue.clear();
  queue.add(1, () => undefined);
  void cancel();
  expect(queue.first).toBe(1);
});

type Step = { readonly add: number } | { readonly cancel: number } | { readonly takeUntil: number };

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ add: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ cancel: fc.nat(300) }),
    fc.record({ takeUntil: fc.integer({ min: 0, max: 20 }) }),
  ),
  { maxLength: 500, size: 'max' },
);

/** The same in the plainest way: an array that is sorted for every step. */
function sortedList() {
  let alarms: { readonly at: number; readonly nth: number }[] = [];
  const sort = (): void => void (alarms = alarms.toSorted((a, b) => a.at - b.at || a.nth - b.nth));
  return {
    add: (at: number, nth: number) => {
      alarms.push({ at, nth });
      sort();
    },
    cancel: (nth: number) => void (alarms = alarms.filter(alarm => alarm.nth !== nth)),
    takeDue: (now: number) => (alarms[0] && alarms[0].at <= now ? alarms.shift()?.nth : undefined),
    first: () => alarms[0]?.at,
  };
}

test('any sequence of adding, cancelling and taking does the same as with a sorted list', () => {
  fc.assert(
    fc.property(steps, sequence => {
      const queue = new AlarmQueue();
      const list = sortedList();
      const cancels: (() => unknown)[] = [];
      let rang: number | undefined;
      for (const step of sequence) {
        if ('add' in step) {
          const nth = cancels.length;
          cancels.push(queue.add(step.add, () => void (rang = nth)));
          list.add(step.add, nth);
        } else if ('cancel' in step) {
          void cancels[step.cancel]?.();
          list.cancel(step.cancel);
        } else {
          rang = undefined;
          queue.takeDue(step.takeUntil)?.();
          expect(rang).toBe(list.takeDue(step.takeUntil));
        }
        expect(queue.first).toBe(list.first());
      }
    }),
    runs(200, 5_000),
  );
});
