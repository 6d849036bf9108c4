import { KeepaliveError } from '../../contract/errors.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether the host of a URL is this machine. */
export const isLoopback = (hostname: string): boolean => LOOPBACK.test(hostname);

/** Whether a credential may be sent to this URL: `https://`, or `http://` on a loopback host. */
export function isSafeEndpoint(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** The address of a server, to which paths are appended. */
export const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

export const SAFE_ENDPOINT = 'Give an https:// address; http:// is accepted for loopback hosts only.';

/** Throws `KA_CONFIG_INVALID` if a credential must not be sent to the URL. `path` is the option that has it. */
export function assertSafeEndpoint(url: string, path: string): void {
  if (isSafeEndpoint(url)) return;
  throw new KeepaliveError('KA_CONFIG_INVALID', { problems: [{ path, message: SAFE_ENDPOINT }] });
}

/** Where a redirect leads. `shown` is its host and path, because the query may be a secret. */
export type Redirect = { readonly shown: string; readonly isElsewhere: boolean };

/** The reason why a redirect to another site is not the vendor's. */
export const ELSEWHERE = 'it leads to another site, as a captive portal does';

const LONGEST_PATH = 80;

type Answered = { readonly status: number; readonly location: string | null };

/** Undefined if the response is no redirect. */
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
