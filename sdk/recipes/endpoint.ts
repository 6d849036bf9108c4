const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether a credential may be sent there: over https; over http to this very machine only. */
export function isSafeEndpoint(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}
