import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { PageAccess } from './page-access.ts';

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly status: 401 | 403 | 404; readonly guessed?: true };

/** What a request has to know, and to be for. */
export type Door = { readonly port: number; readonly token: string; readonly page: PageAccess };

export const RPC_PATH = '/rpc';
export const PROTOCOL = 'keepalive.v1';
const refused = (status: 401 | 403 | 404): Verdict => ({ allowed: false, status });

/**
 * Whether a request may pass. Host and Origin are looked at before anything else, and compared as whole strings: loopback is not a
 * boundary, any web page can send requests here.
 */
export function judge(request: IncomingMessage, { port, token, page }: Door): Verdict {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin, authorization } = request.headers;
  if (host === undefined || !hosts.includes(host) || countOf(request, 'host') !== 1) return refused(403);
  if (origin !== undefined && !hosts.some(own => origin === `http://${own}`)) return refused(403);
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(part => part.trim());
  const bearer = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? bearerProtocol(offered);
  // A browser sends its cookie whoever makes it ask, so the cookie counts only where it says that our own page does.
  const pagePath = bearer === undefined && origin !== undefined ? page.pathOf(request) : undefined;
  if (bearer === undefined && pagePath === undefined) return refused(401);
  if (bearer !== undefined && !sameSecret(bearer, token)) return { allowed: false, status: 401, guessed: true };
  if (request.url !== RPC_PATH && (pagePath === undefined || request.url !== `${pagePath}rpc`)) return refused(404);
  return { allowed: true };
}

/** For clients that cannot set headers: the token beside the protocol's name. */
const bearerProtocol = (offered: readonly string[]): string | undefined =>
  offered.includes(PROTOCOL) ? offered.find(part => part.startsWith('bearer.'))?.slice('bearer.'.length) : undefined;

const countOf = ({ rawHeaders }: IncomingMessage, name: string): number =>
  rawHeaders.filter((header, index) => index % 2 === 0 && header.toLowerCase() === name).length;

/** In constant time, also for another length. */
const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
