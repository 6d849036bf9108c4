import { createServer, type RequestListener } from 'node:http';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import augment from '../../plugins/augment/index.ts';
import { listen } from '../../tests/support/daemon/listen.ts';
import { proxied, type Vendor, type VendorProgram } from './program.ts';

const TOKEN = 'CANARY-auggie-access-token';
const HOST = 'd1.api.augmentcode.com';

async function vendor(): Promise<Vendor> {
  let isOver = false;
  const handle: RequestListener = (request, response) => {
    const isKnown = !isOver && request.headers.authorization === `Bearer ${TOKEN}`;
    const body = isKnown ? '{}' : '{"error":"unauthorized"}';
    request.resume().on('end', () => {
      response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' }).end(body);
    });
  };
  return {
    url: await listen(createServer(handle)),
    isExchange: (method, host, path) => method === 'POST' && host === HOST && path === '/get-models',
    counts: () => ({ renewed: 0, reused: 0 }),
    async signIn(folder) {
      const file = join(folder, '.augment', 'session.json');
      const text = JSON.stringify({ accessToken: TOKEN, tenantURL: `https://${HOST}/`, scopes: ['email'] }, null, 2);
      await mkdir(join(folder, '.augment'), { mode: 0o700 });
      await writeFile(file, text, { mode: 0o600 });
      const read = () => readFile(file, 'utf8');
      return { read, isAlive: async () => !isOver && (await read()) === text, end: () => void (isOver = true) };
    },
  };
}

/** Augment's auggie. It renews nothing: its login is asked about, without auggie, which would delete it at any 401. */
export const AUGGIE: VendorProgram = {
  name: 'auggie',
  npm: '@augmentcode/auggie',
  bin: '.bin/auggie',
  kinds: { observe: () => augment() },
  success: 'fresh',
  parts: ['vendor'],
  hosts: [HOST],
  vendor,
  // It answers 403 for what an account may not do.
  expects: { '403 in JSON': 'failed' },
  env: ({ authority, proxy }) => ({
    NODE_EXTRA_CA_CERTS: authority,
    AUGMENT_DISABLE_AUTO_UPDATE: '1',
    ...proxied(proxy),
  }),
  async accepts({ exec }, program) {
    const { exitCode, stdout } = await exec(program, ['token', 'print']);
    return exitCode === 0 && stdout.includes(TOKEN);
  },
};
