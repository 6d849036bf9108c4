import { PLAIN_ID } from '../../sdk/base/plugin-id.ts';
import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { BROWSERS, browserName } from '../../sdk/recipes/web/browser-profile.ts';
import { defineCookieSession } from '../../sdk/recipes/web/define-cookie-session.ts';
import { isSafeEndpoint, SAFE_ENDPOINT } from '../../sdk/recipes/http/address.ts';

const page = z.string().refine(isSafeEndpoint, SAFE_ENDPOINT);
const path = z.string().regex(/^[^.]+(\.[^.]+)*$/, 'Write keys joined by dots, e.g. `user.id`.');

const Options = z.strictObject({
  id: z.string().regex(PLAIN_ID, 'Use lower-case letters, digits and dashes.'),
  displayName: z.string().min(1).optional(),
  /** A file in the format of tough-cookie or a cookies.txt; or a browser, which is only read. */
  jar: z.union([
    z.string().min(1),
    z.strictObject({ browser: z.enum(BROWSERS), profile: z.string().min(1).optional() }),
  ]),
  /** A page that only a signed-in user gets, or several. One that answers is enough. */
  ping: z.union([page, z.array(page).min(1)]),
  /** What proves the session: one of these values in the JSON response, and this status. [status 200] */
  alive: z
    .strictObject({
      json: z.union([path, z.array(path).min(1)]).optional(),
      status: z.int().min(200).max(399).optional(),
    })
    .default({}),
  headers: z.record(z.string(), z.string()).optional(),
  /** The names of the cookies that carry the session. [those that scripts cannot read, or else all] */
  sessionCookies: z.array(z.string().min(1)).min(1).optional(),
  /** What the user does to sign in again, as a sentence. */
  loginHint: z.string().min(1).optional(),
});

export type CookiesOptions = z.input<typeof Options>;

/** Keeps a session of a web site alive by using its cookies. */
export default function cookies(options: CookiesOptions): ProviderPlugin {
  const { ping, alive, jar, loginHint, ...given } = checkOptions(Options, options);
  const signIn =
    typeof jar === 'string'
      ? `Sign in again, and save the cookies of the site to ${jar}.`
      : `Sign in to the site with ${browserName(jar)}.`;
  return defineCookieSession({
    ...given,
    pings: [ping].flat(),
    alive: { ...alive, json: alive.json === undefined ? undefined : [alive.json].flat() },
    jar: typeof jar === 'string' ? jar : { ...jar, sqlJs: () => import('sql.js') },
    signIn: loginHint ?? signIn,
  });
}
