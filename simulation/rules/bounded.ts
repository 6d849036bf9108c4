import { Broken } from './rules.ts';

/** 4 MB and the largest answer, which is not counted. */
const MAX_WAITING_BYTES = 6 * 1024 * 1024;

/** What waits for a client that reads nothing stays bounded. */
export function judgeWaiting(bytes: number): void {
  if (bytes > MAX_WAITING_BYTES) throw new Broken('bounded', `${bytes} bytes wait for a client that reads nothing.`);
}
