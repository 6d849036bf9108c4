import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { slashed } from './licences.ts';

const IMPORT = /(?:from |import\()['"](\.[^'"]+)['"]/g;
const OF_ZOD = /^import (type )?\{ z \} from 'zod';$/m;

/** The files that a declaration imports, and those that they import. */
export function reachable(roots: readonly string[]): ReadonlySet<string> {
  const found = new Set(roots);
  for (const file of found)
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(IMPORT))
      found.add(join(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')));
  return found;
}

/**
 * Leaves only the declarations that the exports reach. They take the types of Zod from our own file: Zod is packed, so
 * an installation does not have it.
 */
export function keepDeclarations(dist: string, roots: readonly string[]): void {
  const kept = reachable(roots.map(root => join(dist, root)));
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.d.ts')))
    if (!kept.has(join(dist, file))) rmSync(join(dist, file));
  const zod = join(dist, 'sdk/contract/zod.d.ts');
  cpSync(fileURLToPath(new URL('zod.d.ts', import.meta.url)), zod);
  for (const file of kept) {
    const text = readFileSync(file, 'utf8');
    const path = slashed(relative(dirname(file), zod)).replace(/\.d\.ts$/, '.ts');
    const own = path.startsWith('.') ? path : `./${path}`;
    writeFileSync(
      file,
      text.replace(OF_ZOD, (_line, type = '') => `import ${type}* as z from '${own}';`),
    );
  }
}
