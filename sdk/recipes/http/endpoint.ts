const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether a host, as URLs have it, is this very machine. */
export const isLoopback = (hostname: string): boolean => LOOPBACK.test(hostname);

/** Whether a credential may be sent there: over https; over http to this very machine only. */
export function isSafeEndpoint(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
