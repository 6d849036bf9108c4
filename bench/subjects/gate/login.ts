import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenServer } from '../../../plugins/practice/token-server.ts';

/** How long a token lasts. */
export const LIFE_S = 6;
/** How long a job needs its login. */
export const MIN_MS = 1_000;

/** A login with tokens of the practice server, and a configuration that keeps it. */
export type Login = {
  readonly configuration: object;
  /** Whether the token in the store is valid now. */
  readonly isGood: () => Promise<boolean>;
  /** Whether the server still takes the refresh token. It spends it, so it is asked last. */
  readonly isAlive: () => Promise<boolean>;
};

export async function login({ url, signIn }: TokenServer, id: string): Promise<Login> {
  const file = join(await mkdtemp(join(tmpdir(), 'keepalive-bench-')), 'token.json');
  const { access, refresh } = signIn();
  const tokens = { access_token: access, refresh_token: refresh, expires_at: Date.now() + LIFE_S * 1_000 };
  await writeFile(file, JSON.stringify(tokens), { mode: 0o600 });
  const paths = { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' };
  const stored = async () => JSON.parse(await readFile(file, 'utf8')) as typeof tokens;
  return {
    configuration: {
      plugins: [['oauth', { id, file, tokenEndpoint: url, clientId: 'bench', paths }]],
      policy: { schedule: { mode: 'before-expiry', buffer: '3s' }, minInterval: '500ms', jitter: 0 },
    },
    isGood: async () => new Date((await stored()).expires_at).getTime() > Date.now(),
    async isAlive() {
      const { refresh_token } = await stored();
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token });
      return (await fetch(url, { method: 'POST', body })).ok;
    },
  };
}
