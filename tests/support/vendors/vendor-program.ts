import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where CI and `npm run vendors` keep the vendors' programs. */
export const VENDOR_CACHE = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'session-keepalive-vendor',
);

/**
 * A vendor's program to test against: the one in `KEEPALIVE_TEST_<NAME>`, in the cache that CI fills
 * (`npm install --prefix <cache>/session-keepalive-vendor/<name> <package>`), or on the PATH.
 */
export function findVendorProgram(name: string): string | undefined {
  const given = process.env[`KEEPALIVE_TEST_${name.toUpperCase()}`];
  if (given) return given;
  const folders = [join(VENDOR_CACHE, name, 'node_modules', '.bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  const found = folders.map(folder => join(folder, name)).find(isExecutable);
  return found && realpathSync(found);
}

/** Why tests with a vendor's program are skipped. */
export const noVendorProgram = (name: string): string =>
  `there is no ${name}; set KEEPALIVE_TEST_${name.toUpperCase()}, ` +
  'or install it as described in tests/support/vendors/vendor-program.ts';

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return existsSync(file);
  } catch {
    return false;
  }
}
