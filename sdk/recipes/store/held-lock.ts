import type { InspectContext } from '../../plugin/provider.ts';

/** The default of `files.lock`. */
const STALE_MS = 10_000;

/** When the lock of another program can be taken over, if its holder does not touch it again. */
export async function staleAt(
  { files, now }: Pick<InspectContext, 'files' | 'now'>,
  lock: string,
  staleMs = STALE_MS,
): Promise<Date> {
  const facts = await files.stat(lock).catch(() => undefined);
  // A lock with a future date, left by a clock that was set back, counts from now. A missing lock can be taken now.
  return new Date(facts ? Math.ceil(Math.min(facts.modifiedAt, now())) + staleMs + 1 : now());
}
