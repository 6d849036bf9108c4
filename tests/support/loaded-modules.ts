import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The coverage of a process, which lists all files that it has loaded, is written here when it ends. */
export const coverageIn = (folder: string) => ({ NODE_V8_COVERAGE: join(folder, 'coverage') });

/** The modules in the files that it has loaded: `dist/…` of ours, `node_modules/…` of others, `node:…` left out. */
export function modulesLoadedIn(folder: string): readonly string[] {
  const coverage = join(folder, 'coverage');
  const files = readdirSync(coverage).flatMap(name => {
    const { result }: { result: readonly { url: string }[] } = JSON.parse(readFileSync(join(coverage, name), 'utf8'));
    return result.map(({ url }) => url).filter(url => url.startsWith('file:'));
  });
  return [...new Set(files.map(url => fileURLToPath(url)))].flatMap(modulesOf);
}

/** The modules that were packed into a file; the file itself, if nothing was packed into it. */
function modulesOf(file: string): readonly string[] {
  const packed = readFileSync(file, 'utf8').matchAll(/^\s*\/\/(?:#region)? ?((?:dist|node_modules)\/\S+)$/gm);
  const modules = [...packed].map(([, module = '']) => module);
  return modules.length > 0 ? modules : [file.replaceAll('\\', '/').replace(/^.*\/(?=(dist|node_modules)\/)/, '')];
}

/** The packages among the modules. */
export const packagesOf = (modules: readonly string[]): readonly string[] =>
  [...new Set(modules.flatMap(module => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1] ?? []))].toSorted();
