import type { CookieJar } from 'tough-cookie';
import type { ProviderContext } from '../../plugin/provider.ts';
import { ask, type HttpFailure, type HttpReply } from '../http/ask.ts';
import { hasEnded, setCookies, type Setting } from './cookie-jar.ts';
import { valueAt } from '../store/json-store.ts';

/** Pages that prove that a session is alive. */
export type Pages = {
  /** Requested one after the other until one proves it. */
  readonly pings: readonly string[];
  readonly alive: {
    /** Values in the JSON response, as keys joined by dots. Any of them proves it. [the status alone proves it] */
    readonly json?: readonly string[] | undefined;
    /** [200] */
    readonly status?: number | undefined;
  };
  readonly headers?: Readonly<Record<string, string>> | undefined;
};

/** What the pages say about the session. */
export type PageResult = { readonly kind: 'alive'; readonly settings: readonly Setting[] } | Refusal;

export type Refusal =
  | Extract<HttpReply, { kind: 'rate-limited' }>
  | { readonly kind: 'refused' | 'unexpected'; readonly status: number; readonly leadsTo?: string | undefined }
  | HttpFailure;

const STRONGEST_FIRST = [
  'rate-limited',
  'refused',
  'offline',
  'intercepted',
  'unexpected',
] as const satisfies readonly Refusal['kind'][];

/** The result of the first page that finds the session alive, or else the strongest refusal. */
export async function askPages(
  { pings, alive, headers }: Pages,
  context: ProviderContext,
  jar: CookieJar,
): Promise<PageResult> {
  const refusals: Refusal[] = [];
  const settings: Setting[] = [];
  for (const url of pings) {
    const cookie = await cookieHeader(jar, url, context.now());
    const sent = { accept: 'application/json', ...headers, ...(cookie && { cookie }) };
    const sentAt = context.now();
    const reply = await ask(context, url, { headers: sent, json: Boolean(alive.json) });
    if (reply.kind !== 'answered') refusals.push(reply);
    else if (reply.status === 401) refusals.push({ kind: 'refused', status: 401 });
    else {
      const { status, json, leadsTo } = reply;
      // As in a browser, the next request carries the cookies that this response set.
      const setting = { url, headers: reply.headers.getSetCookie(), sentAt, answeredAt: context.now() };
      settings.push(setting);
      await setCookies(jar, setting);
      const isAlive =
        status === (alive.status ?? 200) && (!alive.json || alive.json.some(path => json && valueAt(json, path)));
      if (isAlive) return { kind: 'alive', settings };
      refusals.push({ kind: 'unexpected', status, leadsTo });
    }
  }
  const rank = ({ kind }: Refusal) => STRONGEST_FIRST.indexOf(kind);
  return refusals.toSorted((a, b) => rank(a) - rank(b))[0] ?? { kind: 'unexpected', status: 0 };
}

async function cookieHeader(jar: CookieJar, url: string, now: number): Promise<string> {
  const cookies = await jar.getCookies(url, { expire: false });
  return cookies
    .filter(cookie => !hasEnded(cookie, now))
    .map(cookie => cookie.cookieString())
    .join('; ');
}
