import { z } from 'zod';
import { checkOptions } from '../../sdk/options.ts';
import { defineProvider, type ProviderPlugin } from '../../sdk/provider.ts';
import { inspectCookies, ping, type CookieSession } from '../../sdk/recipes/cookies.ts';
import { isSafeEndpoint } from '../../sdk/recipes/endpoint.ts';

const page = z.string().refine(isSafeEndpoint, 'Give an https:// address; http:// is accepted for loopback hosts only.');
const path = z.string().regex(/^[^.]+(\.[^.]+)*$/, 'Write keys joined by dots, e.g. `user.id`.');

const Options = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'Use lower-case letters, digits and dashes.'),
  displayName: z.string().min(1).optional(),
  /** tough-cookie's JSON, or a cookies.txt. */
  jar: z.string().min(1),
  /** A page that only a living session gets, or several of which one will do. */
  ping: z.union([page, z.array(page).min(1)]),
  /** What in its JSON answer proves the session. [status 200] */
  alive: z.strictObject({ json: z.union([path, z.array(path).min(1)]) }).optional(),
  /** The cookies that carry the session. [those that scripts cannot read, or all] */
  cookies: z.array(z.string().min(1)).min(1).optional(),
  headers: z.record(z.string(), z.string()).optional(),
});

export type CookiesOptions = z.input<typeof Options>;

/** Keeps a session of a web site alive by using its cookies. */
export default function cookies(options: CookiesOptions): ProviderPlugin {
  const { id, displayName = id, ping: pages, alive, jar, ...given } = checkOptions(Options, options);
  const session: CookieSession = {
    ...given, jar, pings: [pages].flat(), alive: alive && [alive.json].flat(), signIn: `Sign in again, and save the cookies of the site to ${jar}.`,
  };
  return defineProvider({
    id,
    displayName,
    policy: { schedule: { mode: 'before-expiry', buffer: '5m' }, timeout: '90s' },
    refresh: context => ping(session, context),
    inspect: context => inspectCookies(session, context),
    watch: ({ files }, changed) => files.watch(jar, changed),
  });
}
