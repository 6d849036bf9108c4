import { timeLimit } from '../../base/time-limit.ts';
import { isRecord } from '../../base/json.ts';
import { offline, type KeepaliveError } from '../../contract/errors.ts';
import type { ProviderContext } from '../../plugin/provider.ts';
import { decodeText, readBody, type Body } from './body.ts';
import { intercepted, interceptionOf } from './intercepted.ts';
import type { JsonObject } from '../store/json-store.ts';
import { looseJson } from '../store/loose-json.ts';
import { ELSEWHERE, redirectOf } from './address.ts';

/** The result of a request that carries a session. */
export type HttpReply =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly json: JsonObject | undefined;
      readonly headers: Headers;
      /** The host and path that a redirect leads to. */
      readonly leadsTo: string | undefined;
    }
  | { readonly kind: 'rate-limited'; readonly retryAt: Date | undefined }
  | HttpFailure;

/** No response of the vendor: there is no network, the vendor is down, or something in between answered. */
export type HttpFailure = {
  readonly kind: 'offline' | 'intercepted';
  readonly host: string;
  readonly status?: number;
  readonly reason?: string;
  readonly leadsTo?: string | undefined;
  readonly cause?: unknown;
};

type HttpQuestion = {
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Accept only JSON: a web page is from a captive portal or a proxy. */
  readonly json: boolean;
};

const LIMIT_MS = 30_000;

/** Sends a request without following redirects, and detects responses of a proxy or a captive portal. */
export async function ask(
  context: ProviderContext,
  url: string,
  { json: wantsJson, headers, ...question }: HttpQuestion,
): Promise<HttpReply> {
  const { signal, fetch, now } = context;
  signal.throwIfAborted();
  const { host } = new URL(url);
  // Outside the try: a header that cannot be sent is not a network failure.
  const init = { ...question, headers: new Headers(headers), redirect: 'manual' } as const;
  try {
    // Never aborted by the context: the vendor may have replaced a credential already.
    const response = await fetch(url, { ...init, signal: timeLimit(LIMIT_MS) });
    const { status, headers } = response;
    const body = await readBody(response);
    if (status === 429) return { kind: 'rate-limited', retryAt: readRetryAfter(headers.get('retry-after'), now()) };
    if (status >= 500 && status !== 511) return { kind: 'offline', host, status };
    if (status < 400 && body.end === 'broken') return { kind: 'offline', host, cause: body.cause };
    const text = decodeText(body.bytes);
    const json = jsonOf(text, body.end);
    const redirect = await redirectOf({ status, location: headers.get('location') }, url);
    const mayBePage = !wantsJson || json !== undefined || redirect !== undefined;
    const seen = { status, text, type: headers.get('content-type') };
    const reason = redirect?.isElsewhere
      ? ELSEWHERE
      : (interceptionOf(seen, mayBePage) ?? (headers.get('cf-mitigated') === 'challenge' ? CHALLENGE : undefined));
    if (reason !== undefined) return { kind: 'intercepted', host, status, reason, leadsTo: redirect?.shown };
    return { kind: 'answered', status, json, headers, leadsTo: redirect?.shown };
  } catch (cause) {
    return { kind: 'offline', host, cause };
  }
}

const CHALLENGE = 'a bot check came in place of the page';

/** Uses the part that was read if the body was cut off. */
function jsonOf(text: string, end: Body['end']): JsonObject | undefined {
  try {
    const value: unknown = end === 'cut' ? looseJson(text).value : JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The error to throw if there is no response of the vendor. */
export function errorOf({ kind, host, status, reason, leadsTo, cause }: HttpFailure): KeepaliveError {
  if (kind === 'intercepted') return intercepted({ host, status, reason, leadsTo });
  return offline({ host, status, reason }, cause);
}

/** The largest time that a date can hold, in milliseconds. */
const LAST_MOMENT = 8.64e15;

/** The time that a `Retry-After` header names, in seconds or as a date; undefined if there is none. */
export function readRetryAfter(value: string | null, now: number): Date | undefined {
  if (value === null) return undefined;
  const date = new Date(/^\s*\d+\s*$/.test(value) ? Math.min(now + Number(value) * 1_000, LAST_MOMENT) : value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
