/** The wait after the first failure, before it is doubled. */
const FIRST_MS = 2_000;
/** Which share of the wait chance decides. */
const SPREAD = 0.5;
/** By how much two machines may differ in the time between their heartbeats. */
const DRIFT = 0.1;

/**
 * How long to wait after so many failures in a row: twice as long each time, up to `maxMs`, and spread widely, so that
 * the machines of a fleet, which lose the database in one moment, do not return in one. `random` is from 0 to 1.
 */
export function retryMs(failures: number, maxMs: number, random: number): number {
  const delay = Math.min(maxMs, FIRST_MS * 2 ** Math.min(failures, 10));
  return delay * (1 - SPREAD + SPREAD * random);
}

/** The time to the next heartbeat: a little more than `leastMs`, so that machines that began together drift apart. */
export const beatMs = (leastMs: number, random: number): number => leastMs * (1 + DRIFT * random);
