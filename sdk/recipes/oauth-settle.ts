import { KeepaliveError } from '../errors.ts';
import type { Replacement } from '../files.ts';
import type { ProviderContext } from '../provider.ts';
import { fingerprintOf, formatLike, textAt, valueAt, withValue, writeInstant, type JsonObject, type Wait } from './json-store.ts';
import { readJwt } from './jwt.ts';
import { expiryOf } from './oauth-answer.ts';
import { forgetSent, noteExpiry, warnOf, type SentNote } from './oauth-notes.ts';
import { look, type Absence, type Credential, type TokenFile } from './oauth-source.ts';

export type Attempt = { readonly source: TokenFile; readonly context: ProviderContext; readonly wait: Wait };
export type Reply = SentNote & { readonly reply: JsonObject };

/**
 * Puts what came back for a token into its file, and looks whether it is there; `wrote` says whether it was ours to write.
 * Where somebody else has replaced the token meanwhile, the file wins. The note goes only when all this is done.
 */
export async function settle(
  { source, context, wait }: Attempt, path: string, note: Reply, place: Replacement,
): Promise<{ readonly wrote: boolean; readonly now: Credential | Absence }> {
  const guard = source.guard ?? (write => write());
  let expected: string | undefined;
  await guard(async () => {
    const current = await look(source, context, wait);
    if ('absent' in current || fingerprintOf(current.refresh) !== note.sent) return;
    const next = merge(source, current, note);
    expected = next.fingerprint;
    if (!next.expiryWritten) await noteExpiry(context.files, path, next.fingerprint, next.expiresAt).catch(warnOf(context));
    await place.commit(formatLike(current.text, next.json));
  }, context);
  const now = await look(source, context, wait);
  if (expected !== undefined && ('absent' in now || now.fingerprint !== expected)) {
    throw new KeepaliveError('KA_STORE_UNWRITABLE', { path, reason: 'It was overwritten at once.' });
  }
  await forgetSent(context, path);
  return { wrote: expected !== undefined, now };
}

function merge({ paths, merge }: TokenFile, { json, access, refresh }: Credential, { reply, at }: Reply) {
  const newAccess = textAt(reply, 'access_token') ?? access;
  const newRefresh = textAt(reply, 'refresh_token') ?? refresh;
  const jwtExpiry = readJwt(newAccess)?.expiresAt;
  const expiresAt = expiryOf(reply, at) ?? jwtExpiry;
  let merged = withValue(withValue(json, paths.access, newAccess), paths.refresh, newRefresh);
  if (paths.expiresAt !== undefined && expiresAt) merged = withValue(merged, paths.expiresAt, writeInstant(expiresAt, valueAt(json, paths.expiresAt)));
  return {
    json: merge ? merge(merged, reply, at) : merged,
    fingerprint: fingerprintOf(newRefresh, newAccess),
    expiresAt,
    expiryWritten: paths.expiresAt === undefined ? jwtExpiry !== undefined : expiresAt !== undefined,
  };
}
