import type { CookieJar } from 'tough-cookie';
import type { Cleanup } from '../../base/cleanup.ts';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { cookiesIn, readJar, setCookies, type Setting } from './cookie-jar.ts';
import { fingerprintOf, type Wait } from '../store/json-store.ts';

/** Where the cookies of a session are kept: in a file, or in a browser. */
export interface CookieStore {
  /** What can be seen without a program's help: names and ends, but perhaps no values. */
  look(context: InspectContext, wait: Wait): Promise<SeenCookies>;
  /** Keeps others away; undefined where somebody else does. */
  lock(context: ProviderContext, store: string): Promise<Cleanup | undefined>;
  /** Gets ready to use the cookies, and to keep what a site sets. */
  open(context: ProviderContext, wait: Wait): Promise<OpenCookies | { readonly hint: string }>;
  watch(context: InspectContext, changed: () => void): Cleanup;
}

export type SeenCookies = {
  /** For people: a path. */
  readonly store: string;
  /** Undefined where there are none. */
  readonly jar?: CookieJar | undefined;
  /** Using them would need the keychain. */
  readonly isLocked?: boolean | undefined;
  /** Why there are none, where that is not just for want of a login. */
  readonly hint?: string | undefined;
};

export type OpenCookies = {
  readonly jar: CookieJar;
  /** What the owner has there now; undefined where that is what was asked with. */
  again(): Promise<CookieJar | undefined>;
  keep(settings: readonly Setting[]): Promise<void>;
  close(): Promise<void>;
};

/** Shorter ones are settings, and hiding `1` or `en` would make every log unreadable. */
const SHORTEST_SECRET = 8;

/** Makes sure that no value gets out, and gives the jar on. */
export async function concealCookies(jar: CookieJar, { conceal }: InspectContext): Promise<CookieJar> {
  for (const { value } of await cookiesIn(jar)) if (value.length >= SHORTEST_SECRET) conceal(value);
  return jar;
}

export const lockBeside = (store: string): string => `${store}.lock`;
const noCookies = (file: string): string =>
  `There are no cookies in ${file}. It must be a Netscape cookies.txt (seven fields, separated by tabs) or tough-cookie's JSON.`;

/** A file of cookies that is brought up to date with what the site sets. */
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
          // What somebody else wrote meanwhile stays: only what the site set is put into it.
          const current = (await read(context, wait)) ?? found;
          for (const setting of settings) await setCookies(current.jar, setting, context.now());
          await place.commit(await current.format());
        },
        close: () => place.discard(),
      };
    },
    watch: ({ files }, changed) => files.watch(file, changed),
  };
}

/** Tells one state of a jar from another without saying anything of it. */
export const valuesOf = async (jar: CookieJar): Promise<string> =>
  fingerprintOf(
    ...(await cookiesIn(jar)).map(({ domain, path, key, value }) => `${domain} ${path} ${key}=${value}`).toSorted(),
  );
