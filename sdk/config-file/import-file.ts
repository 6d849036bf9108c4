import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Jiti } from 'jiti';

const own = (file: string) => fileURLToPath(new URL(`./${file}${extname(import.meta.url)}`, import.meta.url));

/** What a user's file imports by the product's name is the running installation, also where its folder has no `node_modules`. */
const ALIAS = {
  'session-keepalive/sdk': own('../index'),
  'session-keepalive/client': own('../client/client'),
  'session-keepalive/recipes': own('../recipes/index'),
  'session-keepalive/testing': own('../testing/index'),
  'session-keepalive': own('../index'),
};

/** The default export of a TypeScript or JavaScript file, read each time. `text`: what was checked, so that it is run. */
export async function importFile(file: string, stateDir: string, text?: string): Promise<unknown> {
  const jiti = await loader(file, stateDir);
  // Not imported: JavaScript that Node can load by itself would be kept by Node, and a change of it never be seen.
  const code = text ?? (await readFile(file, 'utf8'));
  const module = await jiti.evalModule(code, { filename: file, async: true, forceTranspile: true });
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : module;
}

type Imported = { readonly module: unknown; readonly path: string };

/** Imports the module that `name` means in `fromFile`. `approve` may refuse the file before it is run. */
export async function importModule(
  name: string,
  fromFile: string,
  stateDir: string,
  approve: (path: string) => Promise<void>,
): Promise<Imported> {
  const jiti = await loader(fromFile, stateDir);
  const path = fileURLToPath(jiti.esmResolve(name));
  await approve(path);
  return { module: await jiti.import(path), path };
}

/** The files that names mean in `fromFile`, undefined for those that are none. Runs nothing. */
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
    // Read anew, so that a reload sees what has changed.
    moduleCache: false,
    // Not jiti's own place, which may be a folder that everybody can write: what lies there is run.
    fsCache: join(stateDir, 'cache'),
  });
}
