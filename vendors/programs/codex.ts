import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import codex from '../../plugins/codex/index.ts';
import { realWait } from '../../sdk/recipes/store/json-store.ts';
import { codexServer } from '../../tests/support/vendors/codex-server.ts';
import { trusted } from '../../tests/support/vendors/trusted.ts';
import { countsOf, proxied, type Vendor, type VendorProgram } from './program.ts';

const DAY = 86_400_000;

async function vendor(): Promise<Vendor> {
  let ahead = 0;
  const server = await codexServer({ now: () => Date.now() + ahead });
  return {
    url: server.url,
    isExchange: (method, _host, path) => method === 'POST' && path === '/oauth/token',
    counts: () => countsOf(server.exchanges),
    clock: ms => void (ahead = ms),
    async signIn(folder) {
      const home = join(folder, '.codex');
      const file = join(home, 'auth.json');
      // In the second half of its life: codex has no reason to renew it.
      const { account, text } = server.signIn({ age: 6 * DAY, left: 4 * DAY });
      await mkdir(home);
      await writeFile(file, text, { mode: 0o600 });
      await writeFile(join(home, 'config.toml'), '[analytics]\nenabled = false\n');
      const read = () => readFile(file, 'utf8');
      return { read, isAlive: async () => server.isAlive(account, await read()), end: () => server.end(account) };
    },
  };
}

/** OpenAI's Codex. */
export const CODEX: VendorProgram = {
  name: 'codex',
  npm: '@openai/codex',
  bin: '.bin/codex',
  kinds: { 'app-server': program => codex({ program }, realWait, trusted('codex', 'app-server')) },
  success: 'refreshed',
  parts: ['vendor', 'tokens', 'program', 'rotation', 'flock', 'dated tokens'],
  hosts: ['auth.openai.com', 'chatgpt.com', 'api.openai.com'],
  vendor,
  env: ({ folder, authority, proxy }) => ({
    CODEX_HOME: join(folder, '.codex'),
    CODEX_CA_CERTIFICATE: authority,
    ...proxied(proxy),
  }),
  locks: folder => [join(folder, '.codex', 'auth.lock'), join(folder, '.codex', 'auth.json.lock')],
};
