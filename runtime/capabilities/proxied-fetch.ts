import { EnvHttpProxyAgent, fetch, Pool, type Dispatcher } from 'undici';

type Env = Readonly<Record<string, string | undefined>>;
type Asked = Omit<Dispatcher.ConnectOptions, 'origin'>;
type Tunnel = Dispatcher.ConnectData;

/**
 * The connections to a proxy. If it hangs up on a CONNECT, undici 7.30 sends another one at once, for ever and even
 * after the request was given up. It does so for errors with this one code, so the error gets none.
 */
class ProxyPool extends Pool {
  override connect(options: Asked): Promise<Tunnel>;
  override connect(options: Asked, callback: (error: Error | null, data: Tunnel) => void): void;
  override connect(options: Asked, callback?: (error: Error | null, data: Tunnel) => void) {
    if (callback) return super.connect(options, callback);
    return super.connect(options).catch((cause: unknown) => {
      const isHungUp = cause instanceof Error && 'code' in cause && cause.code === 'UND_ERR_SOCKET';
      throw isHungUp ? new Error('The proxy hung up.', { cause }) : cause;
    });
  }
}

/** How undici's agents connect to a proxy. */
export const clientFactory = (proxy: URL, options: object): Dispatcher => new ProxyPool(proxy, options);

/** `fetch` through the proxies of the environment. A proxy cannot reach our loopback addresses. */
export function createProxiedFetch(env: Env): typeof globalThis.fetch {
  const noProxy = env['NO_PROXY'] ?? env['no_proxy'];
  const dispatcher = new EnvHttpProxyAgent({
    clientFactory,
    httpProxy: env['http_proxy'] ?? env['HTTP_PROXY'] ?? '',
    httpsProxy: env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '',
    noProxy: [noProxy, 'localhost', '127.0.0.1', '[::1]'].filter(Boolean).join(','),
  });
  return ((input: string, init: object) => fetch(input, { ...init, dispatcher })) as unknown as typeof globalThis.fetch;
}
