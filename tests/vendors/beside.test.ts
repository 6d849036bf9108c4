import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { besideUs } from '../../vendors/beside.ts';
import { realContext } from '../support/real-context.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A program that reaches its vendor after this time, or never, and ends at once, or only if it is ended. */
const beside = (reachedMs: number | undefined, hangs: boolean, attempt = new AbortController()) => {
  let reached = () => {};
  const context = () => realContext('/', { signal: attempt.signal });
  const run = async (_context: unknown, _path: string, signal: AbortSignal) => {
    await new Promise(resolve => setTimeout(resolve, reachedMs ?? 0));
    if (reachedMs !== undefined) reached();
    if (hangs) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return true;
  };
  return besideUs(run, { front: { onceReached: callback => void (reached = callback) }, context }, '/bin/tool');
};

test('a program that ends by itself says whether it accepted its login', async () => {
  const ended = beside(100, false);
  await vi.runAllTimersAsync();
  expect(await ended).toBe(true);
});

test.each([
  ['five seconds, if it was quick', 100, 5_100],
  ['three times as long as it took to get there, if the machine is slow', 20_000, 80_000],
])('a program that hangs after it reached its vendor gets %s', async (_name, reachedMs, endMs) => {
  let accepted: boolean | undefined;
  void beside(reachedMs, true).then(is => (accepted = is));
  await vi.advanceTimersByTimeAsync(endMs - 1);
  expect(accepted).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(accepted).toBe(false);
});

test('a program is ended when the attempt is given up', async () => {
  const attempt = new AbortController();
  const ended = beside(100, true, attempt);
  await vi.advanceTimersByTimeAsync(200);
  attempt.abort();
  expect(await ended).toBe(false);
});

test('a program that asked nobody proves nothing', async () => {
  const [ended] = await Promise.allSettled([beside(undefined, false), vi.runAllTimersAsync()]);
  expect(ended).toMatchObject({ status: 'rejected', reason: { message: 'The program did not ask its vendor.' } });
});
