import { isAbsolute, join } from 'node:path';
import type { InspectContext } from '../../plugin/provider.ts';

/** A browser on this machine, and one of its profiles. */
export type Browser = {
  readonly browser: BrowserName;
  /** The name of the profile's folder, or a path; for Firefox also the profile's name. [the default profile] */
  readonly profile?: string | undefined;
};

export const BROWSERS = ['chrome', 'chromium', 'edge', 'brave', 'firefox'] as const;
export type BrowserName = (typeof BROWSERS)[number];

/** The name for the user. */
export const browserName = ({ browser }: Browser): string =>
  browser === 'edge' ? 'Microsoft Edge' : browser.charAt(0).toUpperCase() + browser.slice(1);

type ProfileRoots = Readonly<Record<'linux' | 'darwin' | 'win32', readonly string[]>>;

/**
 * Relative to `~/.config` on Linux, `~/Library/Application Support` on macOS, the local or roaming `AppData` on
 * Windows.
 */
const PROFILE_ROOTS: Readonly<Record<BrowserName, ProfileRoots>> = {
  chrome: { linux: ['google-chrome'], darwin: ['Google/Chrome'], win32: ['Google/Chrome/User Data'] },
  chromium: {
    linux: ['chromium', '~/snap/chromium/common/chromium'],
    darwin: ['Chromium'],
    win32: ['Chromium/User Data'],
  },
  edge: { linux: ['microsoft-edge'], darwin: ['Microsoft Edge'], win32: ['Microsoft/Edge/User Data'] },
  brave: {
    linux: ['BraveSoftware/Brave-Browser'],
    darwin: ['BraveSoftware/Brave-Browser'],
    win32: ['BraveSoftware/Brave-Browser/User Data'],
  },
  firefox: {
    linux: ['~/.mozilla/firefox', 'mozilla/firefox', '~/snap/firefox/common/.mozilla/firefox'],
    darwin: ['Firefox'],
    win32: ['Mozilla/Firefox'],
  },
};

/** The path of the browser's cookie database; undefined if there is none. */
export async function locateCookies(
  chosen: Browser,
  context: InspectContext,
  platform: string,
): Promise<string | undefined> {
  for (const folder of await profileFolders(chosen, context, platform)) {
    const path = await cookiesBelow(folder, chosen, context);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** A profile of a browser, and the path of its cookie database. */
export type CookieDatabase = Browser & { readonly path: string };

const CHROMIUM_PROFILES = ['Default', ...Array.from({ length: 9 }, (_none, index) => `Profile ${index + 1}`)];

/** The cookie databases of all Firefox profiles, and of the first ten of each Chromium. It opens none. */
export async function everyCookieDatabase(
  context: InspectContext,
  platform: string,
): Promise<readonly CookieDatabase[]> {
  const found = await Promise.all(
    BROWSERS.map(async browser => {
      const profiles = await Promise.all(
        rootsOf(browser, context, platform).map(root => profilesBelow(root, browser, context)),
      );
      return Promise.all(
        profiles.flat().map(async ({ folder, profile }) => {
          const path = await cookiesBelow(folder, { browser }, context);
          return path === undefined ? [] : [{ browser, profile, path }];
        }),
      );
    }),
  );
  return found.flat(2);
}

/** Files that are created with a browser or a profile, or change when a profile is added. They may be missing. */
export async function profileMarks(context: InspectContext, platform: string): Promise<readonly string[]> {
  const marks = await Promise.all(
    BROWSERS.flatMap(browser =>
      rootsOf(browser, context, platform).map(async root => {
        if (browser !== 'firefox') return [join(root, 'Local State')];
        const profiles = await profilesBelow(root, browser, context);
        return [join(root, 'profiles.ini'), ...profiles.map(({ folder }) => join(folder, 'cookies.sqlite'))];
      }),
    ),
  );
  return marks.flat();
}

/** Profiles by their name in our configuration. The default profile has none. */
async function profilesBelow(root: string, browser: BrowserName, { files }: InspectContext) {
  if (browser !== 'firefox') {
    // Each Chromium has this file beside its profiles.
    const isThere = await files.stat(join(root, 'Local State'));
    const names = isThere ? CHROMIUM_PROFILES : [];
    return names.map(name => ({ folder: join(root, name), profile: name === 'Default' ? undefined : name }));
  }
  const ini = (await files.read(join(root, 'profiles.ini'))) ?? '';
  const first = firefoxProfile(ini, undefined);
  return firefoxProfiles(ini).flatMap(({ Path: path, Name: name }) =>
    path ? [{ folder: below(root, path), profile: path === first ? undefined : name }] : [],
  );
}

async function cookiesBelow(
  folder: string,
  { browser }: Browser,
  { files }: InspectContext,
): Promise<string | undefined> {
  for (const name of browser === 'firefox' ? ['cookies.sqlite'] : ['Network/Cookies', 'Cookies']) {
    const facts = await files.stat(join(folder, name));
    if (facts) return facts.path;
  }
  return undefined;
}

/** Where the browser keeps its profiles. */
function rootsOf(browser: BrowserName, { env, files }: InspectContext, platform: string): readonly string[] {
  const system = platform === 'darwin' || platform === 'win32' ? platform : 'linux';
  const roaming = browser === 'firefox';
  const base = {
    linux: env['XDG_CONFIG_HOME'] || '~/.config',
    darwin: '~/Library/Application Support',
    win32: roaming ? env['APPDATA'] || '~/AppData/Roaming' : env['LOCALAPPDATA'] || '~/AppData/Local',
  }[system];
  return PROFILE_ROOTS[browser][system].map(place => files.resolve(place.startsWith('~') ? place : join(base, place)));
}

async function profileFolders(chosen: Browser, context: InspectContext, platform: string): Promise<readonly string[]> {
  const { browser, profile } = chosen;
  if (profile !== undefined && /[\\/]/.test(profile)) return [context.files.resolve(profile)];
  const roots = rootsOf(browser, context, platform);
  if (browser !== 'firefox') return roots.map(root => join(root, profile ?? 'Default'));
  return (
    await Promise.all(
      roots.map(async root => {
        const path = firefoxProfile((await context.files.read(join(root, 'profiles.ini'))) ?? '', profile);
        return path === undefined ? [] : [below(root, path)];
      }),
    )
  ).flat();
}

const below = (root: string, path: string): string => (isAbsolute(path) ? path : join(root, path));

type Section = Readonly<Record<string, string>>;

const sectionsOf = (ini: string): readonly Section[] =>
  ini.split(/^\[/m).map(text => {
    const [title = '', ...lines] = text.split(/\r?\n/);
    return { title, ...Object.fromEntries(lines.map(line => line.split(/=(.*)/s).slice(0, 2))) };
  });

const firefoxProfiles = (ini: string): readonly Section[] =>
  sectionsOf(ini).filter(({ title }) => title?.startsWith('Profile'));

/** The folder of the profile with this name or path, or of the one that Firefox starts with. */
function firefoxProfile(ini: string, wanted: string | undefined): string | undefined {
  const profiles = firefoxProfiles(ini);
  if (wanted !== undefined)
    return profiles.find(({ Name, Path }) => Name === wanted || Path?.split('/').at(-1) === wanted)?.['Path'];
  const installed = sectionsOf(ini).find(({ title, Default }) => title?.startsWith('Install') && Default);
  return installed?.['Default'] ?? (profiles.find(({ Default }) => Default === '1') ?? profiles[0])?.['Path'];
}
