import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KeepaliveError } from '../../../../sdk/contract/errors.ts';
import { importFile } from '../../../../sdk/config-file/import-file.ts';
import type { Plugin } from '../../../../sdk/plugin/plugin.ts';

/** Imports a plugin's factory from a file or folder. Its `session-keepalive` resolves to this installation. */
export async function importPlugin(path: string, stateDir: string): Promise<(options: never) => Plugin> {
  const entry = entryOf(resolve(path));
  if (!entry) throw new KeepaliveError('KA_PLUGIN_NOT_FOUND', { module: path });
  const factory = await importFile(entry, stateDir);
  if (typeof factory !== 'function') throw new KeepaliveError('KA_PLUGIN_INVALID', { module: path });
  return factory as (options: never) => Plugin;
}

/** The file to import: the path itself or, for a folder, the entry of its package.json, or its index. */
function entryOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  if (!statSync(path).isDirectory()) return path;
  const declared = declaredEntry(join(path, 'package.json'));
  const candidates = [...(declared ? [declared] : []), 'index.ts', 'index.js', 'index.mjs'];
  return candidates.map(file => join(path, file)).find(file => existsSync(file));
}

function declaredEntry(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { readonly exports?: unknown; readonly main?: unknown };
  return [manifest.exports, manifest.main].find(entry => typeof entry === 'string');
}
