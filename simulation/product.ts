import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { rolldown, type Plugin } from 'rolldown';
import type { startDaemon } from '../kernel/start/daemon.ts';
import type { Program } from './world/program.ts';
import { requireOf } from './node/builtins.ts';
import { globalsOf } from './node/globals.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Where the product is installed on a simulated machine. */
export const APP = '/app';

/** Modules that the product finds by their files, and what loads them later. */
const simulated = (root: string): Plugin => ({
  name: 'simulated',
  transform(code, id) {
    if (!id.startsWith(root) || id.includes('/node_modules/')) return null;
    const url = JSON.stringify(`file://${APP}/${relative(root, id).replace(/\.ts$/, '.js')}`);
    return code
      .replaceAll('import.meta.url', url)
      .replaceAll('import(pathToFileURL(', 'globalThis.loadModule(pathToFileURL(');
  },
});

/** Packages that would load native code or start programs, and that no simulated session needs. */
const OUTSIDE = [
  '@lydell/node-pty',
  '@jellybrick/dbus-next',
  'koffi',
  'ps-list',
  'undici',
  'jiti',
  'sql.js',
  'typescript',
  'pg',
  'execa',
];

/** What the packed product exports. */
export type Entry = { readonly startDaemon: typeof startDaemon };

/** What a simulated program starts from: the whole product in one script, compiled once and run by each program. */
export class Product {
  private constructor(private readonly run: (...given: readonly unknown[]) => Entry) {}

  /** Packs the source in `root`, which may be a copy with a planted bug. */
  static async pack(root = ROOT): Promise<Product> {
    const bundle = await rolldown({
      input: join(root, 'simulation/entry.ts'),
      platform: 'node',
      external: [/^node:/, ...OUTSIDE, 'bufferutil', 'utf-8-validate'],
      plugins: [simulated(root)],
      checks: { ineffectiveDynamicImport: false, circularDependency: false },
      logLevel: 'silent',
    });
    const { output } = await bundle.generate({ format: 'cjs', codeSplitting: false });
    // Modules that are loaded late come from the simulation too.
    const code = output[0].code.replaceAll(/\bimport\("([^"]+)"\)/g, 'Promise.resolve().then(() => require("$1"))');
    const names = ['exports', 'require', ...GLOBALS].join(', ');
    const script = new Script(`(function (${names}) { ${code}\nreturn exports; })`, { filename: 'product.js' });
    return new Product(script.runInThisContext());
  }

  /** Loads the product in a program, and returns what its entry exports. */
  load(program: Program, fetch: typeof globalThis.fetch, modules: Readonly<Record<string, unknown>>): Entry {
    const globals = globalsOf(program, fetch);
    const require = requireOf(program, { ...modules, process: globals['process'] });
    return this.run({}, require, ...GLOBALS.map(name => globals[name]));
  }
}

const GLOBALS = [
  'process',
  'globalThis',
  'global',
  'Date',
  'Math',
  'performance',
  'fetch',
  'crypto',
  'AbortSignal',
].concat(['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate']);
