import { readFile } from 'node:fs/promises';
import { createCapabilities } from '../../../runtime/context.ts';
import { silentLog } from '../../../runtime/log/log.ts';
import { defineOAuthSession } from '../../../sdk/recipes/oauth/define-oauth-session.ts';
import { locateHome } from '../../../sdk/system/home.ts';
import { countSyncs } from '../../measure/syncs.ts';

// Renews one login again and again, in its own process: by openid-client alone, or by our whole path.

/** What one renewal took. */
export type Renewal = { readonly ms: number; readonly processorMs: number; readonly syncs: number };

type Login = { readonly tokenEndpoint: string; readonly file: string };

const CLIENT = 'bench';

/** Keeps the successor in memory only. */
async function alone({ tokenEndpoint, file }: Login): Promise<() => Promise<void>> {
  const { allowInsecureRequests, Configuration, refreshTokenGrant } = await import('openid-client');
  const { origin } = new URL(tokenEndpoint);
  const configuration = new Configuration({ issuer: origin, token_endpoint: tokenEndpoint }, CLIENT);
  allowInsecureRequests(configuration);
  const stored: { readonly refresh_token: string } = JSON.parse(await readFile(file, 'utf8'));
  let current = stored.refresh_token;
  return async () => {
    const { refresh_token } = await refreshTokenGrant(configuration, current);
    current = refresh_token ?? current;
  };
}

/** With the context that the daemon gives to its own plugins. */
function ours({ tokenEndpoint, file }: Login): () => Promise<void> {
  const { refresh } = defineOAuthSession({
    id: 'bench',
    file,
    tokenEndpoint,
    clientId: CLIENT,
    paths: { access: 'access_token', refresh: 'refresh_token', expiresAt: 'expires_at' },
    signIn: 'Run `acme login`.',
  });
  const capabilities = createCapabilities({ home: locateHome(), env: process.env, conceal: () => undefined });
  const log = silentLog();
  const facts = { reason: 'manual', force: true, refreshBefore: 300_000 } as const;
  return async () => {
    const outcome = await refresh(capabilities.attempt(log, new AbortController().signal, facts));
    if (outcome.status !== 'refreshed') throw new Error(`A renewal ended ${outcome.status}.`);
  };
}

async function measured(renew: () => Promise<void>, syncs: () => number): Promise<Renewal> {
  const syncsBefore = syncs();
  const before = process.cpuUsage();
  const started = performance.now();
  await renew();
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { ms, processorMs: (user + system) / 1_000, syncs: syncs() - syncsBefore };
}

const [side, tokenEndpoint = '', file = ''] = process.argv.slice(2);
const login = { tokenEndpoint, file };
const renew = side === 'ours' ? ours(login) : await alone(login);
const syncs = await countSyncs();
process.on('message', async (count: number) => {
  const renewals: Renewal[] = [];
  while (renewals.length < count) renewals.push(await measured(renew, syncs));
  process.send?.(renewals);
});
process.send?.('ready');
