import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gather } from '../../../plugins/ui-web/page/kernel/gather.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what comes within a moment is passed on together, in order', () => {
  const sent: number[] = [];
  const { add: send } = gather((item: number) => sent.push(item), 50);
  send(1);
  vi.advanceTimersByTime(40);
  send(2);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(10);
  expect(sent).toEqual([1, 2]);
  send(3);
  vi.advanceTimersByTime(50);
  expect(sent).toEqual([1, 2, 3]);
});

test('what has come so far can be passed on at once, and is not passed on again', () => {
  const sent: number[] = [];
  const { add, pass } = gather((item: number) => sent.push(item), 50);
  add(1);
  pass();
  expect(sent).toEqual([1]);
  add(2);
  vi.advanceTimersByTime(100);
  expect(sent).toEqual([1, 2]);
});
