import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Jiti } from 'jiti';

const own = (file: string) => fileURLToPath(new URL(`./${file}${extname(import.meta.url)}`, import.meta.url));

/** What a user's file imports by the product's name is the running installation, also where its folder has no `node_modules`. */
const ALIAS = {
  'session-keepalive/sdk': own('index'),
  'session-keepalive/client': own('client'),
  'session-keepalive/testing': own('testing'),
  'session-keepalive': own('index'),
};

/** The default export of a user's file, TypeScript or JavaScript, read anew each time. */
export async function importFile(file: string, stateDir: string): Promise<unknown> {
  const jiti = await loader(file, stateDir);
  // Not imported: JavaScript that Node can load by itself would be kept by Node, and a change of it never be seen.
  const module = await jiti.evalModule(await readFile(file, 'utf8'), { filename: file, async: true, forceTranspile: true });
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : module;
}

/** The module that `name` means to code in `fromFile`, and where it is. */
export async function importModule(name: string, fromFile: string, stateDir: string): Promise<{ readonly module: unknown; readonly path: string }> {
  const jiti = await loader(fromFile, stateDir);
  const path = fileURLToPath(jiti.esmResolve(name));
  return { module: await jiti.import(path), path };
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
