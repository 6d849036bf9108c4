import { isAbsolute, join } from 'node:path';
import type { InspectContext } from '../provider.ts';

/** A browser that the user chose, and which of its profiles. */
export type Browser = {
  readonly browser: BrowserName;
  /** By its folder's name, or a path; of Firefox also by the profile's name. [the default one] */
  readonly profile?: string | undefined;
};

export const BROWSERS = ['chrome', 'chromium', 'edge', 'brave', 'firefox'] as const;
export type BrowserName = (typeof BROWSERS)[number];

/** How a person calls it. */
export const nameOf = ({ browser }: Browser): string =>
  (browser === 'edge' ? 'Microsoft Edge' : browser.charAt(0).toUpperCase() + browser.slice(1));

type Places = Readonly<Record<'linux' | 'darwin' | 'win32', readonly string[]>>;

/** Below: the user's configuration on Linux, `~/Library/Application Support` on macOS, the local or roaming `AppData` on Windows. */
const PLACES: Readonly<Record<BrowserName, Places>> = {
  chrome: { linux: ['google-chrome'], darwin: ['Google/Chrome'], win32: ['Google/Chrome/User Data'] },
  chromium: { linux: ['chromium', '~/snap/chromium/common/chromium'], darwin: ['Chromium'], win32: ['Chromium/User Data'] },
  edge: { linux: ['microsoft-edge'], darwin: ['Microsoft Edge'], win32: ['Microsoft/Edge/User Data'] },
  brave: {
    linux: ['BraveSoftware/Brave-Browser'], darwin: ['BraveSoftware/Brave-Browser'], win32: ['BraveSoftware/Brave-Browser/User Data'],
  },
  firefox: {
    linux: ['~/.mozilla/firefox', 'mozilla/firefox', '~/snap/firefox/common/.mozilla/firefox'],
    darwin: ['Firefox'],
    win32: ['Mozilla/Firefox'],
  },
};

/** The database of its cookies; undefined where there is none. */
export async function locateCookies(chosen: Browser, context: InspectContext, platform: NodeJS.Platform): Promise<string | undefined> {
  const isFirefox = chosen.browser === 'firefox';
  for (const folder of await profileFolders(chosen, context, platform)) {
    for (const name of isFirefox ? ['cookies.sqlite'] : ['Network/Cookies', 'Cookies']) {
      const facts = await context.files.stat(join(folder, name));
      if (facts) return facts.path;
    }
  }
  return undefined;
}

async function profileFolders(
  { browser, profile }: Browser, { env, files }: InspectContext, platform: NodeJS.Platform,
): Promise<readonly string[]> {
  if (profile !== undefined && /[\\/]/.test(profile)) return [files.resolve(profile)];
  const system = platform === 'darwin' || platform === 'win32' ? platform : 'linux';
  const roaming = browser === 'firefox';
  const below = {
    linux: env['XDG_CONFIG_HOME'] || '~/.config',
    darwin: '~/Library/Application Support',
    win32: roaming ? env['APPDATA'] || '~/AppData/Roaming' : env['LOCALAPPDATA'] || '~/AppData/Local',
  }[system];
  const roots = PLACES[browser][system].map(place => files.resolve(place.startsWith('~') ? place : join(below, place)));
  if (browser !== 'firefox') return roots.map(root => join(root, profile ?? 'Default'));
  return (await Promise.all(roots.map(async root => {
    const path = firefoxProfile(await files.read(join(root, 'profiles.ini')) ?? '', profile);
    return path === undefined ? [] : [isAbsolute(path) ? path : join(root, path)];
  }))).flat();
}

/** The folder of a profile by its name or path; or of the one that Firefox starts with. */
function firefoxProfile(ini: string, wanted: string | undefined): string | undefined {
  const sections = ini.split(/^\[/m).map(text => {
    const [title = '', ...lines] = text.split(/\r?\n/);
    return { title, ...Object.fromEntries(lines.map(line => line.split(/=(.*)/s).slice(0, 2))) } as Readonly<Record<string, string>>;
  });
  const profiles = sections.filter(({ title }) => title?.startsWith('Profile'));
  if (wanted !== undefined) return profiles.find(({ Name, Path }) => Name === wanted || Path?.split('/').at(-1) === wanted)?.['Path'];
  const installed = sections.find(({ title, Default }) => title?.startsWith('Install') && Default);
  return installed?.['Default'] ?? (profiles.find(({ Default }) => Default === '1') ?? profiles[0])?.['Path'];
}
