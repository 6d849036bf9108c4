import type { CookieJar } from 'tough-cookie';
import type { ProviderContext } from '../../plugin/provider.ts';
import { ask, type NoReply, type Reply } from '../http/ask.ts';
import { hasEnded, setCookies, type Setting } from './cookie-jar.ts';
import { valueAt } from '../store/json-store.ts';

/** Pages that only a living session gets. */
export type Pages = {
  /** Asked one after the other until one says that it lives. */
  readonly pings: readonly string[];
  readonly alive: {
    /** Values in the JSON answer, by keys joined with dots, any of which proves the session. Where left out, the status does. */
    readonly json?: readonly string[] | undefined;
    /** [200] */
    readonly status?: number | undefined;
  };
  readonly headers?: Readonly<Record<string, string>> | undefined;
};

/** What the pages say of the session. */
export type Answer = { readonly kind: 'alive'; readonly settings: readonly Setting[] } | No;

export type No =
  | Extract<Reply, { kind: 'rate-limited' }>
  | { readonly kind: 'refused' | 'unexpected'; readonly status: number; readonly leadsTo?: string | undefined }
  | NoReply;

const STRONGEST_FIRST = [
  'rate-limited',
  'refused',
  'offline',
  'intercepted',
  'unexpected',
] as const satisfies readonly No['kind'][];

/** The first page that finds the session alive; or the word of the strongest: wait, no, later, what? */
export async function askPages(
  { pings, alive, headers }: Pages,
  context: ProviderContext,
  jar: CookieJar,
): Promise<Answer> {
  const noes: No[] = [];
  const settings: Setting[] = [];
  for (const url of pings) {
    const cookie = await cookieHeader(jar, url, context.now());
    const sent = { accept: 'application/json', ...headers, ...(cookie && { cookie }) };
    const reply = await ask(context, url, { headers: sent, json: Boolean(alive.json) });
    if (reply.kind !== 'answered') noes.push(reply);
    else if (reply.status === 401) noes.push({ kind: 'refused', status: 401 });
    else {
      const { status, json, leadsTo } = reply;
      // As in a browser, the next page is asked with what this one set.
      const setting = { url, headers: reply.headers.getSetCookie() };
      settings.push(setting);
      await setCookies(jar, setting, context.now());
      const isAlive =
        status === (alive.status ?? 200) && (!alive.json || alive.json.some(path => json && valueAt(json, path)));
      if (isAlive) return { kind: 'alive', settings };
      noes.push({ kind: 'unexpected', status, leadsTo });
    }
  }
  const rank = ({ kind }: No) => STRONGEST_FIRST.indexOf(kind);
  return noes.toSorted((a, b) => rank(a) - rank(b))[0] ?? { kind: 'unexpected', status: 0 };
}

async function cookieHeader(jar: CookieJar, url: string, now: number): Promise<string> {
  const cookies = await jar.getCookies(url, { expire: false });
  return cookies
    .filter(cookie => !hasEnded(cookie, now))
    .map(cookie => cookie.cookieString())
    .join('; ');
}
