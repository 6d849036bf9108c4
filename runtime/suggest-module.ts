import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { didYouMean } from '../sdk/base/nearest.ts';
import { pathIn } from '../sdk/config-file/module-path.ts';

const PREFIX = 'keepalive-plugin-';
const EMPTY = 'The folder has no index.js or index.ts, and no package.json that names an existing file.';
const UNBUILT = 'It is installed, but the file that its package.json names is not there: it may not have been built.';
const CODE_FILE = /\.[cm]?[jt]s$/;

/** What the user may have meant by the name of a plugin that was not found. */
export function suggestModule(name: string, configFile: string, builtins: readonly string[]): string | undefined {
  const path = pathIn(name, configFile);
  if (path !== undefined) return existsSync(path) ? EMPTY : suggestFile(name, path);
  const beside = namesIn(dirname(configFile));
  if (beside.includes(name) && CODE_FILE.test(name)) return `Write "./${name}": a name without "./" is a package.`;
  const packages = packagesAbove(configFile);
  if (packages.includes(name)) return UNBUILT;
  if (packages.includes(PREFIX + name)) return `Did you mean "${PREFIX}${name}"?`;
  const files = beside.filter(file => CODE_FILE.test(file)).map(file => `./${file}`);
  return didYouMean(name, [...builtins, ...packages]).trim() || didYouMean(`./${name}`, files).trim() || undefined;
}

function suggestFile(name: string, path: string): string | undefined {
  const folder = name.slice(0, name.length - basename(path).length);
  const files = namesIn(dirname(path)).filter(file => CODE_FILE.test(file));
  const sameName = files.find(file => file.replace(CODE_FILE, '') === basename(path));
  if (sameName !== undefined) return `Did you mean "${folder}${sameName}"?`;
  const [, close] = /"(.*)"/.exec(didYouMean(basename(path), files)) ?? [];
  return close === undefined ? undefined : `Did you mean "${folder}${close}"?`;
}

/** The plugins that are installed for the configuration. */
function packagesAbove(configFile: string): readonly string[] {
  const found = new Set<string>();
  for (let folder = dirname(resolve(configFile)); ; folder = dirname(folder)) {
    for (const name of namesIn(join(folder, 'node_modules'))) if (name.startsWith(PREFIX)) found.add(name);
    if (folder === dirname(folder)) return [...found];
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // There is none, or it cannot be read. It only gives ideas.
  }
}
