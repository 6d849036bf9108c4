import type { PartialPolicy } from '../../contract/policy.ts';
import { defineProvider, type ProviderPlugin } from '../../plugin/provider.ts';
import { assertSafeEndpoint } from '../http/address.ts';
import { deviceSignIn } from './device-sign-in.ts';
import { inspectTokenFile, redeem, watchTokenFile } from './redeem.ts';
import type { TokenFile } from './token-file.ts';

/** A session that lives in an OAuth token file. */
export type OAuthSessionOptions = TokenFile & {
  readonly id: string;
  /** [the id] */
  readonly displayName?: string | undefined;
  /** [five minutes before the expiry] */
  readonly policy?: PartialPolicy | undefined;
  /** The device authorization endpoint of RFC 8628. With it, the user can sign in from any device. */
  readonly deviceEndpoint?: string | undefined;
  /** The host of the page where the user enters the code. [that of `deviceEndpoint`] */
  readonly verificationHost?: string | undefined;
};

/**
 * A provider that renews the access token in a JSON file: it spends the refresh token if that is due, under a lock, and
 * keeps the vendor's reply in the journal until the new file is proven, so that a crash loses no token. Use it for
 * credentials that no other program renews. With a `deviceEndpoint` the user can sign in from any device. Throws
 * `KA_CONFIG_INVALID` if an endpoint is neither `https://` nor on a loopback host.
 */
export function defineOAuthSession(options: OAuthSessionOptions): ProviderPlugin {
  const { id, displayName = id, policy, deviceEndpoint, verificationHost, ...file } = options;
  assertSafeEndpoint(file.tokenEndpoint, 'tokenEndpoint');
  if (deviceEndpoint !== undefined) assertSafeEndpoint(deviceEndpoint, 'deviceEndpoint');
  return defineProvider({
    id,
    displayName,
    policy: { schedule: { mode: 'before-expiry', buffer: '5m' }, ...policy },
    refresh: context => redeem(file, context),
    inspect: context => inspectTokenFile(file, context),
    watch: (context, changed) => watchTokenFile(file, context, changed),
    ...(deviceEndpoint !== undefined && {
      signIn: deviceSignIn(file, { deviceEndpoint, verificationHost }, `${displayName} account`),
    }),
  });
}
