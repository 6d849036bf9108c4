import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { withTimeout, type TimeoutOptions } from '../../../sdk/base/timeout.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const after = <T>(ms: number, settle: () => T) =>
  new Promise<T>((resolve, reject) => {
    setTimeout(() => {
      try {
        resolve(settle());
      } catch (error) {
        reject(error);
      }
    }, ms);
  });
const fail = (message: string) => () => {
  throw new Error(message);
};
const never = () => new Promise<never>(() => undefined);
const LATE = new Error('the plugin is late');

type Row = {
  readonly name: string;
  readonly work: (signal: AbortSignal) => unknown;
  readonly options?: Partial<TimeoutOptions>;
  /** When the signal of the options is aborted, in milliseconds. */
  readonly abortAt?: number;
  readonly expected: {
    readonly at: number;
    readonly result?: unknown;
    readonly error?: string;
    readonly aborted: boolean;
  };
};

const ROWS: readonly Row[] = [
  {
    name: 'work that settles in time',
    work: () => after(99, () => 1),
    expected: { at: 99, result: 1, aborted: false },
  },
  { name: 'work that is no promise', work: () => 1, expected: { at: 0, result: 1, aborted: false } },
  { name: 'work that throws', work: fail('boom'), expected: { at: 0, error: 'boom', aborted: false } },
  {
    name: 'work that rejects',
    work: () => after(50, fail('boom')),
    expected: { at: 50, error: 'boom', aborted: false },
  },
  {
    name: 'work that never settles',
    work: never,
    expected: { at: 100, error: 'it took longer than 100 ms', aborted: true },
  },
  {
    name: 'an error of the caller',
    work: never,
    options: { what: () => LATE },
    expected: { at: 100, error: LATE.message, aborted: true },
  },
  {
    name: 'work that rejects too late',
    work: () => after(150, fail('too late')),
    expected: { at: 100, error: 'it took longer than 100 ms', aborted: true },
  },
  {
    name: 'work that rejects because its time is up',
    work: signal => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cut')))),
    expected: { at: 100, error: 'it took longer than 100 ms', aborted: true },
  },
  { name: 'an abort', work: never, abortAt: 30, expected: { at: 30, error: 'stop', aborted: true } },
  {
    name: 'an abort with a grace, and work that settles in it',
    work: () => after(120, () => 'saved'),
    abortAt: 90,
    options: { graceMs: 40 },
    expected: { at: 120, result: 'saved', aborted: true },
  },
  {
    name: 'an abort with a grace, and work that does not settle in it',
    work: never,
    abortAt: 90,
    options: { graceMs: 40 },
    expected: { at: 130, error: 'it took longer than 40 ms', aborted: true },
  },
  {
    name: 'an abort after the end',
    work: () => after(10, () => 1),
    abortAt: 20,
    expected: { at: 10, result: 1, aborted: false },
  },
];

test.each(ROWS)('$name', async ({ work, options, abortAt, expected }) => {
  const stop = new AbortController();
  const started = Date.now();
  let seen: AbortSignal | undefined;
  const run = (signal: AbortSignal) => {
    seen = signal;
    return work(signal);
  };
  const settled = withTimeout(run, { ms: 100, what: 'it', signal: stop.signal, ...options }).then(
    result => ({ at: Date.now() - started, result }),
    (error: unknown) => ({ at: Date.now() - started, error: error instanceof Error ? error.message : error }),
  );
  const timers = vi.getTimerCount();
  if (abortAt !== undefined) setTimeout(() => stop.abort(new Error('stop')), abortAt);
  await vi.advanceTimersByTimeAsync(300);
  expect({ ...(await settled), aborted: seen?.aborted }).toEqual(expected);
  expect({ before: timers > 0 || expected.at === 0, after: vi.getTimerCount() }).toEqual({ before: true, after: 0 });
});

describe('a signal', () => {
  test('that was already aborted: the work is not started', async () => {
    const work = vi.fn();
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(withTimeout(work, { ms: 100, what: 'it', signal })).rejects.toThrow('stop');
    expect(work).not.toHaveBeenCalled();
  });

  test('has no listeners left afterwards', async () => {
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    await withTimeout(() => 1, { ms: 100, what: 'it', signal });
    expect(removed).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});
