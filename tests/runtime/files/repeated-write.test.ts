import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RepeatedWrite } from '../../../runtime/files/repeated-write.ts';

const MINUTE_MS = 60_000;
let warnings: unknown[];
let results: ('ok' | 'full')[];
let writes: number;
let writing: RepeatedWrite;

beforeEach(() => {
  vi.useFakeTimers();
  [warnings, results, writes] = [[], [], 0];
  const write = async (): Promise<void> => {
    writes += 1;
    if (results.shift() === 'full') throw new Error('full');
  };
  writing = new RepeatedWrite(write, error => warnings.push(error));
});
afterEach(() => vi.useRealTimers());

test('a write that failed is repeated each minute until it succeeds, with one warning', async () => {
  results = ['full', 'full', 'full'];
  await writing.run();
  await vi.advanceTimersByTimeAsync(MINUTE_MS - 1);
  expect(writes).toBe(1);
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  expect({ writes, warnings }).toEqual({ writes: 4, warnings: [new Error('full')] });
});

test('changes before a write begins share it', async () => {
  await Promise.all([writing.run(), writing.run()]);
  expect(writes).toBe(1);
});

test('a later failure is a new one', async () => {
  results = ['full', 'ok', 'full'];
  for (let round = 0; round < 3; round += 1) await writing.run();
  expect(warnings).toHaveLength(2);
});

test('after a success nothing is repeated, also if an earlier write failed meanwhile', async () => {
  results = ['full', 'ok'];
  const first = writing.run();
  await Promise.resolve();
  await Promise.all([first, writing.run()]);
  expect(writes).toBe(2);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(writes).toBe(2);
});

test('a repetition that is under way when it is stopped is the last one', async () => {
  results = ['full', 'full'];
  await writing.run();
  vi.advanceTimersByTime(MINUTE_MS);
  writing.stop();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(writes).toBe(2);
});

test.each([
  ['that failed gets a last try, and no other', ['full', 'full'], 2],
  ['that succeeded is the last one', ['ok'], 1],
] as const)('at the end, a write %s', async (_what, given, expected) => {
  results = [...given];
  void writing.run();
  await writing.end();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(writes).toBe(expected);
});
