import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Folders are found by their content, not by counting levels, because a build may move this code.

/** The extension of this installation's modules: `.js` once built, `.ts` in the source. */
export const EXTENSION = extname(import.meta.url);

/** The folder that holds `sdk` and `plugins` of this installation. */
export const CODE = upwards(folder => existsSync(join(folder, 'sdk')) && existsSync(join(folder, 'plugins')));

/** The version of this installation, from its package.json. */
export function readVersion(): string {
  const folder = upwards(candidate => existsSync(join(candidate, 'package.json')));
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0.0.0';
}

type Installed = { readonly version?: string; readonly builtAt?: number };

/** Clients ask often. Reading two files for each would take most of the time of an answer. */
const LOOK_AGAIN_MS = 1_000;
let lastSeen: Installed = {};
let lookedAt = -Infinity;

/** What is installed now, or was a second ago. An update replaces the files under a running daemon. */
export function installedNow(startedAt: number): { readonly version?: string; readonly rebuiltAt?: number } {
  const now = performance.now();
  if (now - lookedAt >= LOOK_AGAIN_MS) [lastSeen, lookedAt] = [look(), now];
  const { builtAt = -Infinity, version } = lastSeen;
  return { ...(version !== undefined && { version }), ...(builtAt > startedAt && { rebuiltAt: builtAt }) };
}

function look(): Installed {
  try {
    return { version: readVersion(), builtAt: Math.floor(statSync(fileURLToPath(import.meta.url)).mtimeMs) };
  } catch {
    return {}; // It was removed, or an update is under way.
  }
}

function upwards(isIt: (folder: string) => boolean): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isIt(folder) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}
