import type { ProviderContext } from '../../plugin/provider.ts';
import { readBody } from '../http/body.ts';
import { isLost } from './classify.ts';
import type { TokenResponse } from './reply.ts';
import type { TokenFile } from './token-file.ts';

/**
 * The result of one request: a response, or none. `unsent`: the request never left. `lost`: it may have been received.
 * `garbled`: the response cannot be parsed. It would be the same again, so the request is not repeated.
 */
export type Exchange =
  | { readonly kind: 'answered'; readonly answer: TokenResponse }
  | { readonly kind: 'unsent' | 'lost' | 'garbled'; readonly cause: unknown };

/** A request and its one repetition are well within the time limit of an attempt. */
const LIMIT_MS = 20_000;

/**
 * Prepares a refresh grant. Each call of the returned function sends it. openid-client authenticates the client and
 * writes the request, but does not get the response: it would reject one without a `token_type` or with a 201, although
 * the old token is spent.
 */
export async function prepareRequest(
  source: TokenFile,
  refreshToken: string,
  fetch: ProviderContext['fetch'],
): Promise<() => Promise<Exchange>> {
  const oidc = await import('openid-client');
  const { origin, protocol } = new URL(source.tokenEndpoint);
  const server = { issuer: origin, token_endpoint: source.tokenEndpoint };
  const configuration = new oidc.Configuration(server, source.clientId, source.clientSecret);
  if (protocol === 'http:') oidc.allowInsecureRequests(configuration);
  const grant = source.scope === undefined ? {} : { scope: source.scope };
  return async () => {
    let exchange: Exchange | undefined;
    configuration[oidc.customFetch] = async (url, { body, headers, method, redirect }) => {
      const form = new URLSearchParams(String(body));
      const all = new Headers(headers);
      if (source.body === 'json') all.set('content-type', 'application/json');
      for (const [name, value] of Object.entries(source.headers ?? {})) all.set(name, value);
      exchange = await send(refreshToken, () =>
        fetch(url, {
          method,
          redirect,
          headers: Object.fromEntries(all),
          body: source.body === 'json' ? JSON.stringify(Object.fromEntries(form)) : form,
          signal: AbortSignal.timeout(LIMIT_MS),
        }),
      );
      return Response.error();
    };
    const failure: unknown = await oidc
      .refreshTokenGrant(configuration, refreshToken, grant)
      .catch((error: unknown) => error);
    if (!exchange) throw failure;
    return exchange;
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
