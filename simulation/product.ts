import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { rolldown, type InputOptions, type Plugin } from 'rolldown';
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
      .replaceAll('MAX_SLEEP_MS = 4_400', 'MAX_SLEEP_MS = 60_000')
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

const CONTRACT = 'sdk/contract/';

/**
 * The schemas read neither clocks nor chance and keep nothing, and making them takes half of a program's start. So all
 * programs have the same ones.
 */
const apart = (root: string): Plugin => ({
  name: 'apart',
  async resolveId(source, importer) {
    if (source === 'zod') return { id: 'zod', external: true };
    const found = importer?.startsWith(root) ? await this.resolve(source, importer, { skipSelf: true }) : null;
    const path = found && relative(root, found.id);
    return path?.startsWith(CONTRACT) ? { id: path, external: true } : found;
  },
});

const ENTRY = 'schemas';

/** An entry that exports each schema's module under its path. */
const schemas = (root: string): Plugin => ({
  name: 'schemas',
  resolveId: source => (source === ENTRY ? source : null),
  load(id) {
    if (id !== ENTRY) return null;
    const paths = readdirSync(join(root, CONTRACT)).filter(name => name.endsWith('.ts'));
    return paths
      .map(name => `export * as ${JSON.stringify(CONTRACT + name)} from '${join(root, CONTRACT, name)}';`)
      .join('\n');
  },
});

type Modules = Readonly<Record<string, unknown>>;

async function schemasOf(root: string): Promise<Modules> {
  const code = await pack({ input: ENTRY, external: ['zod'], plugins: [schemas(root)] });
  const made: Record<string, unknown> = {};
  const require = createRequire(import.meta.url);
  new Script(`(function (exports, require) { ${code} })`, { filename: 'schemas.js' }).runInThisContext()(made, require);
  return { ...made, zod: require('zod') };
}

async function pack(options: InputOptions): Promise<string> {
  const bundle = await rolldown({
    platform: 'node',
    checks: { ineffectiveDynamicImport: false, circularDependency: false },
    logLevel: 'silent',
    ...options,
  });
  const { output } = await bundle.generate({ format: 'cjs', codeSplitting: false });
  return output[0].code;
}

/** What the packed product exports. */
export type Entry = { readonly startDaemon: typeof startDaemon };

/** What a simulated program starts from: the whole product in one script, compiled once and run by each program. */
export class Product {
  private constructor(
    private readonly run: (...given: readonly unknown[]) => Entry,
    private readonly schemas: Modules,
  ) {}

  /** Packs the source in `root`, which may be a copy with a planted bug. */
  static async pack(root = ROOT): Promise<Product> {
    const code = await pack({
      input: join(root, 'simulation/entry.ts'),
      external: [/^node:/, ...OUTSIDE, 'bufferutil', 'utf-8-validate'],
      plugins: [apart(root), simulated(root)],
    });
    // Modules that are loaded late come from the simulation too.
    const late = code.replaceAll(/\bimport\("([^"]+)"\)/g, 'Promise.resolve().then(() => require("$1"))');
    const names = ['exports', 'require', ...GLOBALS].join(', ');
    const script = new Script(`(function (${names}) { ${late}\nreturn exports; })`, { filename: 'product.js' });
    return new Product(script.runInThisContext(), await schemasOf(root));
  }

  /** Loads the product in a program, and returns what its entry exports. */
  load(program: Program, fetch: typeof globalThis.fetch, modules: Modules): Entry {
    const globals = globalsOf(program, fetch);
    const require = requireOf(program, { ...this.schemas, ...modules, process: globals['process'] });
    return this.run({}, require, ...GLOBALS.map(name => globals[name]));
  }
}

const GLOBALS = [
  'process',
  'globalThis',
  'global',
  'Date',
  'Math',
  'Reflect',
  'performance',
  'fetch',
  'crypto',
  'AbortSignal',
].concat(['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate']);
