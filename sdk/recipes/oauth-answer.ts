import { readInstant, textAt, valueAt, type JsonObject } from './json-store.ts';
import type { Exchange } from './oauth-request.ts';
import type { TokenFile } from './oauth-source.ts';

/** What an answer means. */
export type Verdict =
  | { readonly kind: 'renewed'; readonly reply: JsonObject }
  | { readonly kind: 'refused'; readonly proof: string }
  | { readonly kind: 'rate-limited'; readonly retryAt: Date | undefined }
  | { readonly kind: 'out-of-order' }
  | { readonly kind: 'unexpected' };

type Answer = Extract<Exchange, { kind: 'answered' }>;

/** Lenient with whatever carries a token, for the old one is spent; strict with what ends a session. */
export function judge({ status, body, retryAfter }: Answer, source: TokenFile, now: number): Verdict {
  const ok = status >= 200 && status < 300;
  if (ok && body && (textAt(body, 'access_token') ?? textAt(body, 'refresh_token'))) return { kind: 'renewed', reply: body };
  if (status === 429) return { kind: 'rate-limited', retryAt: readRetryAfter(retryAfter, now) };
  if (status >= 500) return { kind: 'out-of-order' };
  const known = ['invalid_grant', ...source.permanentCodes ?? []];
  const code = known.find(code => ['error', 'error.code', 'error.type', 'code'].some(path => body && valueAt(body, path) === code));
  if (code !== undefined || source.permanentStatuses?.includes(status)) {
    return { kind: 'refused', proof: `The vendor answered ${[status, code].filter(Boolean).join(' ')}.` };
  }
  return { kind: 'unexpected' };
}

/** When the new access token ends: by the reply's `expires_in`, which is told in seconds. */
export function expiryOf(reply: JsonObject, at: Date): Date | undefined {
  const seconds = Number(reply['expires_in'] ?? Number.NaN);
  return seconds > 0 ? readInstant(at.getTime() + seconds * 1_000) : undefined;
}

/** The last moment that a date can hold. */
const LAST_MOMENT = 8.64e15;

/** When to come back, by a Retry-After in seconds or as a date. */
export function readRetryAfter(value: string | null, now: number): Date | undefined {
  if (value === null) return undefined;
  const date = new Date(/^\s*\d+\s*$/.test(value) ? Math.min(now + Number(value) * 1_000, LAST_MOMENT) : value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
