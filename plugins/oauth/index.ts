import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { defineProvider, type ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import { inspectTokenFile, redeem, watchTokenFile } from '../../sdk/recipes/oauth/redeem.ts';
import type { TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import { vendorOf } from './vendors.ts';

const useBuiltIn = (vendor: string): string =>
  `This is the credential of ${vendor}. Use the built-in provider '${vendor}', which renews it as its owner does.`;

const path = z.string().regex(/^[^.]+(\.[^.]+)*$/, 'Write keys joined by dots, e.g. `tokens.access_token`.');

const schema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'Use lower-case letters, digits and dashes.'),
  displayName: z.string().min(1).optional(),
  file: z
    .string()
    .min(1)
    .superRefine((file, { addIssue }) => {
      const vendor = vendorOf(file);
      if (vendor) addIssue({ code: 'custom', message: useBuiltIn(vendor) });
    }),
  tokenEndpoint: z
    .string()
    .refine(isSafeEndpoint, 'Give an https:// address; http:// is accepted for loopback hosts only.'),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1).optional(),
  scope: z.string().optional(),
  body: z.enum(['form', 'json']).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Vendor codes that mean that the login is over, in addition to the usual ones. */
  permanentCodes: z.array(z.string().min(1)).optional(),
  paths: z.strictObject({ access: path, refresh: path, expiresAt: path.optional() }),
});

export type OauthOptions = z.input<typeof schema>;

/** Keeps any OAuth token file alive by redeeming its refresh token: for credentials whose owner does not do so by itself. */
export default function oauth(options: OauthOptions): ProviderPlugin {
  const { id, displayName = id, ...given } = checkOptions(schema, options);
  const source: TokenFile = { ...given, signIn: 'Sign in again with the program that writes this file.' };
  return defineProvider({
    id,
    displayName,
    policy: { schedule: { mode: 'before-expiry', buffer: '5m' } },
    async refresh(context) {
      // A link may lead elsewhere by now.
      const vendor = vendorOf((await context.files.stat(given.file))?.path ?? given.file);
      return vendor ? { status: 'unavailable', hint: useBuiltIn(vendor) } : redeem(source, context);
    },
    inspect: context => inspectTokenFile(source, context),
    watch: (context, changed) => watchTokenFile(source, context, changed),
  });
}
