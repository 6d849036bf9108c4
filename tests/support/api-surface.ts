import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { reachable } from '../../build/declarations.ts';
import { slashed } from '../../build/licences.ts';
import { readText, ROOT } from './sources.ts';

type Exports = Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;

/** What the package exports. */
export const exported: Exports = JSON.parse(readText('package.json')).exports;

/** The declarations of the exports by their names. */
export const ROOTS = Object.entries(exported).flatMap(([name, target]) =>
  typeof target === 'string' || name === '.' ? [] : [[name, join(ROOT, target.types)] as const],
);

/** Every declaration that a user of the package can see, without comments. */
export function apiSurface(): string {
  const roots = ROOTS.map(([, file]) => file);
  const others = [...reachable(roots)].filter(file => !roots.includes(file)).toSorted();
  const documents = Object.keys(exported).filter(name => !ROOTS.some(([own]) => own === name));
  return [
    'The public API: what package.json exports, and every type that it uses. A change here is a change for users.',
    `Exported too: ${documents.join(', ')}`,
    ...ROOTS.map(([name, file]) => section(`session-keepalive${name.slice(1)}`, file)),
    ...others.map(file => section(slashed(relative(join(ROOT, 'dist'), file)), file)),
    '',
  ].join('\n\n');
}

const section = (title: string, file: string): string => `# ${title}\n\n${bare(readFileSync(file, 'utf8'))}`;

/** Imports move when a file does, and comments change often. */
const bare = (text: string): string =>
  text
    .replaceAll(/\/\*\*[^]*?\*\//g, '')
    .replaceAll(/^(?:\/\/.*|import [^;]*;|export \{\};|#!.*)$/gm, '')
    .replaceAll(/^\s*\n/gm, '')
    .trimEnd();
