import { join } from 'node:path';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { isLoopback, isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import { fingerprintOf, readJsonFile, textAt, type Wait } from '../../sdk/recipes/store/json-store.ts';

/** The folder of one auggie. */
export type AuggieHome = {
  readonly folder: string;
  /** What the user does if the login is over. */
  readonly signIn: string;
  /** What the user does if there is no login. */
  readonly missingHint: string;
};

/** A login of auggie, as its file shows it. */
export type Login = {
  readonly store: string;
  readonly token: string;
  readonly tenant: URL;
  readonly fingerprint: string;
};

/** No login, and what to do about it. */
export type NoLogin = {
  readonly store: string;
  readonly hint: string;
  /** There is one, but its token must not be sent to its address. */
  readonly unusable?: true;
};

/** The file in auggie's folder. */
export const storeOf = ({ folder }: AuggieHome): string => join(folder, 'session.json');

/** Reads the login from the file. */
export async function readLogin(
  home: AuggieHome,
  { files, conceal }: InspectContext,
  wait: Wait,
): Promise<Login | NoLogin> {
  const store = files.resolve(storeOf(home));
  const found = await readJsonFile(files, store, wait);
  const [token, tenantURL] = found ? [textAt(found.json, 'accessToken'), textAt(found.json, 'tenantURL')] : [];
  if (token) conceal(token);
  if (!token || !tenantURL) return { store, hint: home.missingHint };
  const tenant = tenantOf(tenantURL);
  return tenant
    ? { store, token, tenant, fingerprint: fingerprintOf(token, tenantURL) }
    : { store, hint: `${FOREIGN} ${home.signIn}`, unusable: true };
}

const FOREIGN = 'Its tenantURL is not an https:// address of augmentcode.com, so the token is not sent there.';

/** The tenant's address, if the token may be sent there. */
function tenantOf(url: string): URL | undefined {
  if (!isSafeEndpoint(url)) return undefined;
  const tenant = new URL(url.endsWith('/') ? url : `${url}/`);
  return tenant.hostname.endsWith('.augmentcode.com') || isLoopback(tenant.hostname) ? tenant : undefined;
}
