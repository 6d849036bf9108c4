import { dirname, join } from 'node:path';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { textAt, withValue, type JsonObject } from '../../sdk/recipes/store/json-store.ts';
import type { TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import type { Login, Place } from './login.ts';

/**
 * Codex gives up after 5 seconds without its lock and loses its new token. So the first lock is held for two of these at most:
 * one to wait for the second, one to write.
 */
const LOCK_SECONDS = 1;

/** How the refresh token in codex's file is spent, where that `isDue`, and its successor written down: the way codex does it. */
export const codexTokenFile = ({ path }: Login, { home, endpoint, loginHint }: Place, isDue: boolean): TokenFile => ({
  file: path,
  tokenEndpoint: endpoint,
  clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
  body: 'json',
  paths: { access: 'tokens.access_token', refresh: 'tokens.refresh_token' },
  signIn: loginHint,
  permanentCodes: ['refresh_token_expired', 'refresh_token_reused', 'refresh_token_invalidated'],
  permanentStatuses: [401],
  settleMs: 6_000,
  // Ours alone: codex takes no lock while it asks its vendor, and must not be made to wait while we do.
  locks: [`${path}.keepalive`],
  lockStaleMs: 60_000,
  dueAt: () => (isDue ? -Infinity : Infinity),
  merge,
  guard: (write, context) =>
    underLocks([join(home, 'auth.lock'), join(dirname(path), 'auth.json.lock')], write, context),
});

function merge(json: JsonObject, reply: JsonObject, at: Date): JsonObject {
  const id = textAt(reply, 'id_token');
  return withValue(id ? withValue(json, 'tokens.id_token', id) : json, 'last_refresh', at.toISOString());
}

/** Node has no flock(2); where the machine has no flock(1) either, comparing before writing has to do. */
async function underLocks(
  locks: readonly string[],
  write: () => Promise<void>,
  { which, exec }: ProviderContext,
): Promise<void> {
  const flock = await which('flock');
  if (!flock) return write();
  const [program = flock, ...args] = locks.flatMap(lock => [flock, '-w', String(LOCK_SECONDS), lock]);
  let held = false;
  await exec(program, [...args, 'sh', '-c', `echo held; exec timeout ${LOCK_SECONDS} cat`], {
    async talk({ lines }) {
      for await (const line of lines) {
        held = line === 'held';
        break;
      }
      if (held) await write();
    },
    timeoutMs: 10_000,
  });
  if (!held) throw new KeepaliveError('KA_STORE_LOCKED', { locks });
}
