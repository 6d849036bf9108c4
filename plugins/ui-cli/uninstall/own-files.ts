import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
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
  cache: /\.(mjs|cjs|js|map)$/,
  trusted: /^[\da-f]{32}\.json(\.[\da-f]{8})?$/,
  practice: /^token\.json$/,
  empty: /^$/,
};
/** After a name of ours: rotated, of an older version, or set aside. */
const SUFFIX = String.raw`(\.1|\.v\d+|\.(damaged|unreadable|foreign)-\d+)?`;

/** Finds our own files by their names. Nothing else is touched: a user may keep a credential in the same folder. */
export async function findOwnFiles(home: Home): Promise<OwnFiles> {
  const { stateDir, configDir, journal, trusted: _inFolders, ...ours } = home;
  const names = Object.values(ours).map(path => basename(path).replaceAll('.', '\\.'));
  const isOwn = new RegExp(`^(${names.join('|')})${SUFFIX}$`);
  // What a killed daemon leaves. A half-written file of another name may be a credential.
  const isLeft = new RegExp(
    `^\\.(${names.join('|')})\\.keepalive-|^keepalive-ui-[\\da-f-]{36}\\.html$|^starting\\.lock\\.holder$`,
  );
  const entries = await namesIn(stateDir);
  const inFolders = await Promise.all(Object.entries(FOLDERS).map(([name, own]) => filesIn(join(stateDir, name), own)));
  const files = entries.filter(name => isOwn.test(name) || isLeft.test(name)).map(name => join(stateDir, name));
  const configs = (await configsIn(configDir)).filter(file => basename(file) !== MANIFEST);
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
