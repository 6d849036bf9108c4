import { createServer } from 'node:http';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import grok from '../../plugins/grok/index.ts';
import { realWait } from '../../sdk/recipes/store/json-store.ts';
import { listen } from '../../tests/support/daemon/listen.ts';
import { GROK_HOSTS, grokServer } from '../../tests/support/vendors/grok-server.ts';
import { trusted } from '../../tests/support/vendors/trusted.ts';
import { countsOf, proxied, SYSTEM, type Vendor, type VendorProgram } from './program.ts';

const LIFE_MS = 6 * 3_600_000;

async function vendor(): Promise<Vendor> {
  const server = grokServer();
  return {
    url: await listen(createServer((request, response) => void server.handle(request, response))),
    isExchange: (method, host, path) => method === 'POST' && host === 'auth.x.ai' && path === '/oauth2/token',
    counts: () => countsOf(server.exchanges),
    async signIn(folder) {
      const file = join(folder, '.grok', 'auth.json');
      const { account, text } = server.signIn({ age: LIFE_MS, left: -60_000 });
      await mkdir(join(folder, '.grok'));
      await writeFile(file, text, { mode: 0o600 });
      const read = () => readFile(file, 'utf8');
      return { read, isAlive: async () => server.isAlive(account, await read()), end: () => server.end(account) };
    },
  };
}

/** xAI's Grok CLI. */
export const GROK: VendorProgram = {
  name: 'grok',
  npm: '@xai-official/grok',
  bin: '.bin/grok',
  native: { from: `@xai-official/grok-${SYSTEM}/bin/grok.br`, to: '@xai-official/grok/bin/grok' },
  kinds: { 'sessions list': program => grok({ program }, realWait, trusted('grok', 'sessions list')) },
  success: 'refreshed',
  parts: ['vendor', 'tokens', 'program', 'rotation'],
  hosts: GROK_HOSTS,
  vendor,
  // It drops such an answer, and shows the spent token again, which ends the login.
  expects: { 'a life written as text': 'lost' },
  env: ({ authority, proxy }) => ({ SSL_CERT_FILE: authority, ...proxied(proxy), GROK_DISABLE_AUTOUPDATER: '1' }),
};
