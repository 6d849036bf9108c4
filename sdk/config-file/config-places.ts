import { existsSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPlainFile } from '../system/plain-file.ts';

export const CODE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs', '.cjs'];
const DATA_EXTENSIONS = ['.json', '.yaml', '.yml'];
export const MANIFEST = 'package.json';
export const MANIFEST_KEY = 'keepalive';

/** A repository may contain a file of any size, and every command would read it. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The names of a configuration, in the order in which they are looked for. */
const PLACES = [
  ...[...CODE_EXTENSIONS, ...DATA_EXTENSIONS].map(extension => `keepalive.config${extension}`),
  ...['', ...DATA_EXTENSIONS].map(extension => `.keepaliverc${extension}`),
  MANIFEST,
];

/** The configurations in a folder, in order of precedence. */
export async function configsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files: string[] = [];
  for (const name of PLACES.filter(place => names.includes(place))) {
    const file = join(folder, name);
    if (name !== MANIFEST || (await isOurs(file))) files.push(file);
  }
  return files;
}

/** The example that comes with this installation. It says what its authors keep alive, not what the user does. */
const EXAMPLE = realOrSame(join(upwards('package.json'), 'keepalive.config.ts'));

/** The configurations in a working directory. In a clone, the example of the running program is not one. */
export async function configsHere(folder: string): Promise<readonly string[]> {
  return (await configsIn(folder)).filter(file => realOrSame(file) !== EXAMPLE);
}

/** The nearest folder above this module that has the file. */
function upwards(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, name)) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

function realOrSame(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

/** A package.json with our key. Any other is ignored, even if it is broken. */
async function isOurs(file: string): Promise<boolean> {
  const text = await readPlainFile(file, MOST_BYTES).then(withoutMark, () => '');
  if (!text.includes(`"${MANIFEST_KEY}"`)) return false;
  try {
    return (Object(JSON.parse(text))[MANIFEST_KEY] ?? undefined) !== undefined;
  } catch {
    return true;
  }
}

/** The text without a byte order mark. */
export const withoutMark = (bytes: Buffer): string => bytes.toString('utf8').replace(/^\uFEFF/, '');
