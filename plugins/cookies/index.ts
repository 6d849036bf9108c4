import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { defineProvider, type ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { BROWSERS, nameOf } from '../../sdk/recipes/web/browser-profile.ts';
import { browserStore } from '../../sdk/recipes/web/browser-store.ts';
import { fileStore } from '../../sdk/recipes/web/cookie-store.ts';
import { inspectCookies, ping, watchCookies, type CookieSession } from '../../sdk/recipes/web/ping.ts';
import { isSafeEndpoint } from '../../sdk/recipes/http/address.ts';

const page = z
  .string()
  .refine(isSafeEndpoint, 'Give an https:// address; http:// is accepted for loopback hosts only.');
const path = z.string().regex(/^[^.]+(\.[^.]+)*$/, 'Write keys joined by dots, e.g. `user.id`.');

const Options = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'Use lower-case letters, digits and dashes.'),
  displayName: z.string().min(1).optional(),
  /** tough-cookie's JSON or a cookies.txt; or the browser that has them, which is then only read. */
  jar: z.union([
    z.string().min(1),
    z.strictObject({ browser: z.enum(BROWSERS), profile: z.string().min(1).optional() }),
  ]),
  /** A page that only a living session gets, or several of which one will do. */
  ping: z.union([page, z.array(page).min(1)]),
  /** What proves the session: one of these values in the JSON answer, and this status. [status 200] */
  alive: z
    .strictObject({
      json: z.union([path, z.array(path).min(1)]).optional(),
      status: z.int().min(200).max(399).optional(),
    })
    .default({}),
  headers: z.record(z.string(), z.string()).optional(),
  /** The cookies that carry the session. [those that scripts cannot read, or all] */
  sessionCookies: z.array(z.string().min(1)).min(1).optional(),
  /** What a person does to sign in, as a sentence. */
  loginHint: z.string().min(1).optional(),
});

export type CookiesOptions = z.input<typeof Options>;

/** Keeps a session of a web site alive by using its cookies. */
export default function cookies(options: CookiesOptions): ProviderPlugin {
  const {
    id,
    displayName = id,
    ping: pages,
    alive,
    jar,
    headers,
    sessionCookies,
    loginHint,
  } = checkOptions(Options, options);
  const pings = [pages].flat();
  const isFile = typeof jar === 'string';
  const session: CookieSession = {
    pings,
    headers,
    sessionCookies,
    alive: { ...alive, json: alive.json === undefined ? undefined : [alive.json].flat() },
    store: isFile ? fileStore(jar) : browserStore(jar, { pings, sessionCookies, sqlJs: () => import('sql.js') }),
    signIn:
      loginHint ??
      (isFile
        ? `Sign in again, and save the cookies of the site to ${jar}.`
        : `Sign in to the site with ${nameOf(jar)}.`),
  };
  return defineProvider({
    id,
    displayName,
    policy: { schedule: { mode: 'before-expiry', buffer: '5m' }, renewEarly: true, timeout: '120s' },
    refresh: context => ping(session, context),
    inspect: context => inspectCookies(session, context),
    watch: (context, changed) => watchCookies(session, context, changed),
  });
}
