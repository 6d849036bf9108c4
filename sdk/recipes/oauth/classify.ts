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
  | { readonly kind: 'intercepted' | 'out-of-order' | 'unexpected'; readonly details: Details }
  /** A success in which we find no token. The successor may be in it. */
  | { readonly kind: 'unclear' };

type Details = { readonly [name: string]: string | number | undefined };
type Asked = { readonly now: number; readonly sent: string };

/** Lenient with a response that may carry a token, because the old one is spent. Strict before a session ends. */
export async function classify(
  answer: TokenResponse,
  source: TokenFile,
  { now, sent }: Asked,
): Promise<Classification> {
  const { status, type, retryAfter } = answer;
  const said = readContent(answer, sent);
  if (said.reply && isRenewal(answer, said)) return { kind: 'renewed', reply: said.reply };
  if (status === 429) return { kind: 'rate-limited', retryAt: readRetryAfter(retryAfter, now) };
  const [code] = said.codes;
  if (status >= 500 && status !== 511) return { kind: 'out-of-order', details: { status, vendorCode: code } };
  const redirect = await redirectOf(answer, source.tokenEndpoint);
  const mayBePage = said.reply !== undefined || redirect !== undefined;
  const reason = redirect?.isElsewhere ? ELSEWHERE : interceptionOf({ status, text: said.text, type }, mayBePage);
  if (reason !== undefined && !namesToken(answer, said)) {
    return { kind: 'intercepted', details: { status, reason, leadsTo: redirect?.shown } };
  }
  const over = said.codes.find(candidate => meansOver(candidate, status, source));
  if (over !== undefined || (said.isError && source.permanentStatuses?.includes(status))) {
    return { kind: 'refused', proof: `The vendor answered ${[status, over ?? code].filter(Boolean).join(' ')}.` };
  }
  if (isGood(status) && !isPlainNo(said)) return { kind: 'unclear' };
  return { kind: 'unexpected', details: { status, vendorCode: code, leadsTo: redirect?.shown, hint: hintOf(code) } };
}

/** Whether a success arrived incomplete. The only successor may have been in it. */
export function isLost(answer: TokenResponse, sent: string, isDelimited: boolean): boolean {
  const said = readContent(answer, sent);
  if (!isGood(answer.status) || said.text.trimStart().startsWith('<') || isRenewal(answer, said)) return false;
  if (answer.end === 'broken') return said.isTorn || said.reply === undefined;
  return answer.end === 'whole' && !isDelimited && (said.isTorn || said.text.trim() === '');
}

const isGood = (status: number): boolean => status >= 200 && status < 300;

/** In a response that was cut off, only a refresh token counts. */
function isRenewal({ status }: TokenResponse, { reply, isTorn }: ResponseContent): boolean {
  if (!reply || (status >= 400 && status < 500)) return false;
  return textAt(reply, 'refresh_token') !== undefined || (!isTorn && textAt(reply, 'access_token') !== undefined);
}

/** Some vendors refuse with a 200. */
const isPlainNo = ({ isError, codes, reply }: ResponseContent): boolean =>
  isError && (codes.length > 0 || reply?.['ok'] === false || reply?.['success'] === false);

/** A page with the name of a refresh token may be the vendor's after all. */
const namesToken = ({ status }: TokenResponse, { text }: ResponseContent): boolean =>
  isGood(status) && ['refresh_token', 'refreshToken'].some(name => text.includes(name));

/** Digits count, because some vendors number their codes. */
const plainCode = (code: string): string => code.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Names for `invalid_grant`, in any case. */
const OVER = new Set(
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
const OVER_WITH_STATUS = new Set(['invalid_token'].map(plainCode));

function meansOver(code: string, status: number, { permanentCodes = [] }: TokenFile): boolean {
  const plain = plainCode(code);
  if (OVER.has(plain) || permanentCodes.some(own => plainCode(own) === plain)) return true;
  return OVER_WITH_STATUS.has(plain) && (status === 400 || status === 401);
}

/** Mistakes in the configuration. They say nothing about the login. */
const OUR_MISTAKE = new Set(['invalid_client', 'unauthorized_client', 'incorrect_client_credentials']);
const hintOf = (code = ''): string | undefined =>
  OUR_MISTAKE.has(code.toLowerCase()) ? 'Check the clientId and the clientSecret.' : undefined;
