import type { Cleanup } from '../../base/cleanup.ts';
import type { Inspection, RefreshOutcome } from '../../contract/outcome.ts';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { fingerprintOf, realWait, type Wait } from '../store/json-store.ts';
import { accountOf } from './account.ts';
import { takeLocks } from './locks.ts';
import { fresh, method, unavailable } from './outcomes.ts';
import { recall } from './recall.ts';
import { isDue, readCredential } from './read-credential.ts';
import type { TokenFile } from './token-file.ts';
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
  const isNeeded = isDue(source, seen, context) || (await recall(source, context, seen)).kind === 'successor';
  if (!isNeeded) return fresh(seen);
  const locks = await takeLocks(source, seen.path, context);
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
  const ends = { expiresAt, loginExpiresAt, renew: source.signIn };
  return { present: true, store: path, method, ...ends, fingerprint, refreshFingerprint, ...accountOf(source, found) };
}

/** Calls `changed` when the file changed. */
export const watchTokenFile = ({ file }: TokenFile, { files }: InspectContext, changed: () => void): Cleanup =>
  files.watch(file, changed);
