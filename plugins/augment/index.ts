import { z } from 'zod';
import { checkOptions } from '../../sdk/options.ts';
import { defineProvider, type ProviderPlugin } from '../../sdk/provider.ts';
import { BROWSERS, nameOf } from '../../sdk/recipes/browser-profile.ts';
import { browserStore } from '../../sdk/recipes/browser-store.ts';
import { fileStore } from '../../sdk/recipes/cookie-store.ts';
import { inspectCookies, observeCookies, ping, watchCookies, type CookieSession } from '../../sdk/recipes/cookies.ts';
import { realWait, type Wait } from '../../sdk/recipes/json-store.ts';
import { lookAtLogin, storeOf, type Place } from './login.ts';
import { observe } from './observe.ts';
import { augmentPages, signInAt } from './web.ts';

/** Kept alive without a configuration, where auggie is signed in. */
export const autodetect = true;

const browserName = z.enum(BROWSERS);

const Options = z.strictObject({
  id: z.string().default('augment'),
  /** A file with the cookies of app.augmentcode.com: tough-cookie's JSON, or a cookies.txt. */
  jar: z.string().min(1).optional(),
  /** The browser that is signed in there, which is only read. */
  browser: z.union([browserName, z.strictObject({ browser: browserName, profile: z.string().min(1).optional() })]).optional(),
  /** The login of auggie, Augment's own program; what is kept where nothing is said. */
  auggie: z.union([z.literal(true), z.strictObject({ home: z.string().min(1) })]).optional(),
  /** `observe` only looks, and reminds. */
  method: z.enum(['auto', 'observe']).default('auto'),
}).refine(({ jar, browser, auggie }) => [jar, browser, auggie].filter(Boolean).length <= 1, {
  message: 'Give one of "jar", "browser" and "auggie". A second session is another entry, with another "id".',
});

export type AugmentOptions = z.input<typeof Options>;

/** Keeps Augment signed in: its web session, by using it; or auggie's login, which nothing can renew, by an eye on it. */
export default function augment(options: AugmentOptions = {}, wait: Wait = realWait): ProviderPlugin {
  const { id, jar, browser, auggie, method } = checkOptions(Options, options);
  const name = { id, displayName: id === 'augment' ? 'Augment' : `Augment (${id})` };
  if (jar === undefined && browser === undefined) return keepAuggie(name, placeOf(auggie), wait);
  const chosen = typeof browser === 'string' ? { browser } : browser;
  const source = chosen
    ? { store: browserStore(chosen, { ...augmentPages, sqlJs: () => import('sql.js') }), signIn: signInAt(`with ${nameOf(chosen)}`) }
    : { store: fileStore(jar ?? ''), signIn: signInAt(`and save its cookies to ${jar}`) };
  return keepWeb(name, { ...augmentPages, ...source }, method, wait);
}

type Name = { readonly id: string; readonly displayName: string };

const keepWeb = (name: Name, session: CookieSession, method: 'auto' | 'observe', wait: Wait): ProviderPlugin => defineProvider({
  ...name,
  policy: { schedule: { mode: 'before-expiry', buffer: '5m' }, renewEarly: true, timeout: '120s' },
  refresh: context => (method === 'observe' ? observeCookies : ping)(session, context, wait),
  inspect: async context => ({ ...await inspectCookies(session, context, wait), ...(method === 'observe' && { method }) }),
  watch: (context, changed) => watchCookies(session, context, changed),
});

const keepAuggie = (name: Name, place: Place, wait: Wait): ProviderPlugin => defineProvider({
  ...name,
  policy: { schedule: { mode: 'interval', every: '60m' } },
  refresh: context => observe(place, context, wait),
  async inspect(context) {
    const [login, program] = await Promise.all([lookAtLogin(place, context, wait), context.which('auggie')]);
    const known = { store: login.store, owner: 'auggie', program, method: 'observe' };
    return 'hint' in login ? { present: false, ...known, hint: login.hint } : { present: true, ...known, fingerprint: login.fingerprint };
  },
  watch: ({ files }, changed) => files.watch(storeOf(place), changed),
});

const WEB_HINT = "For a web session, name a file of its cookies or a browser: ['augment', { jar: '~/cookies.txt' }] or "
  + "['augment', { browser: 'firefox' }].";

function placeOf(auggie: AugmentOptions['auggie']): Place {
  const home = typeof auggie === 'object' ? auggie.home : '~/.augment';
  const loginHint = `Run \`auggie ${typeof auggie === 'object' ? `--augment-cache-dir ${home} ` : ''}login\`.`;
  return { home, loginHint, missingHint: auggie ? loginHint : `${loginHint} ${WEB_HINT}` };
}
