import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { licences } from './licences.ts';

// Builds the editor's extension into a folder that vsce can package: one file with everything that it loads, its
// manifest, and the documents that a marketplace shows.

const place = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const SOURCE = place('plugins/ui-vscode');
const BUILT = place('dist-vscode');

const { version }: { readonly version: string } = JSON.parse(readFileSync(place('package.json'), 'utf8'));
const { type: _type, ...manifest }: Readonly<Record<string, unknown>> = JSON.parse(
  readFileSync(`${SOURCE}/package.json`, 'utf8'),
);

rmSync(BUILT, { recursive: true, force: true });
await build({
  input: `${SOURCE}/extension.ts`,
  platform: 'node',
  // The editor provides its API. ws uses the other two if the user has them.
  external: ['vscode', 'bufferutil', 'utf-8-validate'],
  plugins: [licences('LICENSES.txt')],
  // What one start imports late is in the one file.
  checks: { ineffectiveDynamicImport: false },
  output: { file: `${BUILT}/extension.cjs`, format: 'cjs', codeSplitting: false, minify: true },
});
writeFileSync(`${BUILT}/package.json`, `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);
for (const name of ['README.md', 'icon.png']) cpSync(`${SOURCE}/${name}`, `${BUILT}/${name}`);
cpSync(place('LICENSE'), `${BUILT}/LICENSE`);
