import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { CODE_EXTENSIONS } from './config-places.ts';
import { resolveModules } from './import-file.ts';
import { readPlainFile } from './plain-file.ts';

/** More local code than a user can review. */
const MAX_FILES = 1_000;

export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 by path. */
export type Digests = Readonly<Record<string, string>>;

/**
 * The code that a configuration names or imports, and its imports in turn, found in the text without running it. Names
 * that are computed at run time are not found; such a plugin is refused when it is loaded.
 */
export async function namedFiles(config: string, bytes: Buffer, stateDir: string): Promise<Digests> {
  const digests: Record<string, string> = {};
  const left = [{ file: config, text: bytes.toString('utf8') }];
  for (let next = left.pop(); next; next = left.pop()) {
    for (const path of await mentioned(next.file, next.text, stateDir, next.file === config)) {
      if (path === config || path in digests) continue;
      const content = await codeIn(path);
      if (!content) continue;
      if (Object.keys(digests).length >= MAX_FILES) {
        throw new Error(`It names more than ${MAX_FILES} code files, which is too many to trust at once.`);
      }
      digests[path] = digestOf(content);
      left.push({ file: path, text: content.toString('utf8') });
    }
  }
  return digests;
}

const QUOTED = /(["'`])((?:\\.|(?!\1)[^\\\n])+)\1/g;
const WORD = /[^\s,[\]{}"'`]+/g;
const PACKAGE = /^(@[\w.-]+\/)?\w[\w.-]*(\/[\w./-]+)?$/;

/** The files that a text may mean. Outside the configuration only relative imports are followed. */
async function mentioned(file: string, text: string, stateDir: string, isConfig: boolean): Promise<readonly string[]> {
  const quoted = [...text.matchAll(QUOTED)].map(([, , name = '']) => name);
  const isData = isConfig && !CODE_EXTENSIONS.includes(extname(file));
  const words = isData ? [...text.matchAll(WORD)].map(([word]) => word) : [];
  const names = [...new Set([...quoted, ...words])];
  const paths = names.filter(name => /^(\.{0,2}|[A-Za-z]:)[\\/]/.test(name)).map(name => resolve(dirname(file), name));
  const packages = isConfig ? names.filter(name => PACKAGE.test(name) && !name.startsWith('session-keepalive')) : [];
  const found = await resolveModules([...paths, ...packages], file, stateDir);
  return [...new Set([...paths, ...found.flatMap(path => path ?? [])])];
}

/** The content if it is code. Credentials and other data that a configuration names change all the time. */
async function codeIn(path: string): Promise<Buffer | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isFile() || facts.size > 16 * 1024 * 1024) return undefined;
  const content = await readPlainFile(path).catch(() => undefined);
  const isCode = CODE_EXTENSIONS.includes(extname(path)) || content?.subarray(0, 2).toString() === '#!';
  return isCode ? content : undefined;
}
