import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type Verdict =
  | { readonly allowed: true; readonly protocol?: string | undefined }
  | { readonly allowed: false; readonly status: 401 | 403 | 404; readonly guessed?: true };

const PROTOCOL = 'keepalive.v1';
const refused = (status: 401 | 403 | 404): Verdict => ({ allowed: false, status });

/**
 * Whether a request may pass. Host and Origin are looked at before anything else, and compared as whole strings: loopback is not a
 * boundary, any web page can send requests here.
 */
export function judge(request: IncomingMessage, port: number, token: string, path: string): Verdict {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin, authorization } = request.headers;
  if (host === undefined || !hosts.includes(host) || countOf(request, 'host') !== 1) return refused(403);
  if (origin !== undefined && !hosts.some(own => origin === `http://${own}`)) return refused(403);
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(part => part.trim());
  const bearer = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? bearerProtocol(offered);
  if (bearer === undefined) return refused(401);
  if (!sameSecret(bearer, token)) return { allowed: false, status: 401, guessed: true };
  if (request.url !== path) return refused(404);
  return { allowed: true, protocol: offered.includes(PROTOCOL) ? PROTOCOL : undefined };
}

/** For clients that cannot set headers: the token beside the protocol's name. */
const bearerProtocol = (offered: readonly string[]): string | undefined =>
  offered.includes(PROTOCOL) ? offered.find(part => part.startsWith('bearer.'))?.slice('bearer.'.length) : undefined;

const countOf = ({ rawHeaders }: IncomingMessage, name: string): number =>
  rawHeaders.filter((header, index) => index % 2 === 0 && header.toLowerCase() === name).length;

/** In constant time, also for another length. */
const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
