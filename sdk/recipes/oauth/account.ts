import type { Inspection } from '../../contract/outcome.ts';
import { maskAccount } from '../store/account.ts';
import { fingerprintOf, textAt } from '../store/json-store.ts';
import { readClaims } from '../store/lifetime.ts';
import type { Credential, TokenFile } from './token-file.ts';

/** The account that the id token names, or else the access token, if it is a JWT. */
export function accountOf(
  { paths: { idToken } }: TokenFile,
  { json, access }: Credential,
): Pick<Inspection, 'account' | 'accountLabel'> {
  // The two may have different subjects for one account, so only one of them counts.
  const claims = readClaims(idToken === undefined ? access : (textAt(json, idToken) ?? '')) ?? {};
  const [issuer = '', subject] = ['iss', 'sub'].map(name => textAt(claims, name));
  const name = ['email', 'preferred_username', 'name'].map(name => textAt(claims, name)).find(Boolean);
  return { account: subject && fingerprintOf(issuer, subject), accountLabel: maskAccount(name) };
}
