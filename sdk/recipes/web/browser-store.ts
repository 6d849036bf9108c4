import type { CookieJar } from 'tough-cookie';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { isOpen, lockOf, readKey, unlock, whyLocked, type Lock } from './browser-key.ts';
import { locateCookies, nameOf, type Browser } from './browser-profile.ts';
import { readBrowser, type BrowserCookie } from './browser-rows.ts';
import { readLife, type Carrying } from './cookie-lifetime.ts';
import { concealCookies, valuesOf, type CookieStore } from './cookie-store.ts';
import { parseObject, type JsonObject, type Wait } from '../store/json-store.ts';
import { stampOf, type SqlJs } from './sqlite-snapshot.ts';

export type BrowserParts = Carrying & {
  readonly sqlJs: SqlJs;
  readonly platform?: NodeJS.Platform | undefined;
  /** Set if the keychain must not be asked: the hint for the user on how to allow it. */
  readonly withoutKeychain?: string | undefined;
};

type Found = {
  readonly path: string;
  readonly cookies: readonly BrowserCookie[];
  /** Of them all, with locked values still locked. */
  readonly raw: CookieJar;
  /** Of those that carry the session. */
  readonly fingerprint: string | undefined;
};

const SAME_TICK_MS = 1_000;

/**
 * The cookies of a browser that the user chose. It is only ever read: what the site sets is kept in our own notes, and holds
 * until the browser itself has other cookies for the session.
 */
export function browserStore(chosen: Browser, parts: BrowserParts): CookieStore {
  const { sqlJs, platform = process.platform, withoutKeychain, ...carrying } = parts;
  const hosts = [...new Set(carrying.pings.map(url => new URL(url).hostname))].toSorted();
  const keyOf = (path: string) => `cookies:${path}:${hosts.join()}`;
  const where = `${nameOf(chosen)}${chosen.profile === undefined ? '' : ` in the profile ${chosen.profile}`}`;
  const missing = {
    store: nameOf(chosen),
    hint: `There are no cookies of ${where}. Is it installed, and which profile is it?`,
  };

  let known: { readonly stamp: string; readonly cookies: readonly BrowserCookie[] } | undefined;

  /** A database that did not change is not read again. */
  async function read(
    { files, now }: InspectContext,
    path: string,
    wait: Wait,
  ): Promise<readonly BrowserCookie[] | undefined> {
    const { stamp, changedAt } = await stampOf(files, path);
    if (known?.stamp === `${path} ${stamp}`) return known.cookies;
    const cookies = await readBrowser(files, { browser: chosen.browser, path, sqlJs }, hosts, wait);
    // A second change in the same tick of the file system's clock would not be seen.
    known = cookies && now() - changedAt > SAME_TICK_MS ? { stamp: `${path} ${stamp}`, cookies } : undefined;
    return cookies;
  }

  async function find(context: InspectContext, wait: Wait): Promise<Found | undefined> {
    const path = await locateCookies(chosen, context, platform);
    const cookies = path && (await read(context, path, wait));
    if (!path || !cookies) return undefined;
    const raw = await jarOf(cookies.map(({ json }) => json));
    return { path, cookies, raw, fingerprint: (await readLife(raw, carrying, context.now()))?.fingerprint };
  }

  /** What we have kept of it since; undefined where the browser has something newer. */
  async function recall({ files }: InspectContext, { path, fingerprint }: Found): Promise<CookieJar | undefined> {
    const note = parseObject((await files.journal.read(keyOf(path))) ?? '');
    if (note?.['imported'] !== fingerprint || !Array.isArray(note?.['cookies'])) return undefined;
    return jarOf(note['cookies'] as readonly JsonObject[]);
  }

  /** With the values, which may take a key out of the keychain. */
  async function unlocked(
    { cookies }: Found,
    context: ProviderContext,
  ): Promise<CookieJar | { readonly hint: string }> {
    const keys = new Map<string, Buffer>();
    const open: JsonObject[] = [];
    for (const { json, host, locked } of cookies) {
      if (!locked) open.push(json);
      else if (withoutKeychain !== undefined && !isOpen(locked, platform)) return { hint: withoutKeychain };
      else if (!whyLocked(locked, platform)) {
        const lock = lockOf(locked) as Lock;
        const key = keys.get(lock) ?? (await readKey(chosen.browser, lock, context, platform));
        if ('hint' in key) return key;
        keys.set(lock, key);
        const value = unlock(locked, key, host);
        if (value === undefined)
          return {
            hint: `The cookies of ${nameOf(chosen)} do not open with its key. Name a file of cookies as the "jar".`,
          };
        open.push({ ...json, value });
      }
    }
    return concealCookies(await jarOf(open), context);
  }

  return {
    async look(context, wait) {
      const found = await find(context, wait);
      if (!found) return missing;
      const { path: store, cookies, raw } = found;
      const hint = cookies.map(({ locked }) => locked && whyLocked(locked, platform)).find(Boolean);
      const isLocked = cookies.some(({ locked }) => !isOpen(locked, platform));
      // Names and expiries are never locked, so they can be seen without the key.
      if (hint !== undefined && withoutKeychain === undefined) return { store, hint };
      return { store, isLocked, hint, jar: (await recall(context, found)) ?? raw };
    },
    // The notes are ours alone, and so is the session within this kernel.
    lock: async () => () => {},
    async open(context, wait) {
      const found = await find(context, wait);
      if (!found) return missing;
      const kept = await recall(context, found);
      const jar = kept ? await concealCookies(kept, context) : await unlocked(found, context);
      if ('hint' in jar) return jar;
      const asked = await valuesOf(jar);
      let used = { from: found, jar };
      return {
        jar,
        async again() {
          const from = (await find(context, wait)) ?? found;
          const now = await unlocked(from, context);
          if ('hint' in now || (await valuesOf(now)) === asked) return undefined;
          used = { from, jar: now };
          return now;
        },
        async keep(settings) {
          if (used.jar === jar && settings.every(({ headers }) => headers.length === 0)) return;
          const { cookies } = await (await concealCookies(used.jar, context)).serialize();
          await context.files.journal.write(
            keyOf(used.from.path),
            JSON.stringify({ imported: used.from.fingerprint, cookies }),
          );
        },
        close: async () => {},
      };
    },
    watch(context, changed) {
      // A browser writes to its store all the time: only what concerns the session is news.
      const fingerprint = async () => (await find(context, async () => {}))?.fingerprint;
      let seen = fingerprint().catch(() => undefined);
      const look = () => {
        seen = seen
          .then(async before => {
            const now = await fingerprint();
            if (now !== before) changed();
            return now;
          })
          .catch(() => undefined);
      };
      const stops = locateCookies(chosen, context, platform).then(
        path => (path ? [path, `${path}-wal`] : []).map(part => context.files.watch(part, look)),
        () => [],
      );
      return async () => {
        for (const stop of (await stops).splice(0)) await stop();
      };
    },
  };
}

async function jarOf(cookies: readonly JsonObject[]): Promise<CookieJar> {
  const { CookieJar } = await import('tough-cookie');
  return CookieJar.deserialize({ cookies: [...cookies] });
}
