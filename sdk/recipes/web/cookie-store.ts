import type { CookieJar } from 'tough-cookie';
import type { Cleanup } from '../../base/cleanup.ts';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { cookiesIn, readJar, setCookies, type Setting } from './cookie-jar.ts';
import { fingerprintOf, type Wait } from '../store/json-store.ts';

/** The store of a session's cookies: a file, or a browser. */
export interface CookieStore {
  /** Runs no program. It shows names and expiries, but perhaps no values. */
  look(context: InspectContext, wait: Wait): Promise<SeenCookies>;
  /** Locks the store; undefined if another program holds the lock. */
  lock(context: ProviderContext, store: string): Promise<Cleanup | undefined>;
  /** Reads the cookies, and prepares to store those that a site sets. */
  open(context: ProviderContext, wait: Wait): Promise<OpenCookies | { readonly hint: string }>;
  watch(context: InspectContext, changed: () => void): Cleanup;
}

export type SeenCookies = {
  /** The path to show. */
  readonly store: string;
  /** Undefined if there are no cookies. */
  readonly jar?: CookieJar | undefined;
  /** The keychain is needed to decrypt them. */
  readonly isLocked?: boolean | undefined;
  /** Why there are none, unless the user is not signed in. */
  readonly hint?: string | undefined;
};

export type OpenCookies = {
  readonly jar: CookieJar;
  /** The cookies now in the store; undefined if they are the ones that were sent. */
  again(): Promise<CookieJar | undefined>;
  keep(settings: readonly Setting[]): Promise<void>;
  close(): Promise<void>;
};

/** Shorter values are settings. To hide `1` or `en` would make every log unreadable. */
const SHORTEST_SECRET = 8;

/** Conceals every value, and returns the jar. */
export async function concealCookies(jar: CookieJar, { conceal }: InspectContext): Promise<CookieJar> {
  for (const { value } of await cookiesIn(jar)) if (value.length >= SHORTEST_SECRET) conceal(value);
  return jar;
}

export const lockBeside = (store: string): string => `${store}.lock`;

const noCookies = (file: string): string =>
  `There are no cookies in ${file}. ` +
  "It must be a Netscape cookies.txt (seven fields, separated by tabs) or tough-cookie's JSON.";

/** A file of cookies, updated with the cookies that the site sets. */
export function fileStore(file: string): CookieStore {
  async function read(context: InspectContext, wait: Wait) {
    const found = await readJar(context.files, file, wait);
    if (found) await concealCookies(found.jar, context);
    return found;
  }

  return {
    async look(context, wait) {
      const found = await read(context, wait);
      const isEmpty = found && (await cookiesIn(found.jar)).length === 0;
      return {
        store: found?.path ?? context.files.resolve(file),
        jar: found?.jar,
        ...(isEmpty && { hint: noCookies(file) }),
      };
    },
    lock: ({ files }, store) => files.lock(lockBeside(store)),
    async open(context, wait) {
      const found = await read(context, wait);
      if (!found) return { hint: `There is no ${file}.` };
      const place = await context.files.prepare(file);
      const asked = await valuesOf(found.jar);
      return {
        jar: found.jar,
        async again() {
          const now = await read(context, wait);
          return now && (await valuesOf(now.jar)) !== asked ? now.jar : undefined;
        },
        async keep(settings) {
          if (settings.every(({ headers }) => headers.length === 0)) return;
          // Keep what another program wrote meanwhile, and add only what the site set.
          const current = (await read(context, wait)) ?? found;
          for (const setting of settings) await setCookies(current.jar, setting);
          await place.commit(await current.format());
        },
        close: () => place.discard(),
      };
    },
    watch: ({ files }, changed) => files.watch(file, changed),
  };
}

/** A hash that differs if any cookie differs. */
export const valuesOf = async (jar: CookieJar): Promise<string> =>
  fingerprintOf(
    ...(await cookiesIn(jar)).map(({ domain, path, key, value }) => `${domain} ${path} ${key}=${value}`).toSorted(),
  );
