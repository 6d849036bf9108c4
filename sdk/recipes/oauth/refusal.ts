import { loginFailed, offline, type KeepaliveError } from '../../contract/errors.ts';
import { intercepted } from '../http/intercepted.ts';
import type { Classification } from './classify.ts';
import { readContent, type TokenResponse } from './reply.ts';

/** What the codes of RFC 8628 and of OAuth mean for the user. */
const MEANINGS: Readonly<Record<string, string>> = {
  access_denied: "It was denied on the vendor's page",
  expired_token: 'The code has expired. Start the sign-in again',
  invalid_client: 'The server does not accept the client. Check the clientId and the clientSecret',
  unauthorized_client: 'The server does not let this client sign in with a code. Check the clientId',
  invalid_scope: 'The server does not accept the scope. Check the option scope',
};

/** The error for a response that ends a sign-in. */
export function refusalOf(answer: TokenResponse, verdict: Classification): KeepaliveError {
  if (verdict.kind === 'intercepted') return intercepted(verdict.details);
  if (verdict.kind === 'server-error') return offline(verdict.details);
  if (verdict.kind === 'rate-limited') return loginFailed('The server wants fewer requests. Try again later');
  const { codes } = readContent(answer, '');
  const known = codes.find(code => Object.hasOwn(MEANINGS, code));
  return loginFailed(
    (known && MEANINGS[known]) ?? `The server answered ${[answer.status, codes[0]].filter(Boolean).join(' ')}`,
  );
}
