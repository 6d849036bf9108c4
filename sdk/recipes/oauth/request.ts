import type * as OpenIdClient from 'openid-client';
import type { Configuration, CustomFetchOptions } from 'openid-client';
import type { ProviderContext } from '../../plugin/provider.ts';
import { readBody } from '../http/body.ts';
import { isLost } from './classify.ts';
import type { TokenResponse } from './reply.ts';
import type { TokenFile } from './token-file.ts';
import { timeLimit } from '../../base/time-limit.ts';

/**
 * The result of one request: a response, or none. `unsent`: the request never left. `lost`: it may have been received.
 * `garbled`: the response cannot be parsed. It would be the same again, so the request is not repeated.
 */
export type Exchange =
  | { readonly kind: 'answered'; readonly answer: TokenResponse }
  | { readonly kind: 'unsent' | 'lost' | 'garbled'; readonly cause: unknown };

/** A request and its one repetition are well within the time limit of an attempt. */
const LIMIT_MS = 20_000;

/** Prepares a refresh grant. Each call of the returned function sends it. */
export async function prepareRequest(
  source: TokenFile,
  refreshToken: string,
  fetch: ProviderContext['fetch'],
): Promise<() => Promise<Exchange>> {
  const client = await createClient(source, { fetch, sent: refreshToken });
  return () => client((oidc, configuration) => oidc.refreshTokenGrant(configuration, refreshToken, scopeOf(source)));
}

export const scopeOf = ({ scope }: TokenFile): Record<string, string> => (scope === undefined ? {} : { scope });

/** Runs a grant of openid-client, and resolves with its last exchange. `goOn`: what the grant reads to go on. */
export type Client = (
  grant: (oidc: typeof OpenIdClient, configuration: Configuration) => Promise<unknown>,
  goOn?: (exchange: Exchange) => Promise<Response | undefined>,
) => Promise<Exchange>;

type ClientOptions = {
  readonly fetch: ProviderContext['fetch'];
  /** The refresh token that is sent. */
  readonly sent: string;
  readonly deviceEndpoint?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * openid-client authenticates the client and writes the requests, but does not get the responses: it would reject one
 * without a `token_type` or with a 201, although the old token is spent.
 */
export async function createClient(source: TokenFile, options: ClientOptions): Promise<Client> {
  const oidc = await import('openid-client');
  const { tokenEndpoint, clientId, clientSecret } = source;
  const { deviceEndpoint, sent, fetch, signal } = options;
  const server = {
    issuer: new URL(tokenEndpoint).origin,
    token_endpoint: tokenEndpoint,
    ...(deviceEndpoint !== undefined && { device_authorization_endpoint: deviceEndpoint }),
  };
  const configuration = new oidc.Configuration(server, clientId, clientSecret);
  if ([tokenEndpoint, deviceEndpoint].some(url => url?.startsWith('http:'))) oidc.allowInsecureRequests(configuration);
  return async (grant, goOn) => {
    let last: Exchange | undefined;
    configuration[oidc.customFetch] = async (url, request) => {
      const exchange = await send(sent, () => fetch(url, formatted(source, request, signal)));
      const next = await goOn?.(exchange);
      last = next ? undefined : exchange;
      return next ?? Response.error();
    };
    const failure: unknown = await grant(oidc, configuration).catch((error: unknown) => error);
    if (!last) throw failure;
    return last;
  };
}

/** The request as the vendor wants it. */
function formatted(
  source: TokenFile,
  { body, headers, method, redirect }: CustomFetchOptions,
  signal: AbortSignal | undefined,
): RequestInit {
  const form = new URLSearchParams(String(body));
  const all = new Headers(headers);
  if (source.body === 'json') all.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(source.headers ?? {})) all.set(name, value);
  return {
    method,
    redirect,
    headers: Object.fromEntries(all),
    body: source.body === 'json' ? JSON.stringify(Object.fromEntries(form)) : form,
    signal: timeLimit(LIMIT_MS, signal),
  };
}

async function send(refreshToken: string, request: () => Promise<Response>): Promise<Exchange> {
  try {
    const response = await request();
    const { status, headers } = response;
    const body = await readBody(response);
    const answer = {
      ...body,
      status,
      type: headers.get('content-type'),
      retryAfter: headers.get('retry-after'),
      location: headers.get('location'),
    };
    const isDelimited = status === 204 || headers.has('content-length') || headers.has('transfer-encoding');
    if (!isLost(answer, refreshToken, isDelimited)) return { kind: 'answered', answer };
    const cause = body.cause ?? new Error('The answer was cut off.');
    return { kind: isGarbled(cause) ? 'garbled' : 'lost', cause };
  } catch (cause) {
    if (wasNeverSent(cause)) return { kind: 'unsent', cause };
    return { kind: isGarbled(cause) ? 'garbled' : 'lost', cause };
  }
}

const GARBLED = /^(HPE_|Z_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_)/;

/** The headers are invalid or too long, or the body is not encoded as they say. */
function isGarbled(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return GARBLED.test(code) || error.message === 'bad response' || isGarbled(error.cause);
}

const NO_CONNECTION =
  /^(ENOTFOUND|EAI_|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT|CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

/** Unless a request surely was not sent, it counts as received. */
function wasNeverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  const call = 'syscall' in error ? error.syscall : undefined;
  return NO_CONNECTION.test(code) || call === 'connect' || error.message === 'bad port' || wasNeverSent(error.cause);
}
