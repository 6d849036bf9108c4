import { createServer } from 'node:http';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import copilot from '../../plugins/copilot/index.ts';
import { listen } from '../../tests/support/daemon/listen.ts';
import { proxied, type Vendor, type VendorProgram } from './program.ts';

const TOKEN = 'gho_CANARYcopilotToken0123456789';
const JSON_TYPE = { 'content-type': 'application/json' };
const HOST = 'api.github.com';

async function vendor(): Promise<Vendor> {
  return {
    url: await listen(
      createServer(({ headers }, response) => {
        const isKnown = headers.authorization === `Bearer ${TOKEN}`;
        const user = { login: 'you', copilot_plan: 'individual', chat_enabled: true };
        response.writeHead(isKnown ? 200 : 401, JSON_TYPE).end(JSON.stringify(isKnown ? user : {}));
      }),
    ),
    isExchange: () => true,
    counts: () => ({ renewed: 0, reused: 0 }),
    async signIn(folder) {
      const home = join(folder, '.copilot');
      const file = join(home, 'config.json');
      const users = [{ host: 'https://github.com', login: 'you' }];
      const config = {
        last_logged_in_user: users[0],
        logged_in_users: users,
        copilot_tokens: { 'https://github.com:you': TOKEN },
      };
      await mkdir(home, { mode: 0o700 });
      await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 });
      const read = async () => {
        const [text, { mtimeMs, ino, mode }, names] = await Promise.all([
          readFile(file, 'utf8'),
          stat(file),
          readdir(home),
        ]);
        return JSON.stringify([text, mtimeMs, ino, mode, names]);
      };
      return { read, isAlive: async () => (await read()).includes(TOKEN), end: () => {} };
    },
  };
}

/** GitHub's Copilot CLI. Its token has no expiry. It is only looked at, so that its file must stay as it is. */
export const COPILOT: VendorProgram = {
  name: 'copilot',
  npm: '@github/copilot',
  bin: '.bin/copilot',
  kinds: { observe: program => copilot({ program }) },
  success: 'fresh',
  parts: [],
  hosts: [HOST],
  vendor,
  env: ({ authority, proxy }) => ({ NODE_EXTRA_CA_CERTS: authority, ...proxied(proxy) }),
  // It sends nothing to a model, because the made-up vendor has none.
  async accepts({ exec }, program) {
    const { stdout, stderr } = await exec(program, ['-p', 'hi'], { timeoutMs: 120_000 });
    return /model/.test(stdout + stderr) && !/authenticat/i.test(stdout + stderr);
  },
};
