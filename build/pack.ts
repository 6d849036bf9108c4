import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';

// Packs each package that nearly every start loads into one file, without its unused parts. Our files are not packed.
// Finding, reading and linking hundreds of files took half of the start time, and memory while the daemon runs.

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const PACKED = ['croner', 'json-rpc-2.0', 'p-limit', 'pino', 'reflect-metadata', 'tsyringe', 'ws', 'zod'];

/** Windows paths may contain either separator. */
const slashed = (path: string): string => path.replaceAll('\\', '/');

const compiled = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.js'));

const apart: Plugin = {
  name: 'apart',
  resolveId: (id, importer) =>
    importer !== undefined && slashed(importer).startsWith(slashed(DIST)) && !PACKED.includes(id)
      ? { id, external: 'absolute' }
      : null,
  // Packed modules do not run in import order, but tsyringe needs reflect-metadata as soon as it is loaded.
  transform: (code, id) =>
    slashed(id).endsWith('/tsyringe/dist/cjs/index.js') ? `require('reflect-metadata');${code}` : null,
};

/** The licences of the packed packages. */
const licences: Plugin = {
  name: 'licences',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap(output => (output.type === 'chunk' ? output.moduleIds : []));
    const packages = new Set(
      modules.flatMap(id => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(slashed(id))?.[0] ?? []),
    );
    const texts = [...packages].toSorted().map(folder => {
      const { name, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find(name => /^licen[cs]e/i.test(name));
      return `${name} (${license})\n\n${file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()}\n`;
    });
    this.emitFile({ type: 'asset', fileName: 'packed/LICENSES.txt', source: texts.join('\n\n') });
  },
};

await build({
  input: Object.fromEntries(compiled.map(file => [file.slice(0, -'.js'.length), join(DIST, file)])),
  platform: 'node',
  plugins: [apart, licences],
  output: {
    dir: DIST,
    chunkFileNames: 'packed/[name].js',
    codeSplitting: {
      groups: PACKED.map(name => ({ name, test: new RegExp(`[\\\\/]node_modules[\\\\/]${name}[\\\\/]`) })),
    },
  },
});
