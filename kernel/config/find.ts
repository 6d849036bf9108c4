import { lstat, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CosmiconfigResult, PublicExplorer } from 'cosmiconfig';
import { KeepaliveError } from '../../sdk/errors.ts';
import { expandHome, type Home } from '../../sdk/home.ts';
import { checkConfig, configInvalid, WITHOUT_FILE, type ResolvedConfig } from './config.ts';
import { importFile } from '../../sdk/import-file.ts';

const EXTENSIONS = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'];
const PLACES = [
  ...EXTENSIONS.map(extension => `keepalive.config.${extension}`),
  ...['', '.json', '.yaml', '.yml'].map(extension => `.keepaliverc${extension}`),
  'package.json',
];

/** Finds, loads and checks the configuration. A file given by name must exist; otherwise none is fine. */
export async function findConfig(home: Home, file: string | undefined, cwd: string = process.cwd()): Promise<ResolvedConfig> {
  if (file !== undefined) return check(await attempt(expandHome(file), async path => (await explore(home)).load(path)));
  for (const folder of new Set([home.configDir, resolve(cwd)])) {
    const names = (await namesIn(folder)).filter(name => PLACES.includes(name));
    // Most folders hold nothing of ours; then the explorer and its parsers need not be loaded.
    if ((folder === home.configDir ? names : await trusted(folder, names)).length === 0) continue;
    const found = await attempt(folder, async path => (await explore(home)).search(path));
    if (found && found.isEmpty !== true) return check(found);
  }
  return WITHOUT_FILE;
}

async function explore(home: Home): Promise<PublicExplorer> {
  const { cosmiconfig, defaultLoaders } = await import('cosmiconfig');
  const load = (path: string) => importFile(path, home.stateDir);
  const code = Object.fromEntries(['.ts', '.mts', '.js', '.mjs', '.cjs'].map(extension => [extension, load]));
  return cosmiconfig('keepalive', {
    searchPlaces: PLACES, packageProp: 'keepalive', loaders: { ...defaultLoaders, ...code }, cache: false,
    // Never parents: a configuration is code, and a stranger's folder must not bring its own.
    searchStrategy: 'none',
  });
}

/**
 * A configuration is code, and anybody may leave one in a folder like /tmp for whoever comes by. Throws where it is somebody else's; his package.json
 * may lie in any folder that one works in, and only does not count.
 */
async function trusted(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const own = await Promise.all(names.map(async name => ((await isForeign(join(folder, name))) ? [] : [name])));
  const foreign = names.find(name => name !== 'package.json' && !own.flat().includes(name));
  if (foreign === undefined) return own.flat();
  throw configInvalid(join(folder, foreign), [{ path: '', message: 'It belongs to another user, and a configuration is code. If you trust it, name it with --config.' }]);
}

/** Whether a file, or the link to it, is neither the user's own nor the system's. */
async function isForeign(file: string): Promise<boolean> {
  if (!process.getuid) return false;
  const owners = await Promise.all([lstat(file), stat(file)]).then(all => all.map(({ uid }) => uid), () => []);
  return owners.some(uid => uid !== 0 && uid !== process.getuid?.());
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

const check = (found: CosmiconfigResult): ResolvedConfig => (found ? checkConfig(found.filepath, found.config) : WITHOUT_FILE);

async function attempt(path: string, load: (path: string) => Promise<CosmiconfigResult>): Promise<CosmiconfigResult> {
  try {
    return await load(path);
  } catch (error) {
    const { code, filepath, message } = error as NodeJS.ErrnoException & { filepath?: string };
    if (code === 'ENOENT' && filepath === undefined) throw new KeepaliveError('KA_CONFIG_NOT_FOUND', { file: path }, error);
    if (code === 'ENOTDIR') return null;
    // Of data, the parser's own error has the text in it; of code, it says where it went wrong.
    const cause = /^(JSON|YAML) Error in /.test(message) ? undefined : error;
    throw configInvalid(filepath ?? path, [{ path: '', message: briefly(message) }], cause);
  }
}

/** What is wrong, and in which line; without the text that parsers show before, behind and below it, for there may be a secret in that. */
function briefly(message: string): string {
  const lines = message.split('\n').map(line => line.trim()).filter(Boolean);
  const sentence = lines.find(line => !/ Error in .*:$/.test(line) && !/^>?\s*\d*\s*\|/.test(line)) ?? message;
  const what = sentence.replace(/(, (\.{3})?"| in JSON at | while parsing ).*/, '');
  const [, line] = /^>\s*(\d+) \|/m.exec(message) ?? /^\s*\S+\.\w+:(\d+):\d+$/m.exec(message) ?? [];
  return line === undefined ? what : `${what} (line ${line})`;
}
