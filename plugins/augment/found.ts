import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { InspectContext } from '../../sdk/plugin/provider.ts';
import {
  everyCookieDatabase,
  browserName,
  profileMarks,
  type CookieDatabase,
} from '../../sdk/recipes/web/browser-profile.ts';
import { browserStore } from '../../sdk/recipes/web/browser-store.ts';
import { readLifetime, type CookieLifetime } from '../../sdk/recipes/web/cookie-lifetime.ts';
import { watchCookies, type CookieSession } from '../../sdk/recipes/web/ping.ts';
import type { Wait } from '../../sdk/recipes/store/json-store.ts';
import { augmentPages, signInAt } from './web.ts';

/** A web session of Augment in a browser on this machine. */
export type FoundSession = {
  readonly session: CookieSession;
  readonly store: string;
  /** What the user can do if only the keychain opens its cookies; undefined if the keychain is not needed. */
  readonly lockedHint: string | undefined;
};

export type Finder = {
  /** The session to keep: a live one, preferably readable; an ended one only if it was kept before. */
  find(context: InspectContext, wait: Wait): Promise<FoundSession | undefined>;
  /** Calls `changed` when a session in any browser changes, also one that is installed later. */
  watch(context: InspectContext, changed: () => void): Cleanup;
  /** Stores that the session is kept, so that its end is reported. */
  remember(context: InspectContext, found: FoundSession): Promise<void>;
};

/** Looks for web sessions in known browsers. It needs no key: names, hosts and expiries are plain text. */
export function finderOf(id: string, platform: NodeJS.Platform): Finder {
  const sessions = new Map<string, CookieSession>();
  const keptKey = `augment:kept:${id}`;

  function sessionIn(place: CookieDatabase): CookieSession {
    const { browser, path } = place;
    const known = sessions.get(path);
    if (known) return known;
    const parts = { ...augmentPages, platform, sqlJs: () => import('sql.js'), withoutKeychain: configuring(place) };
    const store = browserStore({ browser, profile: folderOf(path) }, parts);
    const session = { ...augmentPages, store, signIn: signInAt(`with ${browserName(place)}`) };
    sessions.set(path, session);
    return session;
  }

  async function readIn(place: CookieDatabase, context: InspectContext, wait: Wait) {
    const session = sessionIn(place);
    const { store, jar, isLocked, hint } = await session.store.look(context, wait);
    const life = jar && (await readLifetime(jar, session, context.now()));
    return life ? [{ session, store, life, lockedHint: isLocked ? (hint ?? configuring(place)) : undefined }] : [];
  }

  return {
    async find(context, wait) {
      const places = await everyCookieDatabase(context, platform);
      if (places.length === 0) return undefined;
      const kept = await context.files.journal.read(keptKey);
      const results = await Promise.all(
        places.map(place =>
          readIn(place, context, wait).catch((error: unknown) => {
            if (place.path === kept) throw error;
            context.log.debug({ err: error }, `the cookies of ${browserName(place)} could not be read`);
            return [];
          }),
        ),
      );
      const found = results.flat().filter(({ life, store }) => life.lives || store === kept);
      return found.toSorted((a, b) => rank(a) - rank(b))[0];
    },
    watch: (context, changed) => watchBrowsers({ context, platform, changed, sessionIn }),
    async remember({ files }, { store }) {
      if ((await files.journal.read(keptKey)) !== store) await files.journal.write(keptKey, store);
    },
  };
}

type Watched = {
  readonly context: InspectContext;
  readonly platform: NodeJS.Platform;
  readonly changed: () => void;
  readonly sessionIn: (place: CookieDatabase) => CookieSession;
};

function watchBrowsers({ context, platform, changed, sessionIn }: Watched): Cleanup {
  const stops = new Map<string, Cleanup>();
  let isOver = false;
  const add = (key: string, watch: () => Cleanup): boolean => {
    if (isOver || stops.has(key)) return false;
    stops.set(key, watch());
    return true;
  };
  const update = async () => {
    for (const mark of await profileMarks(context, platform))
      add(`mark:${mark}`, () => context.files.watch(mark, () => void again().catch(() => undefined)));
    const places = await everyCookieDatabase(context, platform);
    return places.map(place => add(place.path, () => watchCookies(sessionIn(place), context, changed))).some(Boolean);
  };
  const again = async () => {
    if (await update()) changed();
  };
  const started = update().catch(() => undefined);
  return async () => {
    isOver = true;
    await started;
    for (const stop of stops.values()) await stop();
  };
}

const rank = ({
  life,
  lockedHint,
}: {
  readonly life: CookieLifetime;
  readonly lockedHint: string | undefined;
}): number => (life.lives ? 0 : 2) + (lockedHint === undefined ? 0 : 1);

/** The profile's folder. The database is in it, or in its folder `Network`. */
const folderOf = (path: string): string => path.replace(/[\\/](Network[\\/])?[^\\/]+$/, '');

/** The configuration that allows us to ask the keychain of this browser. */
function configuring({ browser, profile }: CookieDatabase): string {
  const chosen = profile === undefined ? `'${browser}'` : `{ browser: '${browser}', profile: '${profile}' }`;
  return (
    `${browserName({ browser })} is signed in to Augment and encrypts its cookies. To keep that session alive, add` +
    ` ['augment', { browser: ${chosen} }] to the configuration. The keychain is then asked for the key.`
  );
}
