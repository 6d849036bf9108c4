import type { Cleanup } from '../../base/cleanup.ts';
import type { InspectContext, ProviderContext } from '../../plugin/provider.ts';
import { isOpen, whyLocked } from './browser-key.ts';
import { locateCookies, browserName, type Browser } from './browser-profile.ts';
import { browserReader, decrypt, type BrowserOptions, type BrowserReader, type Decryption } from './browser-reader.ts';
import type { Wait } from '../store/json-store.ts';
import { concealCookies, valuesOf, type CookieStore, type OpenCookies } from './cookie-store.ts';

/**
 * The cookies of a browser that the user chose. The browser's files are only read. Cookies that the site sets are kept
 * in our journal, and used until the browser itself has other cookies for the session.
 */
export function browserStore(chosen: Browser, options: BrowserOptions): CookieStore {
  const { platform = process.platform, withoutKeychain } = options;
  const reader = browserReader(chosen, options, platform);
  const where = `${browserName(chosen)}${chosen.profile === undefined ? '' : ` in the profile ${chosen.profile}`}`;
  const hint = `No cookies of ${where} were found. Check that it is installed, and the name of the profile.`;
  const missing = { store: browserName(chosen), hint };
  const browser = { chosen, platform, withoutKeychain, reader, missing };
  return {
    async look(context, wait) {
      const found = await reader.find(context, wait);
      if (!found) return missing;
      const { path: store, cookies, raw } = found;
      const reason = cookies.map(({ locked }) => locked && whyLocked(locked, platform)).find(Boolean);
      const isLocked = cookies.some(({ locked }) => !isOpen(locked, platform));
      if (reason !== undefined && withoutKeychain === undefined) return { store, hint: reason };
      // Names and expiries are never encrypted, so they can be seen without the key.
      return { store, isLocked, hint: reason, jar: (await reader.recall(context, found)) ?? raw };
    },
    // Nothing to lock: only we write our journal, and one kernel makes one attempt at a time.
    lock: async () => () => {},
    open: (context, wait) => open(browser, context, wait),
    watch: (context, changed) => watch(browser, context, changed),
  };
}

type OwnBrowser = Decryption & { readonly reader: BrowserReader; readonly missing: { readonly hint: string } };

async function open(
  { reader, missing, ...decryption }: OwnBrowser,
  context: ProviderContext,
  wait: Wait,
): Promise<OpenCookies | { readonly hint: string }> {
  const found = await reader.find(context, wait);
  if (!found) return missing;
  const kept = await reader.recall(context, found);
  const jar = kept ? await concealCookies(kept, context) : await decrypt(found, decryption, context);
  if ('hint' in jar) return jar;
  const sent = await valuesOf(jar);
  let used = { from: found, jar };
  return {
    jar,
    async again() {
      const from = (await reader.find(context, wait)) ?? found;
      const now = await decrypt(from, decryption, context);
      if ('hint' in now || (await valuesOf(now)) === sent) return undefined;
      used = { from, jar: now };
      return now;
    },
    async keep(settings) {
      if (used.jar === jar && settings.every(({ headers }) => headers.length === 0)) return;
      await reader.remember(context, used.from, used.jar);
    },
    close: async () => {},
  };
}

/** A browser that is used writes to its database every second, and a check reads all of it. */
const CHECK_EACH_MS = 5_000;

/** A browser writes to its database all the time. Only a change of the session's cookies is reported. */
function watch({ reader, chosen, platform }: OwnBrowser, context: InspectContext, changed: () => void): Cleanup {
  const fingerprint = async () => (await reader.find(context, async () => {}))?.fingerprint;
  let seen = fingerprint().catch(() => undefined);
  let next: NodeJS.Timeout | undefined;
  let checkedAt = -Infinity;
  const check = () => {
    clearTimeout(next);
    const wait = checkedAt + CHECK_EACH_MS - performance.now();
    if (wait > 0) return void (next = setTimeout(check, wait).unref());
    checkedAt = performance.now();
    seen = seen
      .then(async before => {
        const now = await fingerprint();
        if (now !== before) changed();
        return now;
      })
      .catch(() => undefined);
  };
  const stops = locateCookies(chosen, context, platform).then(
    path => (path ? [path, `${path}-wal`] : []).map(part => context.files.watch(part, check)),
    () => [],
  );
  return async () => {
    clearTimeout(next);
    for (const stop of (await stops).splice(0)) await stop();
  };
}
