import { join } from 'node:path';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import { isLoopback, isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import { fingerprintOf, readJsonFile, textAt, type Wait } from '../../sdk/recipes/store/json-store.ts';

/** Where auggie keeps its login. */
export type Place = {
  readonly home: string;
  /** What a person does where the login is over, and where there is none. */
  readonly loginHint: string;
  readonly missingHint: string;
};

/** A login of auggie's, as its file shows it. */
export type Login = {
  readonly store: string;
  readonly token: string;
  readonly tenant: URL;
  readonly fingerprint: string;
};

/** Nothing that could be asked about, and what to do about it. */
export type NoLogin = { readonly store: string; readonly hint: string };

/** The file in auggie's folder. */
export const storeOf = ({ home }: Place): string => join(home, 'session.json');

/** Looks at the login. */
export async function lookAtLogin(
  place: Place,
  { files, conceal }: InspectContext,
  wait: Wait,
): Promise<Login | NoLogin> {
  const store = files.resolve(storeOf(place));
  const found = await readJsonFile(files, store, wait);
  const [token, tenantURL] = found ? [textAt(found.json, 'accessToken'), textAt(found.json, 'tenantURL')] : [];
  if (token) conceal(token);
  if (!token || !tenantURL) return { store, hint: place.missingHint };
  const tenant = tenantOf(tenantURL);
  return tenant
    ? { store, token, tenant, fingerprint: fingerprintOf(token, tenantURL) }
    : { store, hint: `${FOREIGN} ${place.loginHint}` };
}

const FOREIGN = 'Its tenantURL is not an https:// address of augmentcode.com, so the token is not sent there.';

/** The tenant's address, where the token may go. */
function tenantOf(url: string): URL | undefined {
  if (!isSafeEndpoint(url)) return undefined;
  const tenant = new URL(url.endsWith('/') ? url : `${url}/`);
  return tenant.hostname.endsWith('.augmentcode.com') || isLoopback(tenant.hostname) ? tenant : undefined;
}
