import type { InspectContext } from '../../sdk/plugin/provider.ts';
import type { NoLogin, StoredLogin } from '../../sdk/recipes/session/session.ts';
import {
  fingerprintOf,
  readInstant,
  readJsonFile,
  textAt,
  valueAt,
  type Wait,
} from '../../sdk/recipes/store/json-store.ts';
import { credentialFile, type ClaudeHome } from './home.ts';
import { withLostLogin } from './kept-login.ts';

/** claude renews its token in the last five minutes before the expiry, and not sooner. */
export const WINDOW_MS = 300_000;

/** A login of claude, as its store shows it. `store` is the file, or the name of the keychain item. */
export type Login = StoredLogin & {
  readonly home: ClaudeHome;
  readonly kept: 'file' | 'keychain';
  /** When claude would begin to renew it, in milliseconds since the epoch; undefined if nothing renews it. */
  readonly renewableAt: number | undefined;
  /** The scope and the client of the refresh token, if the file has them. */
  readonly scope?: string | undefined;
  readonly clientId?: string | undefined;
  readonly plan?: string | undefined;
};

/** Reads the credential file in claude's folder. */
export async function readLogin(
  home: ClaudeHome,
  { files, conceal }: InspectContext,
  wait: Wait,
): Promise<Login | NoLogin> {
  const { signIn, note } = home;
  const file = credentialFile(home);
  const [found, facts] = [await readJsonFile(files, file, wait), await files.stat(file)];
  if (!found || !facts) return { hint: signIn };
  const json = (await withLostLogin(file, found.json, { files })) ?? found.json;
  const [access, refresh] = ['claudeAiOauth.accessToken', 'claudeAiOauth.refreshToken'].map(path =>
    valueAt(json, path),
  );
  for (const secret of [access, refresh]) if (typeof secret === 'string' && secret !== '') conceal(secret);
  const blank = access === '' && refresh === '';
  const isRenewable = typeof refresh === 'string' && refresh !== '';
  if (!blank && !isRenewable && !textAt(json, 'claudeAiOauth.accessToken')) return { hint: signIn };
  const [expiresAt, refreshEndsAt] = ['expiresAt', 'refreshTokenExpiresAt'].map(name =>
    readInstant(valueAt(json, `claudeAiOauth.${name}`)),
  );
  // A date of 0 means unknown. It does not prove that the token has expired.
  const tokenEndsAt = expiresAt && expiresAt.getTime() > 0 ? expiresAt : undefined;
  const account = textAt(json, 'claudeAiOauth.accountUuid');
  const scopes = valueAt(json, 'claudeAiOauth.scopes');
  const isFixed = !blank && !isRenewable;
  return {
    home,
    store: facts.path,
    signIn,
    kept: 'file',
    blank,
    isFixed,
    loginEndIsFixed: isFixed ? undefined : true,
    note: isFixed ? NOT_RENEWABLE : note,
    loginExpiresAt: blank || isRenewable ? refreshEndsAt : tokenEndsAt,
    scope: Array.isArray(scopes) ? scopes.join(' ') : undefined,
    clientId: textAt(json, 'claudeAiOauth.clientId'),
    account: account === undefined ? undefined : fingerprintOf(account),
    plan: textAt(json, 'claudeAiOauth.subscriptionType'),
    fingerprint: fingerprintOf(String(refresh), String(access)),
    refreshFingerprint: isRenewable ? fingerprintOf(String(refresh)) : undefined,
    expiresAt: blank ? undefined : expiresAt,
    renewableAt: isRenewable ? (expiresAt ? expiresAt.getTime() - WINDOW_MS : Infinity) : undefined,
  };
}

const NOT_RENEWABLE =
  'It has no refresh token, as after `claude setup-token`: nothing renews it, ' +
  'and when it ends you have to sign in again.';
