import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vitest/node';

/** A node of a syntax tree. */
export type Syntax = { readonly type: string; readonly [member: string]: unknown };

/** A source file. */
export type Source = {
  /** The path in the repository, with forward slashes. */
  readonly file: string;
  readonly text: string;
  readonly syntax: readonly Syntax[];
  /** The modules that it imports or re-exports. */
  readonly imports: readonly string[];
};

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const readText = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8');

/** The files below a folder, sorted. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .map(name => `${folder}/${name.replaceAll('\\', '/')}`)
    .toSorted();

const PRODUCT = ['sdk', 'runtime', 'server', 'lifecycle', 'config', 'state', 'kernel', 'plugins'];

/** All sources of the product. */
export const sources = (): readonly Source[] => sourcesBelow(...PRODUCT);

/** All files that decide what a build makes. */
export const builtFrom = (): readonly string[] =>
  [...PRODUCT, 'build']
    .flatMap(filesBelow)
    .filter(file => statSync(ROOT + file).isFile())
    .concat('package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json');

/** The sources of the benchmarks. */
export const benchSources = (): readonly Source[] => sourcesBelow('bench');

const sourcesBelow = (...folders: readonly string[]): readonly Source[] =>
  folders
    .flatMap(filesBelow)
    .filter(file => /\.tsx?$/.test(file))
    .map(file => toSource(file, readText(file)));

export function toSource(file: string, text: string): Source {
  const syntax = [...walk(parseAst(text, { lang: file.endsWith('.tsx') ? 'tsx' : 'ts' }))];
  const imports = syntax.flatMap(({ source }) =>
    isSyntax(source) && typeof source['value'] === 'string' ? [source['value']] : [],
  );
  return { file, text, syntax, imports };
}

function* walk(value: unknown): Generator<Syntax, void> {
  if (Array.isArray(value)) for (const item of value) yield* walk(item);
  else if (isSyntax(value)) {
    yield value;
    yield* walk(Object.values(value));
  }
}

export const isSyntax = (value: unknown): value is Syntax =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
