import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { callPlugin } from '../../runtime/call-plugin.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';

const plugin = { id: 'mine' };
const never = () => new Promise<never>(() => undefined);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the result of the plugin is returned', async () => {
  await expect(callPlugin(plugin, 'refresh', 1_000, async () => 42)).resolves.toBe(42);
});

describe('a plugin does not break its caller', () => {
  test('when it throws at once', async () => {
    await expect(
      callPlugin(plugin, 'refresh', 1_000, () => {
        throw new Error('boom');
      }),
    ).rejects.toMatchObject({
      code: 'KA_PLUGIN_FAILED',
      details: { plugin: 'mine', call: 'refresh' },
      cause: new Error('boom'),
    });
  });

  test('when it rejects', async () => {
    await expect(callPlugin(plugin, 'inspect', 1_000, () => Promise.reject(new Error('boom')))).rejects.toMatchObject({
      details: { call: 'inspect' },
    });
  });

  test('when it throws something other than an error', async () => {
    await expect(callPlugin(plugin, 'refresh', 1_000, () => Promise.reject(undefined))).rejects.toMatchObject({
      code: 'KA_PLUGIN_FAILED',
    });
  });

  test('when it never settles and ignores its signal', async () => {
    const call = callPlugin(plugin, 'refresh', 1_000, never);
    const refused = call.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await refused).toMatchObject({ code: 'KA_PLUGIN_TIMEOUT', details: { plugin: 'mine', afterMs: 1_000 } });
  });

  test('when it rejects after its time limit', async () => {
    let fail: (error: Error) => void = () => undefined;
    const call = callPlugin(
      plugin,
      'refresh',
      1_000,
      () =>
        new Promise((_resolve, reject) => {
          fail = reject;
        }),
    );
    const refused = call.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await refused).toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
    fail(new Error('too late'));
    await vi.advanceTimersByTimeAsync(0);
  });
});

test('an error of our own class keeps its code', async () => {
  await expect(
    callPlugin(plugin, 'refresh', 1_000, () => {
      throw new KeepaliveError('KA_OFFLINE', { status: 503 });
    }),
  ).rejects.toMatchObject({ code: 'KA_OFFLINE' });
});

test('its signal is aborted at the time limit', async () => {
  let seen: AbortSignal | undefined;
  const call = callPlugin(plugin, 'refresh', 1_000, signal => {
    seen = signal;
    return never();
  });
  const refused = call.catch((error: unknown) => error);
  expect(seen?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await refused).toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
  expect(seen?.aborted).toBe(true);
});

test('it may finish its work after an abort', async () => {
  const stop = new AbortController();
  const call = callPlugin(
    plugin,
    'refresh',
    { timeoutMs: 60_000, stop: stop.signal },
    signal =>
      new Promise(resolve => {
        signal.addEventListener('abort', () => setTimeout(() => resolve('saved'), 5_000));
      }),
  );
  stop.abort();
  await vi.advanceTimersByTimeAsync(5_000);
  await expect(call).resolves.toBe('saved');
});

test('a call that ignores the abort is given up after half a minute', async () => {
  const stop = new AbortController();
  const call = callPlugin(plugin, 'refresh', { timeoutMs: 600_000, stop: stop.signal }, never);
  const refused = call.catch((error: unknown) => error);
  stop.abort();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await refused).toMatchObject({ code: 'KA_PLUGIN_TIMEOUT' });
});

test('it is not called if its signal is already aborted', async () => {
  const stop = new AbortController();
  stop.abort();
  const run = vi.fn();
  await expect(callPlugin(plugin, 'refresh', { timeoutMs: 1_000, stop: stop.signal }, run)).rejects.toThrow('aborted');
  expect(run).not.toHaveBeenCalled();
});
