import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isRecord } from '../../../sdk/base/json.ts';
import { configsIn, MANIFEST } from '../../../sdk/config-file/config-places.ts';
import type { Home } from '../../../sdk/system/home.ts';

/** What uninstalling removes, what it keeps, and what is not ours. All paths are absolute. */
export type OwnFiles = {
  readonly files: readonly string[];
  /** Removed if they are empty then. */
  readonly folders: readonly string[];
  /** Renewals that may not be in their credential files yet. They are kept. */
  readonly unsaved: readonly string[];
  readonly configs: readonly string[];
  /** Everything else in the home. It stays. */
  readonly others: readonly string[];
};

/** Our folders in the home, and the names of our files in them. */
const FOLDERS: Readonly<Record<string, RegExp>> = {
  cache: /\.[\da-f]{8}\.(mjs|cjs)$/,
  trusted: /^[\da-f]{32}\.json(\.[\da-f]{8})?$/,
  practice: /^token\.json$/,
  empty: /^$/,
};
/** After a name of ours: rotated, of an older version, or set aside. */
const SUFFIX = String.raw`(\.1|\.v\d+|\.(damaged|unreadable|foreign)-\d+)?`;

/**
 * Finds our own files by their names. Nothing else is touched: a user may keep a credential in the same folder. In a
 * folder that was never a home of ours, a `settings.json` belongs to another program, so nothing there is ours.
 */
export async function findOwnFiles(home: Home): Promise<OwnFiles> {
  const { stateDir, configDir, journal, trusted: _inFolders, ...ours } = home;
  if (!(await isOurs(home))) return NOTHING(await configFilesIn(configDir));
  const names = Object.values(ours).map(path => basename(path).replaceAll('.', '\\.'));
  const isOwn = new RegExp(`^(${names.join('|')})${SUFFIX}$`);
  // What a killed daemon leaves. A half-written file of another name may be a credential.
  const isLeft = new RegExp(
    `^\\.(${names.join('|')})\\.keepalive-|^keepalive-ui-[\\da-f-]{36}\\.html$|^starting\\.lock\\.holder$`,
  );
  const entries = await namesIn(stateDir);
  const inFolders = await Promise.all(Object.entries(FOLDERS).map(([name, own]) => filesIn(join(stateDir, name), own)));
  const files = entries.filter(name => isOwn.test(name) || isLeft.test(name)).map(name => join(stateDir, name));
  const configs = await configFilesIn(configDir);
  const folders = [...Object.keys(FOLDERS).map(name => join(stateDir, name)), journal, stateDir, configDir];
  const known = new Set([...files, ...configs, ...folders, join(stateDir, 'starting.lock')]);
  return {
    files: [...files, ...inFolders.flat()],
    folders: [join(stateDir, 'starting.lock'), ...new Set(folders)],
    unsaved: (await namesIn(journal)).map(name => join(journal, name)),
    configs,
    others: await othersIn([stateDir, configDir], known),
  };
}

const NOTHING = (configs: readonly string[]): OwnFiles => ({
  files: [],
  folders: [],
  unsaved: [],
  configs,
  others: [],
});

const configFilesIn = async (folder: string): Promise<readonly string[]> =>
  (await configsIn(folder)).filter(file => basename(file) !== MANIFEST);

/** Whether the folder has our log, or a file that only we write. */
async function isOurs({ stateDir, log, states, settings, endpoint }: Home): Promise<boolean> {
  const names = await namesIn(stateDir);
  if (names.some(name => name === basename(log) || name.startsWith('keepalive-ui-') || IS_SET_ASIDE.test(name)))
    return true;
  const found = await Promise.all([states, settings, endpoint].map(contentOf));
  return found.some(json => isRecord(json) && (isRecord(json['sessions']) || typeof json['token'] === 'string'));
}

const IS_SET_ASIDE = /\.(damaged|unreadable|foreign)-\d{13}$/;

async function contentOf(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether a daemon is starting now. It holds a lock, which it touches every few seconds. */
export async function isStarting({ stateDir }: Home, now: number): Promise<boolean> {
  const facts = await lstat(join(stateDir, 'starting.lock')).catch(() => undefined);
  return facts !== undefined && Math.abs(now - facts.mtimeMs) < STARTING_MS;
}

const STARTING_MS = 10_000;

async function othersIn(folders: readonly string[], known: ReadonlySet<string>): Promise<readonly string[]> {
  const all = await Promise.all(
    [...new Set(folders)].map(async folder => (await namesIn(folder)).map(name => join(folder, name))),
  );
  return all.flat().filter(path => !known.has(path));
}

/** A link to a folder elsewhere is not followed. */
async function filesIn(folder: string, own: RegExp): Promise<readonly string[]> {
  const facts = await lstat(folder).catch(() => undefined);
  if (!facts?.isDirectory()) return [];
  return (await namesIn(folder)).filter(name => own.test(name)).map(name => join(folder, name));
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch((): string[] => []);
