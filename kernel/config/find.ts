import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { KeepaliveError } from '../../sdk/errors.ts';
import { expandHome, type Home } from '../../sdk/home.ts';
import { importFile } from '../../sdk/import-file.ts';
import { readPlainFile } from '../../sdk/plain-file.ts';
import { isMissing } from '../files/errno.ts';
import { checkConfig, configInvalid, show, WITHOUT_FILE, type ResolvedConfig } from './config.ts';
import { isEndless } from './options.ts';

const CODE = ['.ts', '.mts', '.js', '.mjs', '.cjs'];
const DATA = ['.json', '.yaml', '.yml'];
const MANIFEST = 'package.json';
const KEY = 'keepalive';
/** In the order in which they are looked for. */
const PLACES = [...[...CODE, ...DATA].map(extension => `keepalive.config${extension}`), ...['', ...DATA].map(extension => `.keepaliverc${extension}`), MANIFEST];

/** One that asks a password store may take a while; one that waits for ever must not keep the daemon from saying so. */
export const LOAD_LIMIT_MS = 20_000;
const FOREIGN = 'It belongs to another user, and a configuration is code. If you trust it, name it with --config.';

/** Finds, loads and checks the configuration. A file given by name must exist; otherwise none is fine. */
export async function findConfig(home: Home, file: string | undefined, cwd: string = process.cwd()): Promise<ResolvedConfig> {
  if (file !== undefined) return load(expandHome(file), home);
  // Never parents: a configuration is code, and a stranger's folder must not bring its own.
  for (const folder of new Set([home.configDir, resolve(cwd)])) {
    const names = await readdir(folder).catch((): string[] => []);
    for (const name of PLACES.filter(place => names.includes(place))) {
      const path = join(folder, name);
      if (name === MANIFEST && !(await isOurs(path))) continue;
      if (folder === home.configDir || !(await isForeign(path))) return load(path, home);
      // A stranger's package.json may lie in any folder that one works in, and only does not count.
      if (name !== MANIFEST) throw configInvalid(path, [{ path: '', message: FOREIGN }]);
    }
  }
  return WITHOUT_FILE;
}

/** Whether a file, or the link to it, is neither the user's own nor the system's: anybody may leave one in a folder like /tmp for whoever comes by. */
async function isForeign(file: string): Promise<boolean> {
  if (!process.getuid) return false;
  const owners = await Promise.all([lstat(file), stat(file)]).then(all => all.map(({ uid }) => uid), () => []);
  return owners.some(uid => uid !== 0 && uid !== process.getuid?.());
}

async function load(path: string, home: Home): Promise<ResolvedConfig> {
  try {
    return checkConfig(path, await read(path, home));
  } catch (error) {
    if (error instanceof KeepaliveError) throw error;
    if (isMissing(error) && error instanceof Error && 'path' in error && error.path === path) throw new KeepaliveError('KA_CONFIG_NOT_FOUND', { file: path }, error);
    // In a terminal, and in CI, parsers colour what they show.
    const message = error instanceof Error ? stripVTControlCharacters(error.message) : `it threw ${show(error)}`;
    // Of data, the parser's own error has the text in it; of code, it says where it went wrong.
    const cause = /^(JSON|YAML) Error in /.test(message) ? undefined : error;
    throw configInvalid(path, [{ path: '', message: briefly(message) }], cause);
  }
}

/** What the file says. One of JSON or YAML that is empty says nothing, and is refused: a disk may have been full. */
async function read(path: string, { stateDir }: Home): Promise<unknown> {
  const text = (await readPlainFile(path)).toString('utf8');
  const extension = extname(path);
  if (CODE.includes(extension)) return withinLimit(importFile(path, stateDir));
  const { defaultLoaders } = await import('cosmiconfig');
  const value: unknown = await defaultLoaders[extension === '.json' ? '.json' : '.yaml'](path, text);
  if (isEndless(value)) throw new Error('it is nested too deep, or too large');
  return basename(path) === MANIFEST ? Object(value)[KEY] : value;
}

/** A package.json with our key. Any other is none of our business, whatever is the matter with it. */
async function isOurs(path: string): Promise<boolean> {
  const text = await readPlainFile(path).then(String, () => '');
  if (!text.includes(`"${KEY}"`)) return false;
  try {
    return (Object(JSON.parse(text))[KEY] ?? undefined) !== undefined;
  } catch {
    return true;
  }
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not loaded within ${LOAD_LIMIT_MS / 1_000} s`)), LOAD_LIMIT_MS);
  });
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}

/** What is wrong, and in which line; without the text that parsers show before, behind and below it, for there may be a secret in that. */
function briefly(message: string): string {
  const lines = message.split('\n').map(line => line.trim()).filter(Boolean);
  const sentence = lines.find(line => !/ Error in .*:$/.test(line) && !/^>?\s*\d*\s*\|/.test(line)) ?? 'it does not parse';
  const what = sentence.replace(/(, (\.{3})?"| in JSON at | while parsing ).*/, '');
  const [, line] = /^>\s*(\d+) \|/m.exec(message) ?? /^\s*\S+\.\w+:(\d+):\d+$/m.exec(message) ?? [];
  return line === undefined ? what : `${what} (line ${line})`;
}
