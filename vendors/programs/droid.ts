import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import droid from '../../plugins/droid/index.ts';
import { realWait } from '../../sdk/recipes/store/json-store.ts';
import { DROID_KEY } from '../../tests/support/vendors/droid-login.ts';
import { DROID_HOSTS, droidServer } from '../../tests/support/vendors/droid-server.ts';
import { listen } from '../../tests/support/daemon/listen.ts';
import { createServer } from 'node:http';
import { trusted } from '../../tests/support/vendors/trusted.ts';
import { countsOf, proxied, SYSTEM, type Vendor, type VendorProgram } from './program.ts';

async function vendor(): Promise<Vendor> {
  const server = droidServer();
  return {
    url: await listen(createServer((request, response) => void server.handle(request, response))),
    isExchange: (method, host, path) =>
      method === 'POST' && host === 'api.workos.com' && path === '/user_management/authenticate',
    counts: () => countsOf(server.exchanges),
    async signIn(folder) {
      const home = join(folder, '.factory');
      const file = join(home, 'auth.v2.file');
      const { account, text } = server.signIn({ age: 24 * 3_600_000, left: -60_000 });
      await mkdir(home, { mode: 0o700 });
      await writeFile(file, text, { mode: 0o600 });
      await writeFile(join(home, 'auth.v2.key'), DROID_KEY, { mode: 0o600 });
      const read = () => readFile(file, 'utf8');
      return { read, isAlive: async () => server.isAlive(account, await read()), end: () => server.end(account) };
    },
  };
}

/** Factory's Droid. Its package `@factory/cli` would download the program, which is in this one. */
export const DROID: VendorProgram = {
  name: 'droid',
  npm: `@factory/cli-${SYSTEM}`,
  bin: `@factory/cli-${SYSTEM}/bin/droid`,
  kinds: { 'plugin list': program => droid({ program }, realWait, trusted('droid', 'plugin list')) },
  success: 'refreshed',
  parts: ['vendor', 'tokens', 'program', 'rotation'],
  hosts: DROID_HOSTS,
  vendor,
  env: ({ authority, proxy }) => ({ NODE_EXTRA_CA_CERTS: authority, ...proxied(proxy) }),
  // It keeps the login and ends with 0, so its word proves nothing.
  expects: { 'a login that the vendor has ended': 'unseen' },
};
