import { interceptionOf } from '../http/intercepted.ts';
import { textAt, type JsonObject } from '../store/json-store.ts';
import { readRetryAfter } from '../http/ask.ts';
import { readContent, type TokenResponse, type ResponseContent } from './reply.ts';
import type { TokenFile } from './token-file.ts';
import { ELSEWHERE, redirectOf } from '../http/address.ts';

/** The meaning of a response. */
export type Classification =
  | { readonly kind: 'renewed'; readonly reply: JsonObject }
  | { readonly kind: 'refused'; readonly proof: string }
  | { readonly kind: 'rate-limited'; readonly retryAt: Date | undefined }
  | { readonly kind: 'intercepted' | 'server-error' | 'unexpected'; readonly details: Details }
  /** A success in which we find no token. The successor may be in it. */
  | { readonly kind: 'unclear' };

type Details = { readonly [name: string]: string | number | undefined };
type TokenRequest = { readonly now: number; readonly sent: string };

/** Lenient if there may be a token: the old one is spent. Strict about a refusal: it ends the session. */
export async function classify(
  answer: TokenResponse,
  source: TokenFile,
  { now, sent }: TokenRequest,
): Promise<Classification> {
  const { status, type, retryAfter } = answer;
  const content = readContent(answer, sent);
  if (content.reply && isRenewal(answer, content)) return { kind: 'renewed', reply: content.reply };
  if (status === 429) return { kind: 'rate-limited', retryAt: readRetryAfter(retryAfter, now) };
  const [code] = content.codes;
  if (status >= 500 && status !== 511) return { kind: 'server-error', details: { status, vendorCode: code } };
  const redirect = await redirectOf(answer, source.tokenEndpoint);
  const mayBePage = content.reply !== undefined || redirect !== undefined;
  const reason = redirect?.isElsewhere ? ELSEWHERE : interceptionOf({ status, text: content.text, type }, mayBePage);
  if (reason !== undefined && !namesToken(answer, content)) {
    return { kind: 'intercepted', details: { status, reason, leadsTo: redirect?.shown } };
  }
  const ended = content.codes.find(candidate => meansInvalidGrant(candidate, status, source));
  if (ended !== undefined || (content.isError && source.permanentStatuses?.includes(status))) {
    return { kind: 'refused', proof: `The vendor answered ${[status, ended ?? code].filter(Boolean).join(' ')}.` };
  }
  if (isSuccess(status) && !isPlainRefusal(content)) return { kind: 'unclear' };
  return { kind: 'unexpected', details: { status, vendorCode: code, leadsTo: redirect?.shown, hint: hintOf(code) } };
}

/** Whether a success arrived incomplete. The only successor may have been in it. */
export function isLost(answer: TokenResponse, sent: string, isDelimited: boolean): boolean {
  const content = readContent(answer, sent);
  if (!isSuccess(answer.status) || content.text.trimStart().startsWith('<') || isRenewal(answer, content)) return false;
  if (answer.end === 'broken') return content.isTorn || content.reply === undefined;
  return answer.end === 'whole' && !isDelimited && (content.isTorn || content.text.trim() === '');
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** In a response that was cut off, only a refresh token counts. */
function isRenewal({ status }: TokenResponse, { reply, isTorn }: ResponseContent): boolean {
  if (!reply || (status >= 400 && status < 500)) return false;
  return textAt(reply, 'refresh_token') !== undefined || (!isTorn && textAt(reply, 'access_token') !== undefined);
}

/** Some vendors refuse with a 200. */
const isPlainRefusal = ({ isError, codes, reply }: ResponseContent): boolean =>
  isError && (codes.length > 0 || reply?.['ok'] === false || reply?.['success'] === false);

/** A web page that names a refresh token may be the vendor's after all. */
const namesToken = ({ status }: TokenResponse, { text }: ResponseContent): boolean =>
  isSuccess(status) && ['refresh_token', 'refreshToken'].some(name => text.includes(name));

/** Digits count, because some vendors number their codes. */
const plainCode = (code: string): string => code.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Codes that mean `invalid_grant`. Case and punctuation do not matter. */
const INVALID_GRANT = new Set(
  [
    'invalid_grant',
    'bad_refresh_token',
    'invalid_refresh_token',
    'expired_token',
    'interaction_required',
    'login_required',
    'refresh_token_expired',
    'refresh_token_reused',
    'refresh_token_invalidated',
    'refresh_token_revoked',
  ].map(plainCode),
);
/** Codes with the same meaning, but only with the status 400 or 401. */
const INVALID_WITH_STATUS = new Set(['invalid_token'].map(plainCode));

type EndCodes = Pick<TokenFile, 'permanentCodes'>;

/** Whether a body, or the beginning of one, says that the login is over. */
export const namesEnd = (body: string, status: number, source: EndCodes): boolean =>
  readContent({ bytes: Buffer.from(body), end: 'cut' }, '').codes.some(code => meansInvalidGrant(code, status, source));

function meansInvalidGrant(code: string, status: number, { permanentCodes = [] }: EndCodes): boolean {
  const plain = plainCode(code);
  if (INVALID_GRANT.has(plain) || permanentCodes.some(own => plainCode(own) === plain)) return true;
  return INVALID_WITH_STATUS.has(plain) && (status === 400 || status === 401);
}

/** Codes for a wrong client configuration. They prove nothing about the login. */
const CLIENT_ERRORS = new Set(['invalid_client', 'unauthorized_client', 'incorrect_client_credentials']);
const hintOf = (code = ''): string | undefined =>
  CLIENT_ERRORS.has(code.toLowerCase()) ? 'Check the clientId and the clientSecret.' : undefined;
