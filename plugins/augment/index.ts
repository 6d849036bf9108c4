import { z } from 'zod';
import { checkOptions } from '../../sdk/plugin/options.ts';
import type { Inspection } from '../../sdk/contract/outcome.ts';
import { defineProvider, type InspectContext, type ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { COOKIE_POLICY } from '../../sdk/recipes/web/define-cookie-session.ts';
import { BROWSERS, browserName } from '../../sdk/recipes/web/browser-profile.ts';
import { browserStore } from '../../sdk/recipes/web/browser-store.ts';
import { fileStore } from '../../sdk/recipes/web/cookie-store.ts';
import { inspectCookies, observeCookies, ping, watchCookies, type CookieSession } from '../../sdk/recipes/web/ping.ts';
import { realWait, type Wait } from '../../sdk/recipes/store/json-store.ts';
import { finderOf } from './found.ts';
import { readLogin, storeOf, type AuggieHome } from './login.ts';
import { observe } from './observe.ts';
import { augmentPages, signInAt } from './web.ts';

/** Kept alive without a configuration, if a browser or auggie is signed in. */
export const autodetect = true;

/** The vendor's hosts that are named in this plugin. */
export const hosts = ['app.augmentcode.com'];

const browserSchema = z.enum(BROWSERS);

const Options = z
  .strictObject({
    id: z.string().default('augment'),
    /** A file with the cookies of app.augmentcode.com: the JSON of tough-cookie, or a cookies.txt. */
    jar: z.string().min(1).optional(),
    /** The browser that is signed in there. It is only read. */
    browser: z
      .union([browserSchema, z.strictObject({ browser: browserSchema, profile: z.string().min(1).optional() })])
      .optional(),
    /** The login of auggie, Augment's own program. [a browser's web session, or else this] */
    auggie: z.union([z.literal(true), z.strictObject({ home: z.string().min(1) })]).optional(),
    /** `observe` only watches. */
    method: z.enum(['auto', 'observe']).default('auto'),
  })
  .refine(({ jar, browser, auggie }) => [jar, browser, auggie].filter(Boolean).length <= 1, {
    message: 'Give one of "jar", "browser" and "auggie". A second session is another entry, with another "id".',
  });

export type AugmentOptions = z.input<typeof Options>;

/** Keeps Augment's web session alive by using it, or watches auggie's login, which nothing can renew. */
export default function augment(
  options: AugmentOptions = {},
  wait: Wait = realWait,
  platform: NodeJS.Platform = process.platform,
): ProviderPlugin {
  const { id, jar, browser, auggie, method } = checkOptions(Options, options);
  const name = { id, displayName: id === 'augment' ? 'Augment' : `Augment (${id})` };
  if (auggie !== undefined) return keepAuggie(name, homeOf(auggie), wait);
  if (jar === undefined && browser === undefined) return keepFound({ ...name, platform }, method, wait);
  const chosen = typeof browser === 'string' ? { browser } : browser;
  const source = chosen
    ? {
        store: browserStore(chosen, { ...augmentPages, sqlJs: () => import('sql.js') }),
        signIn: signInAt(`with ${browserName(chosen)}`),
      }
    : { store: fileStore(jar ?? ''), signIn: signInAt(`and save its cookies to ${jar}`) };
  return keepWeb(name, { ...augmentPages, ...source }, method, wait);
}

type Name = { readonly id: string; readonly displayName: string };

type Method = AugmentOptions['method'];

const keepWeb = (name: Name, session: CookieSession, method: Method, wait: Wait): ProviderPlugin =>
  defineProvider({
    ...name,
    policy: COOKIE_POLICY,
    refresh: context => (method === 'observe' ? observeCookies : ping)(session, context, wait),
    inspect: context => inspectWeb(session, context, method, wait),
    watch: (context, changed) => watchCookies(session, context, changed),
  });

const inspectWeb = async (
  session: CookieSession,
  context: InspectContext,
  method: Method,
  wait: Wait,
): Promise<Inspection> => ({
  ...(await inspectCookies(session, context, wait)),
  ...(method === 'observe' && { method }),
});

const keepAuggie = (name: Name, home: AuggieHome, wait: Wait): ProviderPlugin =>
  defineProvider({
    ...name,
    policy: { schedule: { mode: 'interval', every: '60m' } },
    refresh: context => observe(home, context, wait),
    inspect: context => inspectAuggie(home, context, wait),
    watch: ({ files }, changed) => files.watch(storeOf(home), changed),
  });

async function inspectAuggie(home: AuggieHome, context: InspectContext, wait: Wait): Promise<Inspection> {
  const [login, program] = await Promise.all([readLogin(home, context, wait), context.which('auggie')]);
  const known = { store: login.store, owner: 'auggie', program, method: 'observe' };
  if ('hint' in login) return { present: false, ...known, places: [login.store], ...login };
  return { present: true, ...known, fingerprint: login.fingerprint };
}

/** A browser's web session if its cookies can be read without the keychain, or else auggie's login. */
function keepFound(
  { platform, ...name }: Name & { readonly platform: NodeJS.Platform },
  method: Method,
  wait: Wait,
): ProviderPlugin {
  const finder = finderOf(name.id, platform);
  const home = homeOf(undefined);

  async function choose(context: InspectContext) {
    const [web, login] = await Promise.all([finder.find(context, wait), readLogin(home, context, wait)]);
    const hasLogin = !('hint' in login);
    const chosen = web && (web.lockedHint === undefined || !hasLogin) ? web : undefined;
    return { web, chosen, hasLogin, how: chosen?.lockedHint === undefined ? method : 'observe' } as const;
  }

  return defineProvider({
    ...name,
    policy: COOKIE_POLICY,
    async refresh(context) {
      const { chosen, how } = await choose(context);
      if (!chosen) return observe(home, context, wait);
      await finder.remember(context, chosen);
      return (how === 'observe' ? observeCookies : ping)(chosen.session, context, wait);
    },
    async inspect(context) {
      const { web, chosen, hasLogin, how } = await choose(context);
      const seen = chosen
        ? await inspectWeb(chosen.session, context, how, wait)
        : await inspectAuggie(home, context, wait);
      const hint = seen.hint ?? web?.lockedHint ?? (chosen && hasLogin ? AUGGIE_HINT : undefined);
      return { ...seen, hint, ...(!seen.present && { places: [...(seen.places ?? []), BROWSER_PLACES] }) };
    },
    watch(context, changed) {
      const stops = [finder.watch(context, changed), context.files.watch(storeOf(home), changed)];
      return async () => void (await Promise.all(stops.map(stop => stop())));
    },
  });
}

const BROWSER_PLACES = `the cookies of ${BROWSERS.map(browser => browserName({ browser })).join(', ')}`;

const AUGGIE_HINT = "auggie is signed in too. To watch its login too, add ['augment', { id: 'auggie', auggie: true }].";

const WEB_HINT =
  'Or sign in at https://app.augmentcode.com with Firefox. For another browser or a cookie file, ' +
  "add ['augment', { browser: 'chrome' }] or ['augment', { jar: '~/cookies.txt' }] to the configuration.";

function homeOf(auggie: AugmentOptions['auggie']): AuggieHome {
  const folder = typeof auggie === 'object' ? auggie.home : '~/.augment';
  const signIn = `Run \`auggie ${typeof auggie === 'object' ? `--augment-cache-dir ${folder} ` : ''}login\`.`;
  return { folder, signIn, missingHint: auggie ? signIn : `${signIn} ${WEB_HINT}` };
}
