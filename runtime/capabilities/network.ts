import type { Instant } from '../../sdk/contract/session.ts';

/** A silent peer is given up before the attempt's own time limit, so that it counts as the network, not as the plugin. */
const REQUEST_LIMIT_MS = 30_000;

export type Network = {
  readonly fetch: typeof globalThis.fetch;
  /** How far our clock is ahead of the last server that answered, in milliseconds. */
  readonly skewMs: () => number | undefined;
};

/** `fetch` with the user's proxy settings and a time limit. It never switches TLS verification off. */
export function createNetwork(env: Readonly<Record<string, string | undefined>>, now: () => Instant): Network {
  const proxied = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].some(
    name => env[name],
  );
  let proxyFetch: Promise<typeof globalThis.fetch> | undefined;
  let skew: number | undefined;
  return {
    skewMs: () => skew,
    async fetch(input, init) {
      const limit = AbortSignal.timeout(REQUEST_LIMIT_MS);
      const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
      const send = proxied
        ? await (proxyFetch ??= fetchThroughProxy(env['NO_PROXY'] ?? env['no_proxy']))
        : globalThis.fetch;
      const response = await send(input, { ...init, signal });
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date)) skew = now() - date;
      return response;
    },
  };
}

// Node 20's own fetch knows no proxy variables; undici, of which it is made, does. A proxy cannot reach what is on our loopback.
async function fetchThroughProxy(noProxy: string | undefined): Promise<typeof globalThis.fetch> {
  const undici = await import('undici');
  const dispatcher = new undici.EnvHttpProxyAgent({
    noProxy: [noProxy, 'localhost', '127.0.0.1', '[::1]'].filter(Boolean).join(','),
  });
  return ((input: string, init: object) =>
    undici.fetch(input, { ...init, dispatcher })) as unknown as typeof globalThis.fetch;
}
