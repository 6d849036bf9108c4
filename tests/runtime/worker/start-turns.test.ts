import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChildProcess } from 'node:child_process';
import { silentLog } from '../../../runtime/log/log.ts';
import { isolator } from '../../../runtime/worker/isolated-plugin.ts';
import { StartTurns, type Turn } from '../../../runtime/worker/start-turns.ts';
import { locateHome } from '../../../sdk/system/home.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Asks for so many turns, and lists those that were given. */
async function asked(turns: StartTurns, count: number): Promise<Turn[]> {
  const given: Turn[] = [];
  for (let one = 0; one < count; one++) void turns.take().then(turn => given.push(turn));
  await vi.advanceTimersByTimeAsync(0);
  return given;
}

describe('the turns to start a process', () => {
  test('are few at a time, and one that ends lets the next begin', async () => {
    const given = await asked(new StartTurns(2, 3_000), 5);
    expect(given.length).toBe(2);
    given[0]?.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(given.length).toBe(3);
  });

  test('end once, however often that is said', async () => {
    const given = await asked(new StartTurns(1, 3_000), 4);
    given[0]?.end();
    given[0]?.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(given.length).toBe(2);
  });

  test('last as long as a process starts, on a machine however busy', async () => {
    const given = await asked(new StartTurns(2, 3_000), 6);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(given.length).toBe(2);
  });

  test('end soon after the code of the plugin began: one that spins holds the others back for a moment', async () => {
    const given = await asked(new StartTurns(2, 3_000), 6);
    for (const turn of given) turn.began();
    await vi.advanceTimersByTimeAsync(2_999);
    expect(given.length).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(given.length).toBe(4);
    // Those that ended late free no second place.
    given[0]?.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(given.length).toBe(4);
  });
});

/** A process that answers nothing, until it is killed. */
class SilentProcess extends EventEmitter {
  readonly connected = true;
  readonly channel = undefined;
  send(): boolean {
    return true;
  }
  kill(): boolean {
    return this.emit('exit', null, 'SIGKILL');
  }
}

test('of fifty plugins that never load, each has its whole time limit from the start of its process', async () => {
  const started: number[] = [];
  const isolate = isolator({
    log: silentLog(),
    conceal: () => undefined,
    files: { watch: () => () => undefined },
    home: locateHome({ KEEPALIVE_HOME: '/nowhere' }),
    fork: () => {
      started.push(Date.now());
      return new SilentProcess() as EventEmitter as ChildProcess;
    },
  });
  const ended: number[] = [];
  for (let one = 0; one < 50; one++)
    void isolate({ name: `./${one}.js`, options: {} }, { base: '/nowhere/x', stateDir: '/nowhere' }).catch(
      (error: { readonly code?: string }) => error.code === 'KA_PLUGIN_TIMEOUT' && ended.push(Date.now()),
    );
  await vi.advanceTimersByTimeAsync(0);
  const first = started.length;
  expect(first).toBeGreaterThanOrEqual(2);
  expect(first).toBeLessThan(50);
  await vi.advanceTimersByTimeAsync(20_000 * 50);
  expect(started.length).toBe(50);
  expect(ended).toEqual(started.map(at => at + 20_000));
});
