import { dirname, join } from 'node:path';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import type { RefreshOutcome } from '../../sdk/contract/outcome.ts';
import type { ProviderContext } from '../../sdk/plugin/provider.ts';
import { isSafeEndpoint } from '../../sdk/recipes/http/address.ts';
import { redeem } from '../../sdk/recipes/oauth/redeem.ts';
import { textAt, withValue, type JsonObject, type Wait } from '../../sdk/recipes/store/json-store.ts';
import type { StoreContext, TokenFile } from '../../sdk/recipes/oauth/token-file.ts';
import { PERMANENT_CODES } from './home.ts';
import type { Login } from './login.ts';

/**
 * Codex gives up after 5 seconds without its lock and loses its new token. So we hold the first lock for at most two
 * of these: one to wait for the second lock, one to write.
 */
const LOCK_SECONDS = 1;

/** Spends the refresh token, which was found to be due. */
export async function spend(file: TokenFile, context: ProviderContext, wait: Wait): Promise<RefreshOutcome> {
  if (isSafeEndpoint(file.tokenEndpoint)) return redeem({ ...file, dueAt: () => -Infinity }, context, wait);
  const hint = 'CODEX_REFRESH_TOKEN_URL_OVERRIDE is not an https:// address.';
  return { status: 'unavailable', hint, method: 'redeem' };
}

/** The token is spent, and its successor stored, the way codex does it. */
export const codexTokenFile = ({ store, signIn, home: { folder, endpoint } }: Login): TokenFile => ({
  file: store,
  tokenEndpoint: endpoint,
  clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
  body: 'json',
  paths: { access: 'tokens.access_token', refresh: 'tokens.refresh_token' },
  signIn,
  permanentCodes: PERMANENT_CODES,
  permanentStatuses: [401],
  settleMs: 6_000,
  // Only we use this lock. Codex takes none while it asks its vendor, and must not wait while we do.
  locks: [`${store}.keepalive`],
  lockStaleMs: 60_000,
  merge,
  guard: (write, context) =>
    underLocks([join(folder, 'auth.lock'), join(dirname(store), 'auth.json.lock')], write, context),
});

function merge(json: JsonObject, reply: JsonObject, at: Date): JsonObject {
  const id = textAt(reply, 'id_token');
  return withValue(id ? withValue(json, 'tokens.id_token', id) : json, 'last_refresh', at.toISOString());
}

/** Node has no flock(2). Without flock(1), we only compare the file before writing it. */
async function underLocks(
  locks: readonly string[],
  write: () => Promise<void>,
  { which, exec }: StoreContext,
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
