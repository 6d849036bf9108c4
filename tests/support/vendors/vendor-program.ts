import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * A vendor's program to test against: where `KEEPALIVE_TEST_<NAME>` says, in the cache that CI fills
 * (`npm install --prefix <cache>/session-keepalive-vendor/<name> <package>`), or on the PATH; undefined where there is none.
 */
export function findVendorProgram(name: string): string | undefined {
  const given = process.env[`KEEPALIVE_TEST_${name.toUpperCase()}`];
  if (given) return given;
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folders = [
    join(cache, 'session-keepalive-vendor', name, 'node_modules', '.bin'),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const found = folders.map(folder => join(folder, name)).find(isExecutable);
  return found && realpathSync(found);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return existsSync(file);
  } catch {
    return false;
  }
}
