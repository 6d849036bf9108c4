import { createServer, type RequestListener } from 'node:http';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import copilot from '../../plugins/copilot/index.ts';
import { listen } from '../../tests/support/daemon/listen.ts';
import { proxied, SYSTEM, type Vendor, type VendorProgram } from './program.ts';

const TOKEN = 'gho_CANARYcopilotToken0123456789';
const HOST = 'api.github.com';
const MODELS = 'api.individual.githubcopilot.com';
const USER = '/copilot_internal/user';
const NAME = 'you';

const user = {
  login: NAME,
  id: 1,
  copilot_plan: 'individual',
  chat_enabled: true,
  endpoints: { api: `https://${MODELS}`, telemetry: `https://${MODELS}` },
};

const answers: Readonly<Record<string, unknown>> = {
  [USER]: user,
  '/user': user,
  '/copilot_internal/managed_settings': {},
  // No model is offered, so that nothing is sent to one.
  '/models': { object: 'list', data: [] },
};

const handle =
  (isOver: () => boolean): RequestListener =>
  ({ headers: { authorization = '' }, url = '' }, response) => {
    const answer = answers[url.split('?')[0] ?? ''];
    const status = isOver() || !authorization.endsWith(` ${TOKEN}`) ? 401 : answer ? 200 : 404;
    const body = status === 200 ? answer : { message: 'No.', status: String(status) };
    response
      .writeHead(status, { 'content-type': 'application/json', 'x-github-request-id': 'A:1' })
      .end(JSON.stringify(body));
  };

async function vendor(): Promise<Vendor> {
  let isOver = false;
  return {
    url: await listen(createServer(handle(() => isOver))),
    isExchange: (_method, host, path) => host === HOST && path === USER,
    counts: () => ({ renewed: 0, reused: 0 }),
    async signIn(folder) {
      const home = join(folder, '.copilot');
      const file = join(home, 'config.json');
      await mkdir(home, { mode: 0o700 });
      await writeFile(file, JSON.stringify(signedIn, null, 2), { mode: 0o600 });
      const read = async () => {
        const [text, { mtimeMs, ino, mode }, names] = await Promise.all([
          readFile(file, 'utf8'),
          stat(file),
          readdir(home),
        ]);
        return JSON.stringify([text, mtimeMs, ino, mode, names]);
      };
      const end = () => void (isOver = true);
      return { read, isAlive: async () => (await read()).includes(TOKEN), end };
    },
  };
}

const account = { host: 'https://github.com', login: NAME };
/** As an older release wrote it. A newer one changes the names when it starts. */
const signedIn = {
  last_logged_in_user: account,
  logged_in_users: [account],
  copilot_tokens: { [`${account.host}:${NAME}`]: TOKEN },
};

// It asks for the models of the account, sees that there are none, and ends.
const PROMPT = ['-p', 'hi', '--disable-builtin-mcps'];
const NO_MODEL = /no (?:fallback )?model|not available/i;

/** GitHub's Copilot CLI. Its token has no expiry. It is only looked at, while its user runs it beside us. */
export const COPILOT: VendorProgram = {
  name: 'copilot',
  npm: '@github/copilot',
  // The script of the package starts this one, and ends without it.
  bin: `@github/copilot-${SYSTEM}/copilot`,
  kinds: { observe: program => copilot({ program }) },
  success: 'fresh',
  parts: ['vendor', 'program'],
  hosts: [HOST, MODELS, 'api.githubcopilot.com', 'github.com'],
  vendor,
  env: ({ unpacked, authority, proxy }) => ({
    NODE_EXTRA_CA_CERTS: authority,
    COPILOT_PKG_CACHE_HOME: unpacked,
    COPILOT_AUTO_UPDATE: 'false',
    ...proxied(proxy),
  }),
  // GitHub tells only copilot about its end, which keeps the token all the same.
  expects: { 'a login that the vendor has ended': 'unasked' },
  async beside({ exec }, program, signal) {
    const { stdout, stderr } = await exec(program, PROMPT, { timeoutMs: LONG_MS, signal });
    return NO_MODEL.test(stdout + stderr);
  },
};

/** No run is expected to take as long. */
const LONG_MS = 300_000;
