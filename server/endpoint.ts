import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readEndpoint } from '../sdk/client/endpoint.ts';
import { isKeepaliveError, KeepaliveError } from '../sdk/contract/errors.ts';
import { findKernel } from '../sdk/client/find-kernel.ts';
import type { Home } from '../sdk/system/home.ts';
import type { Endpoint } from '../sdk/contract/rpc.ts';
import type { Cleanup } from '../sdk/base/cleanup.ts';
import { takeDirLock } from '../runtime/files/dir-lock.ts';
import { writeDurably } from '../runtime/files/durable.ts';
import { recall } from '../runtime/files/own-file.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import { endpointSchema } from '../sdk/contract/endpoint-schema.ts';
import { identityOf } from '../sdk/system/process-identity.ts';
import { RPC_PATH } from './authorize.ts';
import type { Tokens } from './keys.ts';

// How clients find this server, and how a kernel finds that another one serves the same home.

const PROOF_LIMIT_MS = 2_000;
const GUARD_STALE_MS = 5_000;
const GUARD_RETRY_MS = 50;
const GUARD_LIMIT_MS = 30_000;

export const newToken = (): string => randomBytes(32).toString('base64url');
export const newTokens = (): Tokens => ({ token: newToken(), readToken: newToken() });

/** What clients need to find this server and to connect. */
export const endpointOf = (
  port: number,
  { token, readToken }: Tokens,
  { version, startedAt }: Pick<Endpoint, 'version' | 'startedAt'>,
): Endpoint => ({
  url: `ws://127.0.0.1:${port}${RPC_PATH}`,
  token,
  readToken,
  pid: process.pid,
  version,
  startedAt,
  process: identityOf(process.pid),
  proof: 1,
});

/**
 * Makes sure that no other kernel runs in this home. None can start until the returned guard is released.
 * Throws `KA_KERNEL_RUNNING`, which names the other kernel.
 */
export async function guardHome(home: Home): Promise<Cleanup> {
  const { stateDir } = home;
  const guard = join(stateDir, 'starting.lock');
  for (const limit = Date.now() + GUARD_LIMIT_MS; ;) {
    const running = await findRunning(home);
    if (running) throw new KeepaliveError('KA_KERNEL_RUNNING', { home: stateDir, pid: running.pid, url: running.url });
    const release = await takeDirLock(guard, GUARD_STALE_MS).catch((error: unknown) => {
      const reason = isKeepaliveError(error) ? error.details['reason'] : 'unknown';
      throw new KeepaliveError('KA_HOME_UNUSABLE', { home: stateDir, path: guard, reason }, error);
    });
    if (release) {
      // Another kernel may have come up between the check and the lock.
      const late = await findRunning(home);
      if (!late) return release;
      await release();
    }
    if (Date.now() > limit) {
      const reason = `another daemon is starting; if none is, remove ${guard}`;
      throw new KeepaliveError('KA_KERNEL_RUNNING', { home: stateDir, reason });
    }
    await pause(GUARD_RETRY_MS + Math.random() * GUARD_RETRY_MS);
  }
}

/** The kernel that answers at this home's endpoint. A process with a dead kernel's PID or port lacks its token. */
async function findRunning(home: Home): Promise<Endpoint | undefined> {
  // Also from a file that others can read: it names a running kernel, and no token is sent.
  const endpoint = await readEndpoint(home.endpoint, 'any').catch(() => undefined);
  // Connected but no answer in time: treat it as alive.
  return endpoint && (await findKernel(endpoint, PROOF_LIMIT_MS)).is !== 'absent' ? endpoint : undefined;
}

/** Writes this kernel's address and tokens, 0600. The cleanup removes the file unless another kernel replaced it. */
export async function publishEndpoint(home: Home, endpoint: Endpoint, log: KernelLog): Promise<Cleanup> {
  await recall(home.endpoint, log, { understand: json => (endpointSchema.safeParse(json).success ? json : undefined) });
  await writeDurably(home.endpoint, JSON.stringify(endpoint));
  return async () => {
    const current = await readEndpoint(home.endpoint, 'any').catch(() => undefined);
    if (current?.token === endpoint.token) await rm(home.endpoint, { force: true });
  };
}
