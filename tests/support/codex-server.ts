import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { accessToken, codexLogin, idToken } from './codex-login.ts';

type Family = { readonly account: string; current: string; revoked: boolean; spent: string[]; access: Set<string> };

export type CodexServer = {
  readonly url: string;
  /** Every request for a token, with how it was answered. */
  readonly exchanges: readonly { readonly account: string; readonly answer: string }[];
  /** Signs in an account and gives the text of its `auth.json`; ages in milliseconds. */
  signIn(life: { readonly age: number; readonly left: number }): { readonly account: string; readonly text: string };
  /** Ends a login, as the vendor does. */
  end(account: string): void;
  /** Whether the account can still be kept alive with what the text holds. */
  isAlive(account: string, text: string): boolean;
};

/** What codex needs of its vendor, on loopback: refresh tokens are good once, and whoever sends one twice loses the login or is turned away. */
export async function codexServer({ onReuse = 'revoke', latencyMs = 0 }: { readonly onReuse?: 'revoke' | 'reject'; readonly latencyMs?: number } = {}): Promise<CodexServer> {
  const families = new Map<string, Family>();
  const exchanges: { account: string; answer: string }[] = [];

  const mint = (family: Family, issuedAt: number, expiresAt: number) => {
    if (family.current) family.spent.push(family.current);
    family.current = `rt-${randomUUID()}`;
    const access = accessToken({ issuedAt, expiresAt, account: family.account, id: family.current });
    family.access.add(access);
    return { access, refresh: family.current };
  };

  function exchange(token: string): { readonly status: number; readonly body: object } {
    const family = [...families.values()].find(({ current, spent }) => current === token || spent.includes(token));
    const refuse = (code: string) => {
      exchanges.push({ account: family?.account ?? 'nobody', answer: code });
      return { status: 401, body: { error: { code } } };
    };
    if (!family || family.revoked) return refuse('refresh_token_invalidated');
    if (family.current !== token) {
      family.revoked = onReuse === 'revoke';
      return refuse('refresh_token_reused');
    }
    exchanges.push({ account: family.account, answer: 'renewed' });
    const { access, refresh } = mint(family, Date.now(), Date.now() + 10 * 86_400_000);
    return { status: 200, body: { access_token: access, refresh_token: refresh, id_token: idToken(family.account) } };
  }

  function answer(request: IncomingMessage, body: string): { readonly status: number; readonly body: object } {
    if (request.method === 'HEAD') return { status: 405, body: {} };
    if (request.url === '/oauth/token') return exchange(JSON.parse(body).refresh_token);
    const bearer = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const known = [...families.values()].some(({ access, revoked }) => access.has(bearer) && !revoked);
    const claims: { exp: number } | undefined = known ? JSON.parse(Buffer.from(bearer.split('.')[1] ?? '', 'base64url').toString()) : undefined;
    if (!claims || claims.exp * 1_000 < Date.now()) return { status: 401, body: {} };
    return { status: 200, body: { plan_type: 'plus', rate_limit: null, credits: null, models: [], accounts: [] } };
  }

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    // Decided on arrival and told later, so that those who ask at one time do collide.
    const decided = answer(request, body);
    await sleep(latencyMs);
    response.writeHead(decided.status, { 'content-type': 'application/json' }).end(JSON.stringify(decided.body));
  });
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    signIn({ age, left }) {
      const family: Family = { account: randomUUID(), current: '', revoked: false, spent: [], access: new Set() };
      families.set(family.account, family);
      const life = { issuedAt: Date.now() - age, expiresAt: Date.now() + left };
      const { refresh } = mint(family, life.issuedAt, life.expiresAt);
      return { account: family.account, text: codexLogin({ ...life, refreshedAt: life.issuedAt, refresh, account: family.account }) };
    },
    end(account) {
      const family = families.get(account);
      if (family) family.revoked = true;
    },
    isAlive(account, text) {
      const family = families.get(account);
      return family?.revoked === false && JSON.parse(text).tokens.refresh_token === family.current;
    },
  };
}
