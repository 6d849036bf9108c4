import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Endpoint } from '../../sdk/rpc.ts';
import { codexServer } from './codex-server.ts';
import { cookieSite } from './cookie-site.ts';
import { temporaryHome } from './daemon.ts';
import { tokenServer } from './token-server.ts';

const MINUTE = 60_000;
export const EMAIL = 'canary@person.test';
/** Where secrets belong: the stores of their owners, our journal, and the key to the API. */
export const STORES = /^(\.codex\/|acme\.json|broken\.json|cookies\.txt|owned\.json|journal\/|endpoint\.json|keepalive\.config\.json|canary\.ts|bin\/|cache\/)/;

/** A provider that does everything wrong with what it was told to conceal, and with what it was not. */
const CARELESS = `
  import { defineProvider } from 'session-keepalive/sdk';
  export default () => defineProvider({
    id: 'careless', displayName: 'Careless',
    inspect: ({ conceal, env }) => { conceal('CANARY-inspected'); throw new Error('cannot look with CANARY-inspected of ${EMAIL}'); },
    async refresh({ log, conceal, exec }) {
      conceal('CANARY-told');
      for (const level of ['debug', 'info', 'warn', 'error']) log[level]({ credential: 'CANARY-told', access_token: 'CANARY-untold', cookie: 'a=CANARY-untold; b=CANARY-untold' }, 'I hold CANARY-told');
      log.error({ err: new Error('Bearer CANARY-untold of ${EMAIL}', { cause: new Error('refresh_token=CANARY-untold') }) });
      Promise.reject(new Error('late: CANARY-told'));
      setTimeout(() => { throw new Error('later: CANARY-told'); });
      throw new Error('with CANARY-told for ${EMAIL}', { cause: new Error('{"refresh_token": "CANARY-untold"}') });
    },
  });`;

/** A vendor program that renews its own store, and writes down how it was called. */
const OWNER = `#!${process.execPath}
  const fs = require('node:fs');
  fs.appendFileSync(process.env.HOME + '/seen-by-child', JSON.stringify([process.argv, process.env]) + '\\n');
  fs.writeFileSync(process.env.HOME + '/owned.json', JSON.stringify({ token: 'CANARY-owned-2', expiry: Date.now() + 3600000 }));
  console.log('renewed CANARY-owned-2');`;


export type CanaryHome = {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ids: readonly string[];
  /** What codex has in its store now. */
  readonly codexTokens: () => readonly string[];
  /** What the vendors were sent. */
  readonly used: () => { readonly tokens: readonly string[]; readonly cookies: number; readonly exchanges: number };
};

/** A home in which every credential is a canary, with vendors on loopback; one of them gives away what it is sent. */
export async function canaryHome(): Promise<CanaryHome> {
  const vendor = await codexServer();
  const site = await cookieSite();
  const good = await tokenServer((_asked, count) => ({ body: { access_token: `CANARY-access-${count}`, refresh_token: `CANARY-refresh-${count}`, token_type: 'bearer', expires_in: 3_600 } }));
  const broken = await tokenServer(({ token }) => ({ status: 418, body: { error: 'teapot', error_description: `the token ${token} of ${EMAIL}` } }));
  const home = temporaryHome({
    'keepalive.config.json': JSON.stringify({
      logLevel: 'trace', policy: { backoff: { initial: '1h', factor: 2, max: '1h' } },
      plugins: [
        'codex', oauth('acme', good.url), oauth('broken', broken.url), './canary.ts',
        ['cookies', { id: 'web', jar: '~/cookies.txt', ping: site.page, alive: { json: 'user' }, headers: { 'x-csrf': 'CANARY-csrf' } }],
        ['command', { id: 'owned', run: ['owner', 'touch'], store: '~/owned.json', expiresAt: 'json:expiry' }],
      ],
    }),
    'canary.ts': CARELESS, 'bin/owner': OWNER,
    '.codex/auth.json': vendor.signIn({ age: 0, left: 4 * MINUTE }).text.replaceAll('you@example.test', EMAIL),
    'acme.json': stored('acme'), 'broken.json': stored('broken'), 'owned.json': JSON.stringify({ token: 'CANARY-owned-1', expiry: Date.now() + MINUTE }),
    'cookies.txt': `# Netscape HTTP Cookie File\n#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t${Math.floor((Date.now() + MINUTE) / 1_000)}\tsid\tCANARY-sid-0\n`,
  });
  chmodSync(join(home, 'bin/owner'), 0o755);
  return {
    home,
    env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${vendor.url}/oauth/token`, PATH: join(home, 'bin'), ACME_TOKEN: 'CANARY-environment' },
    ids: ['codex', 'acme', 'broken', 'careless', 'web', 'owned'],
    codexTokens() {
      const { id_token: idToken, access_token: access, refresh_token: refresh }: Record<string, string> = JSON.parse(readFileSync(join(home, '.codex/auth.json'), 'utf8')).tokens;
      return [idToken, access, refresh, idToken?.split('.')[1], access?.split('.')[1]].filter(token => token !== undefined);
    },
    used: () => ({ tokens: [...good.received, ...broken.received].map(({ token }) => token), cookies: site.received.length, exchanges: vendor.exchanges.length }),
  };
}

const stored = (name: string) => JSON.stringify({ access_token: `CANARY-${name}-access`, refresh_token: `CANARY-${name}-refresh`, expires_at: Date.now() + MINUTE, email: EMAIL });

const oauth = (id: string, tokenEndpoint: string) => ['oauth', {
  id, file: `~/${id}.json`, tokenEndpoint, clientId: 'client', clientSecret: 'CANARY-client-secret', headers: { 'x-api-key': 'CANARY-header' },
  paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
}];

/** A client that writes down every frame that it is sent. */
export async function eavesdrop({ url, token }: Endpoint) {
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  const frames: string[] = [];
  const waiting = new Map<unknown, () => void>();
  socket.on('message', data => {
    frames.push(String(data));
    waiting.get(JSON.parse(String(data)).id)?.();
  });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  const ask = (method: string, params?: unknown) => new Promise<void>(resolve => {
    const id = waiting.size;
    waiting.set(id, resolve);
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  });
  return { frames, ask };
}
