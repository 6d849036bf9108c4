import type { InspectContext } from '../provider.ts';

/** What `files.lock` goes by where nothing is said. */
const STALE_MS = 10_000;

/** When a lock that someone else holds can be taken over at the earliest, if its holder shows no more that it lives. */
export async function staleAt(
  { files, now }: Pick<InspectContext, 'files' | 'now'>, lock: string, staleMs = STALE_MS,
): Promise<Date> {
  const facts = await files.stat(lock).catch(() => undefined);
  // One from the future, left by a clock that was set back, counts from now on; one that is gone can be taken now.
  return new Date(facts ? Math.ceil(Math.min(facts.modifiedAt, now())) + staleMs + 1 : now());
}
