import { join } from 'node:path';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import type { StoreReading } from '../../sdk/recipes/cli/touch.ts';
import {
  fingerprintOf,
  readInstant,
  readJsonFile,
  textAt,
  valueAt,
  type Wait,
} from '../../sdk/recipes/store/json-store.ts';
import type { Place } from './place.ts';

/** claude renews by itself, and lets itself be made to, when no more than this is left. */
export const WINDOW_MS = 300_000;

/** A login of claude's, as its store shows it. */
export type Login = StoreReading & {
  /** The file, with symbolic links followed, or the name of the keychain's item. */
  readonly store: string;
  readonly kept: 'file' | 'keychain';
  /** From when on claude would renew it, in milliseconds since the epoch; undefined if nothing does. */
  readonly renewableAt: number | undefined;
  /** Of the refresh token alone; absent if there is none or it cannot be read. */
  readonly refreshFingerprint?: string | undefined;
  /** What the refresh token was given for, and to whom, as far as the file says. */
  readonly scope?: string | undefined;
  readonly clientId?: string | undefined;
};

/** Nothing that could be kept alive, and what to do about it. */
export type NoLogin = { readonly hint: string };

/** Looks at the credential in claude's home. */
export async function lookAtLogin(
  { home, loginHint }: Place,
  { files, conceal }: InspectContext,
  wait: Wait,
): Promise<Login | NoLogin> {
  const file = join(home, '.credentials.json');
  const [found, facts] = [await readJsonFile(files, file, wait), await files.stat(file)];
  if (!found || !facts) return { hint: loginHint };
  const [access, refresh] = ['claudeAiOauth.accessToken', 'claudeAiOauth.refreshToken'].map(path =>
    valueAt(found.json, path),
  );
  for (const secret of [access, refresh]) if (typeof secret === 'string' && secret !== '') conceal(secret);
  const blank = access === '' && refresh === '';
  const isRenewable = typeof refresh === 'string' && refresh !== '';
  if (!blank && !isRenewable && !textAt(found.json, 'claudeAiOauth.accessToken')) return { hint: loginHint };
  const [expiresAt, refreshEndsAt] = ['expiresAt', 'refreshTokenExpiresAt'].map(name =>
    readInstant(valueAt(found.json, `claudeAiOauth.${name}`)),
  );
  // A date of 0 means unknown, and does not prove that the token has expired.
  const tokenEndsAt = expiresAt && expiresAt.getTime() > 0 ? expiresAt : undefined;
  const scopes = valueAt(found.json, 'claudeAiOauth.scopes');
  return {
    store: facts.path,
    kept: 'file',
    blank,
    loginExpiresAt: blank || isRenewable ? refreshEndsAt : tokenEndsAt,
    scope: Array.isArray(scopes) ? scopes.join(' ') : undefined,
    clientId: textAt(found.json, 'claudeAiOauth.clientId'),
    fingerprint: fingerprintOf(String(refresh), String(access)),
    refreshFingerprint: isRenewable ? fingerprintOf(String(refresh)) : undefined,
    expiresAt: blank ? undefined : expiresAt,
    renewableAt: isRenewable ? (expiresAt ? expiresAt.getTime() - WINDOW_MS : Infinity) : undefined,
  };
}
