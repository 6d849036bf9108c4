import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { throttle } from '../../../plugins/ui-web/page/kernel/throttle.ts';

const TIMES = { settleMs: 300, restMs: 1_000 };
const always = async (): Promise<void> => undefined;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('requests that come together are one call', async () => {
  const call = vi.fn(always);
  const request = throttle(call, { ...TIMES, whenVisible: always });
  for (let n = 0; n < 5; n += 1) request();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(call).toHaveBeenCalledTimes(1);
});

test('requests that never pause are about a call a second', async () => {
  const call = vi.fn(always);
  const request = throttle(call, { ...TIMES, whenVisible: always });
  for (let ms = 0; ms < 13_000; ms += 10) {
    request();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(call).toHaveBeenCalledTimes(10);
});

test('a page that cannot be seen reads again once it can', async () => {
  const call = vi.fn(always);
  let show: () => void = () => undefined;
  const shown = new Promise<void>(resolve => (show = resolve));
  const request = throttle(call, { ...TIMES, whenVisible: () => shown });
  request();
  await vi.advanceTimersByTimeAsync(60_000);
  request();
  expect(call).not.toHaveBeenCalled();
  show();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(call).toHaveBeenCalledTimes(1);
});
