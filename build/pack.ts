import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type ChunkingContext, type Plugin } from 'rolldown';
import { buildClient } from './client.ts';
import { keepDeclarations } from './declarations.ts';
import { licences, packagesIn, slashed } from './licences.ts';
import { PACKED_PACKAGES, PAGE_PACKAGES } from './packed-packages.ts';
import { writeSbom } from './sbom.ts';

// Packs our modules, and packages that they load, into few files, without their unused parts. Finding, reading and
// linking hundreds of files took most of the start time, and memory while the daemon runs.

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DIST = join(ROOT, 'dist/');
const MODULES = join(ROOT, 'node_modules/');

/** What starts often. It loads the packed files that have its name, and no others. */
const STARTS: Readonly<Record<string, readonly string[]>> = {
  prompt: ['plugins/ui-cli/prompt/quick.js'],
  gate: [
    'plugins/ui-cli/gate/inherited-descriptors.js',
    'plugins/ui-cli/gate/quick-gate.js',
    'plugins/ui-cli/gate/become.js',
  ],
  first: ['sdk/system/refuse-debugger.js', 'sdk/system/search-path.js', 'sdk/system/young-space.js'],
  // Completion, which runs at a shell's start, shares the names of the methods with the daemon, and nothing else.
  command: ['plugins/ui-cli/cli.js', 'plugins/ui-cli/commands/see/check.js', 'sdk/contract/access.js'],
  socket: ['sdk/client/open-socket.js'],
  here: ['kernel/start/here.js'],
  daemon: ['kernel/start/daemon.js'],
  worker: ['runtime/worker/worker-host.js'],
  recipes: ['sdk/recipes/index.js'],
  sdk: ['sdk/index.js'],
};

/** They load little, and most of it is part of every other start too: one file each, whatever else loads it. */
const WHOLE = ['prompt', 'first'];

/** Modules that are found by their file: by package.json, by a plugin's name, or by another module. */
const FOUND_BY_FILE = [
  /^(kernel|plugins\/ui-cli|plugins\/ui-tray\/process|runtime\/(worker|trial))\/main\.js$/,
  /^plugins\/[^/]+\/index\.js$/,
  /^plugins\/ui-tray\/windows\/worker\.js$/,
  /^runtime\/(installation|worker\/watchdog)\.js$/,
  /^sdk\/(recipes\/|testing\/)?index\.js$/,
];

const emitted = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).map(slashed);
const compiled = emitted.filter(file => file.endsWith('.js'));
const entries = compiled.filter(file => FOUND_BY_FILE.some(pattern => pattern.test(file)));

/** What the package exports besides documents. */
const EXPORTED = ['sdk/index', 'sdk/client/client', 'sdk/recipes/index', 'sdk/testing/index'];

/** sql.js finds its binary beside itself, and is loaded rarely: these two of its files are copied. */
const SQL = { from: join(MODULES, 'sql.js/dist'), script: join(DIST, 'packed/sql-wasm.cjs'), binary: 'sql-wasm.wasm' };

/** cosmiconfig would load it for a format that we load ourselves. */
const COMPILER = 'typescript';

const apart: Plugin = {
  name: 'apart',
  resolveId(id, importer) {
    if (id === COMPILER) return `\0${COMPILER}`;
    if (id === 'sql.js') return { id: SQL.script, external: 'relative' };
    const isOurs = importer !== undefined && slashed(importer).startsWith(slashed(DIST));
    return isOurs && !id.startsWith('.') && !PACKED_PACKAGES.includes(id) ? { id, external: 'absolute' } : null;
  },
  load: id => (id === `\0${COMPILER}` ? 'export {};' : null),
  // Packed modules do not run in import order, but tsyringe needs reflect-metadata as soon as it is loaded.
  transform: (code, id) =>
    slashed(id).endsWith('/tsyringe/dist/cjs/index.js') ? `require('reflect-metadata');${code}` : null,
};

/** A module that finds files from where it is itself is still there, as far as it knows. */
const located: Plugin = {
  name: 'located',
  transform: (code, id) =>
    slashed(id).startsWith(slashed(DIST))
      ? code.replaceAll('import.meta.url', `new URL("${MARK}${slashed(relative(DIST, id))}", import.meta.url).href`)
      : null,
  renderChunk: (code, { fileName }) => code.replaceAll(MARK, '../'.repeat(fileName.split('/').length - 1)),
};
const MARK = 'dist:';

/** The names of the starts that load a module. */
function startsOf(id: string, context: ChunkingContext): string | null {
  const names = Object.keys(STARTS).filter(name =>
    STARTS[name]?.some(file => reachedFrom(join(DIST, file), context).has(id)),
  );
  return names.find(name => WHOLE.includes(name)) ?? (names.join('-') || null);
}

const reached = new Map<string, ReadonlySet<string>>();

/** All modules that a module loads. */
function reachedFrom(id: string, context: ChunkingContext): ReadonlySet<string> {
  const known = reached.get(id);
  if (known) return known;
  const found = new Set([id]);
  for (const module of found)
    for (const imported of context.getModuleInfo(module)?.importedIds ?? []) found.add(imported);
  reached.set(id, found);
  return found;
}

/** What was packed is not needed a second time. */
const packedOnce: Plugin = {
  name: 'packed-once',
  writeBundle() {
    for (const file of compiled) if (!entries.includes(file)) rmSync(join(DIST, file));
  },
};

const packed = new Set<string>(['sql.js', ...PAGE_PACKAGES].map(name => `node_modules/${name}`));

/** Remembers what is packed, for the bill of materials. */
const counted: Plugin = {
  name: 'counted',
  generateBundle(_options, bundle) {
    for (const folder of packagesIn(bundle)) packed.add(slashed(relative(ROOT, folder)));
  },
};

const client = await buildClient(DIST);
await build({
  input: Object.fromEntries(entries.map(file => [file.slice(0, -'.js'.length), join(DIST, file)])),
  platform: 'node',
  // Native add-ons that ws uses if the user has them. Another development dependency may install them here.
  external: ['bufferutil', 'utf-8-validate'],
  plugins: [apart, located, licences('packed/LICENSES.txt', [join(MODULES, 'sql.js')]), counted, packedOnce],
  // What one start imports late, another may import at once.
  checks: { ineffectiveDynamicImport: false },
  preserveEntrySignatures: 'allow-extension',
  output: {
    dir: DIST,
    chunkFileNames: 'packed/[name].js',
    codeSplitting: { includeDependenciesRecursively: false, groups: [{ debugName: 'starts', name: startsOf }] },
  },
});
writeFileSync(join(DIST, 'sdk/client/client.js'), client);
cpSync(join(SQL.from, 'sql-wasm.js'), SQL.script);
cpSync(join(SQL.from, SQL.binary), join(DIST, 'packed', SQL.binary));
keepDeclarations(
  DIST,
  EXPORTED.map(name => `${name}.d.ts`),
);
writeSbom(join(DIST, 'sbom.cdx.json'), [...packed]);
