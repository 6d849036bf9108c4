import type { Cleanup } from '../../base/cleanup.ts';
import type { Inspection, RefreshOutcome } from '../../contract/outcome.ts';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { staleAt } from '../store/held-lock.ts';
import { fingerprintOf, realWait, type Wait } from '../store/json-store.ts';
import { fresh, method, unavailable } from './outcomes.ts';
import { recall } from './recall.ts';
import { isDue, readCredential } from './read-credential.ts';
import type { Credential, TokenFile } from './token-file.ts';
import { spend } from './spend.ts';

/** Spends the refresh token in the file if that is due, and never loses its successor. */
export async function redeem(
  source: TokenFile,
  context: ProviderContext,
  wait: Wait = realWait,
): Promise<RefreshOutcome> {
  if (source.clientSecret) context.conceal(source.clientSecret);
  const seen = await readCredential(source, context, wait);
  if ('absent' in seen) return unavailable(source, seen);
  const { kind } = await recall(source, context, seen);
  if (kind !== 'successor' && !isDue(source, seen, context)) return fresh(seen);
  const locks = await takeLocks(source, seen, context);
  if ('until' in locks) {
    return { method, status: 'deferred', ...locks, reason: 'Another program holds the lock of the credential.' };
  }
  try {
    return await spend({ source, context, wait }, seen);
  } finally {
    await locks.release();
  }
}

/** Inspects the file without spending anything. */
export async function inspectTokenFile(
  source: TokenFile,
  context: InspectContext,
  wait: Wait = realWait,
): Promise<Inspection> {
  const found = await readCredential(source, context, wait);
  if ('absent' in found)
    return { present: false, store: context.files.resolve(source.file), method, hint: unavailable(source, found).hint };
  const { path, expiresAt, loginExpiresAt, fingerprint, refresh } = found;
  const refreshFingerprint = fingerprintOf(refresh);
  return { present: true, store: path, method, expiresAt, loginExpiresAt, fingerprint, refreshFingerprint };
}

/** Calls `changed` when the file changed. */
export const watchTokenFile = ({ file }: TokenFile, { files }: InspectContext, changed: () => void): Cleanup =>
  files.watch(file, changed);

type Locks = { readonly release: () => Promise<void> } | { readonly until: Date };

/** Takes all locks, or none and returns when to try again. */
async function takeLocks(
  { locks, lockStaleMs }: TokenFile,
  { path }: Credential,
  context: ProviderContext,
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
