import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { timeLimit } from '../../../sdk/base/time-limit.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise(resolve => void signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));

test('it ends after its time, even if garbage is collected meanwhile', async () => {
  const ended = aborted(timeLimit(200, new AbortController().signal));
  // Unlike the limit itself, this keeps the process, so that a lost limit fails the test.
  const waiting = setInterval(collectGarbage, 20);
  expect(await ended).toMatchObject({ name: 'TimeoutError' });
  clearInterval(waiting);
});

test('it ends with the given signal, for its reason', async () => {
  const stop = new AbortController();
  const ended = aborted(timeLimit(60_000, stop.signal));
  stop.abort('stopped');
  expect(await ended).toBe('stopped');
});

test('without a signal it is only a limit', async () => {
  expect(await aborted(timeLimit(1))).toMatchObject({ name: 'TimeoutError' });
});
