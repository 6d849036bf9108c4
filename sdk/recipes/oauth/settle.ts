import { KeepaliveError } from '../../contract/errors.ts';
import type { Replacement } from '../../plugin/files.ts';
import type { ProviderContext } from '../../plugin/provider.ts';
import {
  fingerprintOf,
  formatLike,
  readInstant,
  textAt,
  valueAt,
  withoutValue,
  withValue,
  writeInstant,
  type JsonObject,
  type Wait,
} from '../store/json-store.ts';
import { readJwt } from '../store/lifetime.ts';
import { expiryOf } from './expiry.ts';
import { forgetSent, noteExpiry, warnOf } from './journal-notes.ts';
import { readCredential } from './read-credential.ts';
import type { Absence, Credential, StoreContext, TokenFile } from './token-file.ts';

/** Everything that it takes to write the file. */
export type StoreRun = { readonly source: TokenFile; readonly context: StoreContext; readonly wait: Wait };
/** Everything that a redeem needs. */
export type RedeemRun = StoreRun & { readonly context: ProviderContext };
/** The reply to the token with the fingerprint `sent`, with the names of the standard. */
export type Reply = { readonly sent: string; readonly at: Date; readonly reply: JsonObject };

export function concealTokens({ conceal }: StoreContext, reply: JsonObject): void {
  for (const key of ['access_token', 'refresh_token', 'id_token']) {
    const secret = textAt(reply, key);
    if (secret) conceal(secret);
  }
}

/** Identifies the token in the file. */
export const sentOf = (found: Credential | Absence): string =>
  'absent' in found ? NO_TOKEN : fingerprintOf(found.refresh);
const NO_TOKEN = '';

/**
 * Writes the reply to a token into its file, and reads the file again. If another program has replaced the token
 * meanwhile, the file wins, and `wrote` is false. The note is removed only after that.
 */
export async function settle(
  { source, context, wait }: StoreRun,
  path: string,
  note: Reply,
  place: Replacement,
): Promise<{ readonly wrote: boolean; readonly now: Credential | Absence }> {
  const guard = source.guard ?? (write => write());
  let expected: string | undefined;
  await guard(async () => {
    const current = await readCredential(source, context, wait);
    if (sentOf(current) !== note.sent) return;
    const next = merge(source, current, note);
    expected = next.fingerprint;
    if (!next.expiryWritten) await noteExpiry(context.files, path, next.fingerprint, next).catch(warnOf(context));
    await place.commit(formatLike(current.text, next.json));
  }, context);
  const now = await readCredential(source, context, wait);
  if (expected !== undefined && ('absent' in now || now.fingerprint !== expected)) {
    throw new KeepaliveError('KA_STORE_UNWRITABLE', { path, reason: 'It was overwritten at once.' });
  }
  // A missing file may come back with the old token, if it was moved or its disk was unmounted.
  const mayComeBack = 'absent' in now && now.absent === 'file';
  if (!mayComeBack) await forgetSent(context, path, note.sent);
  return { wrote: expected !== undefined, now };
}

function merge({ paths, merge }: TokenFile, current: Credential | Absence, { reply, at }: Reply) {
  const { json, access, refresh, expiryForm } = 'absent' in current ? { ...current, ...NOTHING } : current;
  const newAccess = textAt(reply, 'access_token') ?? access;
  const newRefresh = textAt(reply, 'refresh_token') ?? refresh;
  const jwtExpiry = readJwt(newAccess)?.expiresAt;
  const expiresAt = expiryOf(reply, at) ?? jwtExpiry;
  const merged = withId(withValue(withValue(json, paths.access, newAccess), paths.refresh, newRefresh), paths, reply);
  const before = paths.expiresAt === undefined ? undefined : (valueAt(json, paths.expiresAt) ?? expiryForm);
  const dated = withExpiry(merged, paths.expiresAt, expiresAt, before);
  return {
    json: merge ? merge(dated, reply, at) : dated,
    fingerprint: fingerprintOf(newRefresh, newAccess),
    expiresAt,
    form: before,
    expiryWritten: paths.expiresAt === undefined ? jwtExpiry !== undefined : expiresAt !== undefined,
  };
}

const NOTHING = { access: '', refresh: '', expiryForm: undefined };

function withId(json: JsonObject, { idToken }: TokenFile['paths'], reply: JsonObject): JsonObject {
  const id = textAt(reply, 'id_token');
  return idToken === undefined || id === undefined ? json : withValue(json, idToken, id);
}

/** An old expiry is removed, because the new token would look expired. */
function withExpiry(
  json: JsonObject,
  path: string | undefined,
  expiresAt: Date | undefined,
  before: unknown,
): JsonObject {
  if (path === undefined) return json;
  if (expiresAt) return withValue(json, path, writeInstant(expiresAt, before));
  return readInstant(valueAt(json, path)) ? withoutValue(json, path) : json;
}
