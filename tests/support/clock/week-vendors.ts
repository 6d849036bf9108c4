import { accessToken, idToken } from '../vendors/codex-login.ts';
import { tokenFamilies, type Tokens } from '../vendors/token-families.ts';

/** What happens to a request: it succeeds, there is no network, the connection is refused, or the vendors fail. */
export type Weather = 'fair' | 'ENETUNREACH' | 'ECONNREFUSED' | 503;

const HOUR = 3_600_000;
const COOKIE_MS = 24 * HOUR;
const json = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

export type WeekVendors = ReturnType<typeof weekVendors>;

/** Four vendors and the network to them, in the test's process. Sending a refresh token twice ends the login. */
export function weekVendors(now: () => number) {
  const claude = tokenFamilies('revoke', ({ refresh }) => `access-of-${refresh}`);
  const codex = tokenFamilies('revoke', ({ refresh, ...facts }) => accessToken({ ...facts, id: refresh }));
  const acme = tokenFamilies('revoke', ({ refresh }) => `access-of-${refresh}`);
  /** Lifetimes by account. Other accounts get ten days. */
  const codexLives = new Map<string, number>();
  const site = { count: 0, cookie: '', endsAt: 0 };

  type Exchange = {
    readonly token: string;
    readonly lifeMs: number;
    readonly refusal: () => Response;
    readonly more: (tokens: Tokens) => object;
  };

  function exchange(families: typeof claude, { token, lifeMs, refusal, more }: Exchange): Response {
    const { tokens } = families.exchange(token, lifeMs);
    return tokens
      ? json(200, { access_token: tokens.access, refresh_token: tokens.refresh, token_type: 'bearer', ...more(tokens) })
      : refusal();
  }

  /** Every use of the session replaces its cookie. The former one becomes invalid. */
  function rotate(lifeMs = COOKIE_MS): string {
    site.count += 1;
    Object.assign(site, { cookie: `session=CANARY-session-${site.count}`, endsAt: now() + lifeMs });
    return `${site.cookie}; Max-Age=${lifeMs / 1_000}; Path=/; HttpOnly`;
  }

  const invalidGrant = () => json(400, { error: 'invalid_grant' });
  const codexLife = (token: string) => codexLives.get(codex.accountOf(token) ?? '') ?? 240 * HOUR;
  const expiresIn = (lifeMs: number) => () => ({ expires_in: lifeMs / 1_000 });

  const vendors = {
    weather: 'fair' as Weather,
    claude,
    codex,
    acme,
    codexLives,
    site,
    rotate,
    /** The answer to a request. Throws like `fetch` on network problems. */
    answer(url: string, body = '', cookie: string | null = null): Response {
      const { weather } = vendors;
      if (weather === 503) return json(503, {});
      if (weather !== 'fair')
        throw new TypeError('fetch failed', { cause: Object.assign(new Error(weather), { code: weather }) });
      switch (new URL(url).host) {
        case 'platform.claude.com': {
          if (!body) return json(405, {});
          return exchange(claude, {
            token: JSON.parse(body).refresh_token,
            lifeMs: 8 * HOUR,
            refusal: invalidGrant,
            more: expiresIn(8 * HOUR),
          });
        }
        case 'auth.openai.com': {
          if (!body) return json(405, {});
          const token: string = JSON.parse(body).refresh_token;
          const refusal = () => json(401, { error: { code: 'refresh_token_invalidated' } });
          return exchange(codex, {
            token,
            lifeMs: codexLife(token),
            refusal,
            more: ({ account }) => ({ id_token: idToken(account) }),
          });
        }
        case 'auth.acme.example':
          return exchange(acme, {
            token: new URLSearchParams(body).get('refresh_token') ?? '',
            lifeMs: HOUR,
            refusal: invalidGrant,
            more: expiresIn(HOUR),
          });
        case 'app.augmentcode.com': {
          const isGood = cookie === site.cookie && now() < site.endsAt;
          return isGood
            ? json(200, { user: { id: 7 } }, { 'set-cookie': rotate() })
            : json(401, { error: 'signed out' });
        }
        default:
          throw new Error(`Unexpected request to ${url}.`);
      }
    },
    fetch: async (request: Request) => vendors.answer(request.url, await request.text(), request.headers.get('cookie')),
  };
  return vendors;
}
