import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRecord } from '../../../../sdk/base/json.ts';

/** The file that a path means: itself or, for a folder, the entry of its package.json, or its index. */
export function entryOf(path: string, cwd: string): string | undefined {
  const found = resolve(cwd, path);
  if (!existsSync(found)) return undefined;
  if (!statSync(found).isDirectory()) return found;
  const candidates = [...declaredEntries(join(found, 'package.json')), 'index.ts', 'index.js', 'index.mjs'];
  return candidates.map(file => join(found, file)).find(file => existsSync(file));
}

function declaredEntries(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isRecord(manifest)) return [];
  const { exports, main } = manifest;
  const root = isRecord(exports) && '.' in exports ? exports['.'] : exports;
  const nested = isRecord(root) ? [root['import'], root['default']] : [root];
  return [...nested, main].filter(entry => typeof entry === 'string');
}
