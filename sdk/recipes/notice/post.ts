import { setTimeout as wait } from 'node:timers/promises';
import { isRecord } from '../../base/json.ts';
import { KeepaliveError, offline } from '../../contract/errors.ts';
import type { NotifierContext } from '../../plugin/notifier.ts';
import { readRetryAfter } from '../http/ask.ts';
import { decodeText, readBody } from '../http/body.ts';
import type { JsonObject } from '../store/json-store.ts';
import { timeLimit } from '../../base/time-limit.ts';

export type Letter = {
  readonly url: string;
  /** [POST] */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, sent as JSON. */
  readonly json?: object;
};

/** Answers of a channel that has delivered nothing, and may do so later. */
const BUSY: Readonly<Record<number, string>> = { 429: 'it asked to wait', 503: 'it is not available now' };

type PostContext = Pick<NotifierContext, 'fetch' | 'signal'>;

/** Shorter than the time that the kernel gives a notifier, so that a silent server is named. */
const LIMIT_MS = 10_000;
const MOST_TRIES = 3;

/**
 * Sends a request to a channel, and repeats it if the channel asks to wait, all within the limit. Returns the JSON of
 * the answer. The error is `offline()` if the channel was not reached or is busy. It never has the URL or a header,
 * which may be secret.
 */
export async function post(letter: Letter, { fetch, signal }: PostContext, limitMs = LIMIT_MS): Promise<JsonObject> {
  const { host } = new URL(letter.url);
  const endsAt = Date.now() + limitMs;
  const limit = timeLimit(limitMs, signal);
  for (let tries = 1; ; tries += 1) {
    const { status, headers, json, text } = await exchange(letter, fetch, limit).catch((error: unknown) => {
      throw offline({ host, reason: reasonOf(error) });
    });
    if (status >= 200 && status < 300 && json['ok'] !== false) return json;
    const busy = BUSY[status];
    if (busy === undefined) throw refusal({ host, status, vendorCode: codeOf(json, text) });
    const retryAt = retryAtOf(headers, json);
    if (retryAt === undefined || retryAt >= endsAt || tries === MOST_TRIES) throw offline({ host, reason: busy });
    await wait(retryAt - Date.now(), undefined, { signal: limit });
  }
}

async function exchange(
  { url, method = 'POST', headers, json }: Letter,
  fetch: PostContext['fetch'],
  signal: AbortSignal,
) {
  const response = await fetch(url, {
    method,
    headers: { ...(json && { 'content-type': 'application/json' }), ...headers },
    ...(json && { body: JSON.stringify(json) }),
    // A redirect would send the headers to another server.
    redirect: 'manual',
    signal,
  });
  const body = await readBody(response);
  if (body.end === 'broken') throw body.cause;
  const text = decodeText(body.bytes);
  return { status: response.status, headers: response.headers, json: jsonOf(text), text };
}

function jsonOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** When the channel may be asked again. Discord and Telegram say it in the body, in seconds, Matrix in milliseconds. */
function retryAtOf(headers: Headers, json: JsonObject): number | undefined {
  const now = Date.now();
  const header = readRetryAfter(headers.get('retry-after'), now);
  if (header) return header.getTime();
  const { retry_after: seconds, retry_after_ms: ms, parameters } = json;
  const nested = isRecord(parameters) ? parameters['retry_after'] : undefined;
  const waits = [Number(ms), Number(seconds) * 1_000, Number(nested) * 1_000];
  const shortest = waits.find(one => Number.isFinite(one) && one >= 0);
  return shortest === undefined ? undefined : now + shortest;
}

type Refused = { readonly host: string; readonly status: number; readonly vendorCode?: string | undefined };

const HINTS: Readonly<Record<number, string>> = {
  401: 'Check the token in the configuration.',
  403: 'Check the token in the configuration, and whether it may write there.',
  404: 'Check the address in the configuration.',
};

/** The error for an answer that refuses a message. */
export const refusal = ({ host, status, vendorCode }: Refused): KeepaliveError =>
  new KeepaliveError('KA_UNEXPECTED_ANSWER', {
    host,
    status,
    ...(vendorCode !== undefined && { vendorCode }),
    ...(HINTS[status] !== undefined && { hint: HINTS[status] }),
  });

/** The members in which channels say why they refuse: Matrix, Slack and ntfy, Telegram, Discord. */
const CODE_MEMBERS = ['errcode', 'error', 'description', 'message'];
/** Plain words, as `no_service`, `M_FORBIDDEN` or `Bad Request: chat not found`. A token has no such form. */
const CODE = /^(?:M_[A-Z_]{3,40}|[A-Z]?[a-z]{1,20}(?:(?:[_ ]|: )[A-Z]?[a-z]{1,20}){0,11})$/;

/** The channel's own words for a refusal. Slack's webhooks answer in text. */
function codeOf(json: JsonObject, text: string): string | undefined {
  const said = [...CODE_MEMBERS.map(name => json[name]), text.trim()];
  return said.find((one): one is string => typeof one === 'string' && CODE.test(one));
}

/** An error code or a name. The message could contain the URL or a header. */
function reasonOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  const name = error instanceof Error ? error.name : 'unknown';
  return name === 'TimeoutError' ? 'it did not answer in time' : name;
}
