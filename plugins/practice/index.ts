import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { expandHome, locateHome } from '../../sdk/system/home.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { defineProvider, type ProviderPlugin } from '../../sdk/plugin/provider.ts';
import { inspectTokenFile, redeem } from '../../sdk/recipes/oauth/redeem.ts';
import type { TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import { startTokenServer } from './token-server.ts';

const schema = z.strictObject({ dir: z.string().min(1).optional() });

export type PracticeOptions = z.input<typeof schema>;

const LIFE_S = 60;
/** Short, so that the user sees the first renewal. */
const FIRST_LIFE_MS = 8_000;

/** A session to try things with: its tokens last a minute, and come from a local server. */
export default function practice(options: PracticeOptions = {}): ProviderPlugin {
  const { dir } = checkOptions(schema, options);
  const folder = dir === undefined ? join(locateHome().stateDir, 'practice') : expandHome(dir);
  const file = join(folder, 'token.json');
  let signedIn: Promise<TokenFile> | undefined;
  return defineProvider({
    id: 'practice',
    displayName: 'Practice session',
    policy: { schedule: { mode: 'interval', every: '10s' }, minInterval: '5s', refreshBefore: '30s' },
    refresh: async context => redeem(await (signedIn ??= signIn(folder, file)), context),
    async inspect(context) {
      if (!signedIn) return { present: true, method: 'redeem' };
      // With these, frontends would offer to sign in. Only another start does that: the server ends with the daemon.
      const { store: _store, fingerprint: _fingerprint, ...seen } = await inspectTokenFile(await signedIn, context);
      return seen;
    },
  });
}

async function signIn(folder: string, file: string): Promise<TokenFile> {
  const server = await startTokenServer(LIFE_S);
  const { access, refresh } = server.signIn();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const tokens = { access_token: access, refresh_token: refresh, expires_at: Date.now() + FIRST_LIFE_MS };
  await writeFile(file, `${JSON.stringify(tokens, null, 2)}\n`, { mode: 0o600 });
  return {
    file,
    tokenEndpoint: server.url,
    clientId: 'practice',
    paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
    signIn: 'Restart the daemon: the practice session then signs in again.',
  };
}
