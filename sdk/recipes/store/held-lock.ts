import type { InspectContext } from '../../plugin/provider.ts';

/** The default of `files.lock`. */
const STALE_MS = 10_000;

/** When a lock of someone else can be taken over at the earliest, if its holder does not touch it again. */
export async function staleAt(
  { files, now }: Pick<InspectContext, 'files' | 'now'>,
  lock: string,
  staleMs = STALE_MS,
): Promise<Date> {
  const facts = await files.stat(lock).catch(() => undefined);
  // A lock from the future, left by a clock that was set back, counts from now. A lock that is gone can be taken now.
  return new Date(facts ? Math.ceil(Math.min(facts.modifiedAt, now())) + staleMs + 1 : now());
}
