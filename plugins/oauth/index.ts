import { PLAIN_ID } from '../../sdk/base/plugin-id.ts';
import { z } from 'zod';
import { loginFailed } from '../../sdk/contract/errors.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { defineProvider, type InspectContext, type ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { isSafeEndpoint, SAFE_ENDPOINT } from '../../sdk/recipes/http/address.ts';
import { defineOAuthSession } from '../../sdk/recipes/oauth/define-oauth-session.ts';
import { vendorOf } from './vendors.ts';

const useBuiltIn = (vendor: string): string =>
  `This is the credential of ${vendor}. Use the built-in provider '${vendor}', which renews it as its owner does.`;

const path = z.string().regex(/^[^.]+(\.[^.]+)*$/, 'Write keys joined by dots, e.g. `tokens.access_token`.');

const schema = z.strictObject({
  id: z.string().regex(PLAIN_ID, 'Use lower-case letters, digits and dashes.'),
  displayName: z.string().min(1).optional(),
  file: z
    .string()
    .min(1)
    .superRefine((file, { addIssue }) => {
      const vendor = vendorOf(file);
      if (vendor) addIssue({ code: 'custom', message: useBuiltIn(vendor) });
    }),
  tokenEndpoint: z.string().refine(isSafeEndpoint, SAFE_ENDPOINT),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1).optional(),
  scope: z.string().optional(),
  body: z.enum(['form', 'json']).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** The vendor's own codes for `invalid_grant`, in addition to the usual ones. */
  permanentCodes: z.array(z.string().min(1)).optional(),
  /** What the user does to sign in again, as a sentence. */
  loginHint: z.string().min(1).optional(),
  paths: z.strictObject({ access: path, refresh: path, expiresAt: path.optional(), idToken: path.optional() }),
  /** The device authorization endpoint (RFC 8628). With it, the user can sign in from any device. */
  deviceEndpoint: z.string().refine(isSafeEndpoint, SAFE_ENDPOINT).optional(),
  /** The host of the page where the user enters the code, if it is another one. */
  verificationHost: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d{1,5})?$/, 'Write a host without https://, e.g. `www.acme.example`.')
    .optional(),
});

export type OauthOptions = z.input<typeof schema>;

/** Keeps any OAuth token file alive by redeeming its refresh token, for credentials that no other program renews. */
export default function oauth(options: OauthOptions): ProviderPlugin {
  const { loginHint, ...given } = checkOptions(schema, options);
  const signIn = loginHint ?? `Sign in again with the program that writes ${given.file}.`;
  const session = defineOAuthSession({ ...given, signIn });
  // By now the file may be a link to a credential of a built-in provider.
  const vendorNow = async ({ files }: InspectContext) => vendorOf((await files.stat(given.file))?.path ?? given.file);
  return defineProvider({
    ...session,
    async refresh(context) {
      const vendor = await vendorNow(context);
      return vendor ? { status: 'unavailable', hint: useBuiltIn(vendor) } : session.refresh(context);
    },
    signIn: session.signIn && {
      ...session.signIn,
      async run(context) {
        const vendor = await vendorNow(context);
        if (vendor) throw loginFailed(useBuiltIn(vendor));
        await session.signIn?.run(context);
      },
    },
  });
}
