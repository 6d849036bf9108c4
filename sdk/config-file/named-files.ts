import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, extname, resolve, sep } from 'node:path';
import { CODE_EXTENSIONS } from './config-places.ts';
import { resolveModules } from './import-file.ts';
import { expandHome } from '../system/home.ts';
import { readPlainFile } from '../system/plain-file.ts';

/** More local code than a user can review. */
const MAX_FILES = 1_000;
const MAX_BYTES = 16 * 1024 * 1024;

export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 by path. */
export type Digests = Readonly<Record<string, string>>;

/** Where to begin: a configuration, which also names plugins and programs, or other code, which only imports. */
export type Root = { readonly file: string; readonly bytes: Buffer; readonly isConfig: boolean };

/**
 * The code that a configuration names or imports, and its imports in turn, found in the text without running it. Names
 * that are computed at run time are not found; such a plugin is refused when it is loaded.
 */
export async function namedFiles(root: Root, stateDir: string): Promise<Digests> {
  const digests: Record<string, string> = {};
  const left: Text[] = [{ file: root.file, text: root.bytes.toString('utf8'), isConfig: root.isConfig }];
  for (let next = left.pop(); next; next = left.pop()) {
    for (const { path, isCode } of await mentioned(next, stateDir)) {
      if (path === root.file || path in digests) continue;
      const content = await codeIn(path, isCode);
      if (!content) continue;
      if (Object.keys(digests).length >= MAX_FILES) {
        throw new Error(`It names more than ${MAX_FILES} code files, which is too many to trust at once.`);
      }
      digests[path] = digestOf(content);
      left.push({ file: path, text: content.toString('utf8'), isConfig: false });
    }
  }
  return digests;
}

type Text = { readonly file: string; readonly text: string; readonly isConfig: boolean };
/** `isCode`: it counts as code regardless of its content, because it is imported or can be executed. */
type Mention = { readonly path: string; readonly isCode: boolean };

const QUOTED = /(["'`])((?:\\.|(?!\1)[^\\\n])+)\1/g;
/** Quoted too; between the word and the name may be spaces and comments. */
const IMPORTED =
  /\b(?:from|import|require)\b(?:[\s(]|\/\*(?:[^*]|\*(?!\/))*\*\/|\/\/[^\n]*\n)*(["'`])((?:\\.|(?!\1)[^\\\n])+)\1/g;
const WORD = /[^\s,[\]{}"'`]+/g;
const PATH = /^(~?[\\/]|\.{1,2}[\\/]|[A-Za-z]:[\\/]|\.{1,2}$)/;
const PACKAGE = /^(#|(@[\w.-]+\/)?\w[\w.-]*(\/[\w./-]+)?$)/;
const PACKAGES = `${sep}node_modules${sep}`;

/** The files that a text may mean. Imports between packages are not followed. */
async function mentioned({ file, text, isConfig }: Text, stateDir: string): Promise<readonly Mention[]> {
  const quoted = namesIn(text, QUOTED);
  const imported = new Set(namesIn(text, IMPORTED));
  const isData = isConfig && !CODE_EXTENSIONS.includes(extname(file));
  const words = isData ? [...text.matchAll(WORD)].map(([word]) => word) : [];
  const names = [...new Set([...quoted, ...words])];
  const mayImport = (name: string) =>
    isConfig || (imported.has(name) && (name.startsWith('#') || !file.includes(PACKAGES)));
  const paths = names.filter(name => PATH.test(name)).map(name => ({ name, target: targetOf(name, file) }));
  const packages = names.filter(name => PACKAGE.test(name) && !name.startsWith('session-keepalive') && mayImport(name));
  const wanted = [...paths, ...packages.map(name => ({ name, target: name }))];
  const found =
    wanted.length > 0
      ? await resolveModules(
          wanted.map(({ target }) => target),
          file,
          stateDir,
        )
      : [];
  const resolved = wanted.flatMap(({ name }, index) =>
    found[index] === undefined ? [] : [{ path: found[index], isCode: imported.has(name) }],
  );
  const named = await Promise.all(
    paths.map(async ({ name, target }) => ({
      path: target,
      isCode: imported.has(name) || (name.startsWith('.') && (await isExecutable(target))),
    })),
  );
  // A file that is code under one name is code under all of them.
  return [...named, ...resolved].toSorted((one, other) => Number(other.isCode) - Number(one.isCode));
}

const targetOf = (name: string, file: string): string =>
  name.startsWith('~') ? expandHome(name) : resolve(dirname(file), name);

const namesIn = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, , name = '']) => name);

const isExecutable = (path: string): Promise<boolean> =>
  stat(path).then(
    facts => (facts.mode & 0o111) !== 0,
    () => false,
  );

/** The content if it is code. Credentials and other data that a configuration names change all the time. */
async function codeIn(path: string, isCode: boolean): Promise<Buffer | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isFile()) return undefined;
  const isSurelyCode = isCode || CODE_EXTENSIONS.includes(extname(path));
  if (isSurelyCode && facts.size > MAX_BYTES) throw new Error(`${path} is too large to be trusted.`);
  const content = await readPlainFile(path, MAX_BYTES).catch(() => undefined);
  return content && (isSurelyCode || content.subarray(0, 2).toString() === '#!') ? content : undefined;
}
