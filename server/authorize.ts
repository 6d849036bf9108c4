import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { PageAccess, Visit } from './page-access.ts';
import type { Proofs } from './proofs.ts';

type RefusedStatus = 401 | 403 | 404;
export type Verdict =
  /** `visit` is the opened page that made the request, if any. */
  | { readonly allowed: true; readonly visit?: Visit | undefined }
  | { readonly allowed: false; readonly status: RefusedStatus; readonly guessed?: true };

/** What a request has to know, and to be for. */
export type Door = {
  readonly port: number;
  readonly token: string;
  readonly proofs: Pick<Proofs, 'accept'>;
  readonly page: PageAccess;
};

export const RPC_PATH = '/rpc';
export const PROTOCOL = 'keepalive.v1';
/** Longer than any token or proof of ours. */
const MAX_CREDENTIAL = 256;
const MAX_PROTOCOLS = 1024;
const CREDENTIAL = new RegExp(`^(Bearer|Proof) (\\S{1,${MAX_CREDENTIAL}})$`);
const OFFERED_CREDENTIAL = new RegExp(`^(bearer|proof)\\.(\\S{1,${MAX_CREDENTIAL}})$`);
/** The origins that local files and other pages without one send. */
const OPAQUE = ['null', 'file://'];
const refused = (status: RefusedStatus): Verdict => ({ allowed: false, status });

/**
 * Whether a request comes by a foreign name or from a foreign page. Checked before anything else, and compared as whole
 * strings: loopback is not a boundary, any web page can send requests here.
 */
export function isForeign(request: IncomingMessage, port: number, opaque: 'refused' | 'allowed' = 'refused'): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.includes(host) || countOf(request, 'host') !== 1) return true;
  if (origin === undefined || hosts.some(own => origin === `http://${own}`)) return false;
  return opaque === 'refused' || !OPAQUE.includes(origin);
}

/** Whether a request may use the API. */
export function judge(request: IncomingMessage, { port, token, proofs, page }: Door): Verdict {
  if (isForeign(request, port)) return refused(403);
  const [scheme, credential] = credentialOf(request);
  if (credential !== undefined) {
    const isGood = scheme === 'proof' ? proofs.accept(credential) : sameSecret(credential, token);
    if (!isGood) return { allowed: false, status: 401, guessed: true };
    return request.url === RPC_PATH ? { allowed: true } : refused(404);
  }
  // A browser sends its cookie with every request to us, so the cookie counts only beside our own Origin.
  const visit = request.headers.origin === undefined ? undefined : page.visitOf(request);
  if (visit === undefined) return refused(401);
  return request.url === RPC_PATH || request.url === `${visit.path}rpc` ? { allowed: true, visit } : refused(404);
}

type Credential = readonly [scheme?: string | undefined, credential?: string | undefined];

/** The credential in the header or, for clients that cannot set it, among the subprotocols. */
function credentialOf({ headers }: IncomingMessage): Credential {
  const [, scheme, credential] = CREDENTIAL.exec(headers.authorization ?? '') ?? [];
  if (scheme !== undefined) return [scheme.toLowerCase(), credential];
  const { 'sec-websocket-protocol': protocols = '' } = headers;
  if (protocols.length > MAX_PROTOCOLS) return [];
  const offered = protocols.split(',').map(part => part.trim());
  if (!offered.includes(PROTOCOL)) return [];
  const found = offered.map(part => OFFERED_CREDENTIAL.exec(part)).find(match => match !== null);
  return [found?.[1], found?.[2]];
}

const countOf = ({ rawHeaders }: IncomingMessage, name: string): number =>
  rawHeaders.filter(
    (header, index) => index % 2 === 0 && header.length === name.length && header.toLowerCase() === name,
  ).length;

/** In constant time, also for another length. */
const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
