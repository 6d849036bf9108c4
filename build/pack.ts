import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';

// Our files stay the files that they were compiled to. Of what nearly every start loads of other packages, each package becomes one file, with no more in
// it than is used: to find, read and link hundreds of files was half of the start, and a part of the memory for as long as it runs.

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const PACKED = ['croner', 'json-rpc-2.0', 'p-limit', 'pino', 'reflect-metadata', 'tsyringe', 'ws', 'zod'];

/** Windows writes paths another way, and not always. */
const slashed = (path: string): string => path.replaceAll('\\', '/');

const compiled = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.js'));

const apart: Plugin = {
  name: 'apart',
  resolveId: (id, importer) =>
    importer !== undefined && slashed(importer).startsWith(slashed(DIST)) && !PACKED.includes(id)
      ? { id, external: 'absolute' }
      : null,
  // Packed, they would not run in the order in which they are imported, and tsyringe asks for the other at once.
  transform: (code, id) =>
    slashed(id).endsWith('/tsyringe/dist/cjs/index.js') ? `require('reflect-metadata');${code}` : null,
};

/** Copies go with the licences of what they are copies of. */
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
