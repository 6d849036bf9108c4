import type { VendorProgram } from './programs/program.ts';
import type { Front } from './world/front.ts';
import type { OpenWorld } from './world/open-world.ts';

/** A program that has reached its vendor gets so many times as long as it took to get there, and not less than this. */
const TIMES = 3;
const LEAST_MS = 5_000;

type Besides = Pick<OpenWorld, 'context'> & { readonly front: Pick<Front, 'onceReached'> };

/** Runs the program while a fault lasts. One that hangs is ended, as its user would end it. */
export async function besideUs(
  run: NonNullable<VendorProgram['beside']>,
  { front, context }: Besides,
  path: string,
): Promise<boolean> {
  const enough = new AbortController();
  const began = Date.now();
  const attempt = context();
  attempt.signal.addEventListener('abort', () => enough.abort());
  let timer: NodeJS.Timeout | undefined;
  front.onceReached(() => {
    timer = setTimeout(() => enough.abort(), Math.max(LEAST_MS, TIMES * (Date.now() - began)));
  });
  try {
    const isAccepted = await run(attempt, path, enough.signal);
    if (!timer) throw new Error('The program did not ask its vendor.');
    return isAccepted;
  } catch (error) {
    if (!enough.signal.aborted) throw error;
    return false;
  } finally {
    clearTimeout(timer);
  }
}
