import type { Instant } from '../../sdk/contract/session.ts';
import { timeLimit } from '../../sdk/base/time-limit.ts';

/** Shorter than an attempt's time limit, so that a silent server counts as a network failure, not a plugin failure. */
const REQUEST_LIMIT_MS = 30_000;

type Env = Readonly<Record<string, string | undefined>>;

export type Network = {
  readonly fetch: typeof globalThis.fetch;
  /** How far our clock is ahead of the last server that answered, in milliseconds. */
  readonly skewMs: () => number | undefined;
};

/** A request that is more than a read may spend a token, and then its answer has to be saved. */
export const fetchCritical = (input: string | URL | Request, init?: RequestInit): 'never' | 'until-attempt-ends' => {
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
  return /^(get|head|options)$/i.test(method) ? 'never' : 'until-attempt-ends';
};

/** `fetch` with the user's proxy settings and a time limit. It never switches TLS verification off. */
export function createNetwork(env: Env, now: () => Instant): Network {
  const proxied = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].some(
    name => env[name],
  );
  let proxiedFetch: Promise<typeof globalThis.fetch> | undefined;
  let skew: number | undefined;
  return {
    skewMs: () => skew,
    async fetch(input, init) {
      const signal = timeLimit(REQUEST_LIMIT_MS, init?.signal);
      const send = proxied ? await (proxiedFetch ??= loadProxiedFetch(env)) : globalThis.fetch;
      const response = await send(input, { ...init, signal });
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date)) skew = now() - date;
      return response;
    },
  };
}

// Node 20's own fetch ignores proxy variables; undici supports them.
async function loadProxiedFetch(env: Env): Promise<typeof globalThis.fetch> {
  const { createProxiedFetch } = await import('./proxied-fetch.ts');
  return createProxiedFetch(env);
}
