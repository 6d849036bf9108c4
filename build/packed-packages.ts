// Packages that the build packs into our own files, so that an installation neither fetches nor searches them. They are
// development dependencies. What can be reached from a network, or may need an update sooner than we release, is not
// packed, and neither is what finds files beside itself.

export const PACKED_PACKAGES = [
  '@jellybrick/dbus-next',
  'commander',
  'cosmiconfig',
  'croner',
  'json-rpc-2.0',
  'koffi',
  'p-limit',
  'pino',
  'prom-client',
  'reflect-metadata',
  'sql.js',
  'tinyqueue',
  'tsyringe',
  'uqr',
  'ws',
  'zod',
];

/** Packages that Vite bundles into the settings page. */
export const PAGE_PACKAGES = ['preact', 'uqr'];
