const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether a host, as URLs have it, is this very machine. */
export const isLoopback = (hostname: string): boolean => LOOPBACK.test(hostname);

/** Whether a credential may be sent there: over https; over http to this very machine only. */
export function isSafeEndpoint(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** Where a redirect leads, and how it is shown: host and path; what follows may be a secret. */
export type Redirect = { readonly shown: string; readonly isElsewhere: boolean };

/** Why a redirect to another site is not the vendor's. */
export const ELSEWHERE = 'it leads to another site, as a captive portal does';

const LONGEST_PATH = 80;

type Answered = { readonly status: number; readonly location: string | null };

/** Undefined if the answer is no redirect. */
export async function redirectOf({ status, location }: Answered, from: string): Promise<Redirect | undefined> {
  if (status < 300 || status >= 400 || location === null || !URL.canParse(location, from)) return undefined;
  const { host, hostname, pathname } = new URL(location, from);
  return { shown: `${host}${pathname.slice(0, LONGEST_PATH)}`, isElsewhere: await isElsewhere(hostname, from) };
}

async function isElsewhere(host: string, from: string): Promise<boolean> {
  const { getPublicSuffix } = await import('tough-cookie');
  const siteOf = (name: string) => getPublicSuffix(name, { ignoreError: true, allowSpecialUseDomain: true }) ?? name;
  return siteOf(host) !== siteOf(new URL(from).hostname);
}
