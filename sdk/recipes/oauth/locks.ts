import type { Cleanup } from '../../base/cleanup.ts';
import { KeepaliveError } from '../../contract/errors.ts';
import type { InspectContext } from '../../plugin/provider.ts';
import { staleAt } from '../store/held-lock.ts';
import type { Wait } from '../store/json-store.ts';
import type { TokenFile } from './token-file.ts';

type Locks = { readonly release: () => Promise<void> } | { readonly until: Date };

/** Takes all locks of the file at `path`, or none and returns when to try again. */
export async function takeLocks(
  { locks, lockStaleMs }: TokenFile,
  path: string,
  context: InspectContext,
): Promise<Locks> {
  const held: Cleanup[] = [];
  const release = async () => {
    for (const cleanup of held.toReversed()) await cleanup();
  };
  try {
    for (const lock of locks ?? [`${path}.lock`]) {
      const cleanup = await context.files.lock(lock, { staleMs: lockStaleMs });
      if (cleanup) {
        held.push(cleanup);
        continue;
      }
      await release();
      return { until: await staleAt(context, lock, lockStaleMs) };
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

const PATIENCE_MS = 60_000;
const BETWEEN_MS = 500;

/** Waits for the locks, and runs `work` under them. Throws `KA_STORE_LOCKED` after a minute. */
export async function underLocks<T>(
  source: TokenFile,
  path: string,
  { context, wait }: { readonly context: InspectContext; readonly wait: Wait },
  work: () => Promise<T>,
): Promise<T> {
  for (let waited = 0; waited <= PATIENCE_MS; waited += BETWEEN_MS) {
    context.signal.throwIfAborted();
    const locks = await takeLocks(source, path, context);
    if ('release' in locks) return work().finally(locks.release);
    await wait(BETWEEN_MS);
  }
  throw new KeepaliveError('KA_STORE_LOCKED', { path });
}
