import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Jiti } from 'jiti';

const own = (file: string) => fileURLToPath(new URL(`./${file}${extname(import.meta.url)}`, import.meta.url));

/** A user's file that imports the product gets the running installation, even if its folder has no `node_modules`. */
const ALIAS = {
  'session-keepalive/sdk': own('../index'),
  'session-keepalive/client': own('../client/client'),
  'session-keepalive/recipes': own('../recipes/index'),
  'session-keepalive/testing': own('../testing/index'),
  'session-keepalive': own('../index'),
};

/** The default export of a TypeScript or JavaScript file, read each time. `text` is the text that was checked. */
export async function importFile(file: string, stateDir: string, text?: string): Promise<unknown> {
  const jiti = await loader(file, stateDir);
  // No native import: Node would cache the JavaScript, and later changes would not be seen.
  const code = text ?? (await readFile(file, 'utf8'));
  const module = await jiti.evalModule(code, { filename: file, async: true, forceTranspile: true });
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : module;
}

type Imported = { readonly module: unknown; readonly path: string };

/**
 * Imports the module that `name` resolves to in `fromFile`; undefined if it resolves to nothing. `approve` may reject
 * the file before it is run.
 */
export async function importModule(
  name: string,
  fromFile: string,
  stateDir: string,
  approve: (path: string) => Promise<void>,
): Promise<Imported | undefined> {
  const jiti = await loader(fromFile, stateDir);
  const url = jiti.esmResolve(name, { try: true });
  if (!url?.startsWith('file:')) return undefined;
  const path = fileURLToPath(url);
  await approve(path);
  return { module: await jiti.import(path), path };
}

/** The files that names resolve to in `fromFile`; undefined for a name without a file. Runs nothing. */
export async function resolveModules(
  names: readonly string[],
  fromFile: string,
  stateDir: string,
): Promise<readonly (string | undefined)[]> {
  const jiti = await loader(fromFile, stateDir);
  return names.map(name => {
    const url = jiti.esmResolve(name, { try: true });
    return url?.startsWith('file:') ? fileURLToPath(url) : undefined;
  });
}

async function loader(fromFile: string, stateDir: string): Promise<Jiti> {
  const { createJiti } = await import('jiti');
  return createJiti(fromFile, {
    alias: ALIAS,
    // Read again, so that a reload sees changes.
    moduleCache: false,
    // Not jiti's default cache, which may be a folder that every user can write: its content is run.
    fsCache: join(stateDir, 'cache'),
  });
}
