import type { CookieJar } from 'tough-cookie';
import type { ProviderContext } from '../provider.ts';
import { hasEnded } from './cookie-jar.ts';
import type { CookieSession } from './cookies.ts';
import { parseObject, valueAt } from './json-store.ts';
import { readRetryAfter } from './oauth-answer.ts';

/** What a page answered. */
export type Answer =
  | { readonly kind: 'alive'; readonly url: string; readonly cookies: readonly string[] }
  | { readonly kind: 'rate-limited'; readonly retryAt: Date | undefined }
  | { readonly kind: 'refused' | 'unexpected'; readonly status: number }
  | { readonly kind: 'offline'; readonly status?: number; readonly cause?: unknown };

const LIMIT_MS = 30_000;

/** The first page that finds the session alive; or the word of the strongest: wait, no, later, what? */
export async function askPages(session: CookieSession, context: ProviderContext, jar: CookieJar): Promise<Answer> {
  const answers: Answer[] = [];
  for (const url of session.pings) {
    const answer = await request(session, context, url, await cookieHeader(jar, url, context.now()));
    if (answer.kind === 'alive') return answer;
    answers.push(answer);
  }
  const order = ['rate-limited', 'refused', 'offline', 'unexpected'];
  return answers.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0] ?? { kind: 'unexpected', status: 0 };
}

async function cookieHeader(jar: CookieJar, url: string, now: number): Promise<string> {
  const cookies = await jar.getCookies(url, { expire: false });
  return cookies.filter(cookie => !hasEnded(cookie, now)).map(cookie => cookie.cookieString()).join('; ');
}

async function request({ headers, alive }: CookieSession, context: ProviderContext, url: string, cookie: string): Promise<Answer> {
  context.signal.throwIfAborted();
  try {
    // Not cancelled half-way: the site may have replaced a cookie already.
    const response = await context.fetch(url, {
      headers: { accept: 'application/json', ...headers, cookie }, redirect: 'manual', signal: AbortSignal.timeout(LIMIT_MS),
    });
    const { status } = response;
    const body = await response.text();
    if (status === 429) return { kind: 'rate-limited', retryAt: readRetryAfter(response.headers.get('retry-after'), context.now()) };
    if (status >= 500) return { kind: 'offline', status };
    if (status === 401) return { kind: 'refused', status };
    const json = parseObject(body);
    const lives = status === 200 && (!alive || alive.some(path => json && valueAt(json, path)));
    return lives ? { kind: 'alive', url, cookies: response.headers.getSetCookie() } : { kind: 'unexpected', status };
  } catch (cause) {
    return { kind: 'offline', cause };
  }
}
