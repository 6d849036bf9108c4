import { createServer, type RequestListener } from 'node:http';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import gemini from '../../plugins/gemini/index.ts';
import { realWait } from '../../sdk/recipes/store/json-store.ts';
import { listen } from '../../tests/support/daemon/listen.ts';
import { googleServer } from '../../tests/support/vendors/google-server.ts';
import { trusted } from '../../tests/support/vendors/trusted.ts';
import { proxied, type Vendor, type VendorProgram } from './program.ts';

const REFRESH = '1//CANARY-refresh';

async function vendor(): Promise<Vendor> {
  const [serving, refusing] = [googleServer('serves'), googleServer('refuses')];
  let isOver = false;
  const handle: RequestListener = (request, response) => (isOver ? refusing : serving).handle(request, response);
  return {
    url: await listen(createServer(handle)),
    isExchange: (method, host, path) => method === 'POST' && host === 'oauth2.googleapis.com' && path === '/token',
    // Its refresh token is the same all the time, so it may be shown again.
    counts: () => ({ renewed: serving.requests.filter(request => request.endsWith('/token')).length, reused: 0 }),
    async signIn(folder) {
      const home = join(folder, '.gemini');
      const file = join(home, 'oauth_creds.json');
      const login = { access_token: 'ya29.CANARY-0', refresh_token: REFRESH, token_type: 'Bearer', scope: 'x' };
      await mkdir(home);
      await writeFile(file, JSON.stringify({ ...login, expiry_date: Date.now() - 60_000 }), { mode: 0o600 });
      const selected = { security: { auth: { selectedType: 'oauth-personal' } } };
      await writeFile(join(home, 'settings.json'), JSON.stringify(selected));
      const read = () => readFile(file, 'utf8');
      const isAlive = async () => !isOver && JSON.parse(await read()).refresh_token === REFRESH;
      return { read, isAlive, end: () => void (isOver = true) };
    },
  };
}

/** Google's Gemini CLI. */
export const GEMINI: VendorProgram = {
  name: 'gemini',
  npm: '@google/gemini-cli',
  bin: '.bin/gemini',
  kinds: { 'list-sessions': program => gemini({ program }, realWait, trusted('gemini', 'list-sessions')) },
  success: 'refreshed',
  parts: ['vendor', 'tokens', 'program'],
  hosts: ['oauth2.googleapis.com', 'www.googleapis.com', 'cloudcode-pa.googleapis.com', 'play.googleapis.com'],
  vendor,
  env: ({ authority, proxy }) => ({ NODE_EXTRA_CA_CERTS: authority, ...proxied(proxy) }),
  expects: {
    // It asks for a sign-in also if Google is down, so its word proves nothing.
    'a login that the vendor has ended': 'unseen',
    'a new token without its life': 'once',
  },
};
