import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
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
