import type { ProviderContext } from '../provider.ts';
import { parseObject, type JsonObject } from './json-store.ts';
import { readRetryAfter } from './oauth-answer.ts';

/** What came back for a request that carries a session. */
export type Reply =
  | { readonly kind: 'answered'; readonly status: number; readonly json: JsonObject | undefined; readonly headers: Headers }
  | { readonly kind: 'rate-limited'; readonly retryAt: Date | undefined }
  | NoReply;

/** Not the vendor's own word: there is no network, it is out of order, or something in between answers in its place. */
export type NoReply = {
  readonly kind: 'offline';
  readonly host: string;
  readonly status?: number;
  readonly reason?: string;
  readonly cause?: unknown;
};

type Question = {
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Only JSON is the vendor's own word: a web page is that of a captive portal or of a proxy. */
  readonly json: boolean;
};

const LIMIT_MS = 30_000;

/** Asks, follows no redirect, and tells what the vendor said from what others say in its place. */
export async function ask(context: ProviderContext, url: string, { json: wantsJson, headers, ...question }: Question): Promise<Reply> {
  const { signal, fetch, now } = context;
  signal.throwIfAborted();
  const { host } = new URL(url);
  // Outside: a header that cannot be sent is not the network's fault.
  const init = { ...question, headers: new Headers(headers), redirect: 'manual' } as const;
  try {
    // Not cancelled half-way: the vendor may have replaced a credential already.
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(LIMIT_MS) });
    const { status } = response;
    const text = await response.text();
    if (status === 429) return { kind: 'rate-limited', retryAt: readRetryAfter(response.headers.get('retry-after'), now()) };
    if (status >= 500) return { kind: 'offline', host, status };
    const target = redirectOf(response, url);
    const json = parseObject(text);
    const stranger = target ? await isElsewhere(target, url) && ELSEWHERE : wantsJson && !json && isPage(text) && PAGE;
    if (stranger) return { kind: 'offline', host, status, reason: stranger };
    return { kind: 'answered', status, json, headers: response.headers };
  } catch (cause) {
    return { kind: 'offline', host, cause };
  }
}

const ELSEWHERE = 'it leads to another site, as a captive portal does';
const PAGE = 'a web page came in place of JSON, as from a captive portal';

const isPage = (text: string): boolean => /^\s*(<!doctype|<html|<head|<body|<\?xml|<!--)/i.test(text);

function redirectOf({ status, headers }: Response, from: string): string | undefined {
  const location = headers.get('location');
  const leads = status >= 300 && status < 400 && location !== null && URL.canParse(location, from);
  return leads ? new URL(location, from).hostname : undefined;
}

async function isElsewhere(host: string, from: string): Promise<boolean> {
  const { getPublicSuffix } = await import('tough-cookie');
  const siteOf = (name: string) => getPublicSuffix(name, { ignoreError: true, allowSpecialUseDomain: true }) ?? name;
  return siteOf(host) !== siteOf(new URL(from).hostname);
}
