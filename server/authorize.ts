import type { IncomingMessage } from 'node:http';
import { isForeign } from '../sdk/system/local-request.ts';
import type { Caller } from './client.ts';
import type { Keys } from './keys.ts';
import type { PageAccess } from './page-access.ts';
import { pagePathIn } from './page-cookie.ts';
import type { Visit } from './visit.ts';

type RefusedStatus = 401 | 403 | 404;
export type AuthResult =
  /** `visit` is the opened page that made the request, if any. */
  | { readonly allowed: true; readonly caller: Caller; readonly visit?: Visit | undefined }
  | { readonly allowed: false; readonly status: RefusedStatus; readonly wrongToken?: true };

/** What requests are checked against. */
export type AuthConfig = {
  readonly port: number;
  readonly keys: Pick<Keys, 'accessBy'>;
  readonly page: PageAccess;
};

export const RPC_PATH = '/rpc';
export const PROTOCOL = 'keepalive.v1';
/** Longer than any of our tokens and proofs. */
const MAX_CREDENTIAL = 256;
const MAX_PROTOCOLS = 1024;
const CREDENTIAL = new RegExp(`^(Bearer|Proof) (\\S{1,${MAX_CREDENTIAL}})$`);
const OFFERED_CREDENTIAL = new RegExp(`^(bearer|proof|page)\\.(\\S{1,${MAX_CREDENTIAL}})$`);
const refused = (status: RefusedStatus): AuthResult => ({ allowed: false, status });

/** Whether a request may use the API. */
export function authorize(request: IncomingMessage, { port, keys, page }: AuthConfig): AuthResult {
  if (isForeign(request, port)) return refused(403);
  const [scheme, credential] = credentialOf(request);
  if (scheme === 'page') return authorizePage(request, page, credential);
  if (credential !== undefined) {
    const caller = keys.accessBy(scheme === 'proof' ? 'proof' : 'bearer', credential);
    if (!caller) return { allowed: false, status: 401, wrongToken: true };
    return request.url === RPC_PATH ? { allowed: true, caller } : refused(404);
  }
  // CSRF: accept the cookie only if Origin is ours.
  const visit = request.headers.origin === undefined ? undefined : page.visitOf(request);
  if (visit === undefined) return refused(401);
  return request.url === RPC_PATH || isPageRpc(request) ? { allowed: true, caller: 'page', visit } : refused(404);
}

/** A page proves that the daemon gave it a key. Unlike its cookie, it never sends the key to what has our port. */
function authorizePage(request: IncomingMessage, page: PageAccess, proof = ''): AuthResult {
  if (request.headers.origin === undefined || !isPageRpc(request)) return refused(401);
  const visit = page.provenVisit(request, proof);
  return visit ? { allowed: true, caller: 'page', visit } : refused(401);
}

const isPageRpc = ({ url = '' }: IncomingMessage): boolean => url === `${pagePathIn(url)}rpc`;

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
