import { expect, test } from 'vitest';
import { AlarmQueue } from '../../../kernel/scheduler/alarm-queue.ts';

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
