import { setImmediate as nextTurn } from 'node:timers/promises';

/** Some 10 ms of work for what is done to a session at the start. */
const SLICE = 500;

/**
 * Calls `each` for all, with a turn of the event loop between slices, in which other work is done: answers of the API,
 * the heartbeat of a fleet. The first slice is done at once, so that few sessions start as if there were no slices.
 */
export async function inSlices<T>(all: readonly T[], each: (one: T) => void): Promise<void> {
  for (const [index, one] of all.entries()) {
    if (index > 0 && index % SLICE === 0) await nextTurn();
    each(one);
  }
}
