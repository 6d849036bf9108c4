import { randomBytes } from 'node:crypto';
import { chmod, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readEndpoint } from '../sdk/client/endpoint.ts';
import { isKeepaliveError, KeepaliveError } from '../sdk/contract/errors.ts';
import { findKernel } from '../sdk/client/find-kernel.ts';
import type { Home } from '../sdk/system/home.ts';
import type { Endpoint } from '../sdk/contract/rpc.ts';
import type { Cleanup } from '../sdk/base/cleanup.ts';
import { errnoOf, isMissing } from '../runtime/files/errno.ts';
import { makeFolder } from '../runtime/files/folder.ts';
import { setOthersAside } from '../runtime/files/leftovers.ts';
import { takeDirLock } from '../runtime/files/dir-lock.ts';
import { openTemporary, removeTemporary, sweepFolder, writeDurably } from '../runtime/files/durable.ts';
import { recall } from '../runtime/files/own-file.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import { endpointSchema } from '../sdk/contract/endpoint-schema.ts';

const PROOF_LIMIT_MS = 2_000;
const GUARD_STALE_MS = 5_000;
const GUARD_RETRY_MS = 50;
const GUARD_LIMIT_MS = 30_000;

export const newToken = (): string => randomBytes(32).toString('base64url');

/**
 * Creates the home, private to the user, and clears what a crash or other users left in it. Throws `KA_HOME_UNUSABLE`
 * if it cannot be created, is not ours, or is not writable.
 */
export async function prepareHome(home: Home): Promise<void> {
  const { stateDir, journal } = home;
  try {
    await makeFolder(stateDir);
    const { uid, mode } = await stat(stateDir);
    if (process.geteuid && uid !== process.geteuid()) {
      throw new KeepaliveError('KA_HOME_UNUSABLE', { home: stateDir, reason: 'it belongs to another user' });
    }
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(stateDir, 0o700);
    // On file systems without modes, such as Windows drives, the mode never changes and everything looks open.
    await setOthersAside(home, (mode & 0o022) !== 0 && ((await stat(stateDir)).mode & 0o022) === 0);
    const probe = await openTemporary(join(stateDir, 'probe'));
    await probe.handle.close();
    await removeTemporary(probe.file);
    await sweepFolder(stateDir);
    await sweepFolder(journal).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  } catch (error) {
    if (error instanceof KeepaliveError) throw error;
    throw new KeepaliveError('KA_HOME_UNUSABLE', { home: stateDir, reason: errnoOf(error) }, error);
  }
}

/**
 * Makes sure that no other kernel runs in this home, and that none starts until the guard that is returned is released.
 * Throws `KA_KERNEL_RUNNING`, which names the other one.
 */
export async function guardHome(home: Home): Promise<Cleanup> {
  const guard = join(home.stateDir, 'starting.lock');
  for (const limit = Date.now() + GUARD_LIMIT_MS; ;) {
    const running = await findRunning(home);
    if (running)
      throw new KeepaliveError('KA_KERNEL_RUNNING', { home: home.stateDir, pid: running.pid, url: running.url });
    const release = await takeDirLock(guard, GUARD_STALE_MS).catch((error: unknown) => {
      throw new KeepaliveError(
        'KA_HOME_UNUSABLE',
        { home: home.stateDir, path: guard, reason: isKeepaliveError(error) ? error.details['reason'] : 'unknown' },
        error,
      );
    });
    if (release) {
      // Another one may have come up between the look and the lock.
      const late = await findRunning(home);
      if (!late) return release;
      await release();
    }
    if (Date.now() > limit)
      throw new KeepaliveError('KA_KERNEL_RUNNING', {
        home: home.stateDir,
        reason: `another daemon is starting; if none is, remove ${guard}`,
      });
    await pause(GUARD_RETRY_MS + Math.random() * GUARD_RETRY_MS);
  }
}

/** The kernel that answers at this home's endpoint. A process that reuses a dead kernel's pid or port lacks its token. */
async function findRunning(home: Home): Promise<Endpoint | undefined> {
  // A file that others may read still names a running kernel, and no token is sent.
  const endpoint = await readEndpoint(home.endpoint, 'any').catch(() => undefined);
  // Connected but no answer in time: treat it as alive.
  return endpoint && (await findKernel(endpoint, PROOF_LIMIT_MS)).is !== 'absent' ? endpoint : undefined;
}

/** Writes where this kernel is and the key to it, 0600; returns what takes it away again, unless another kernel's is there by then. */
export async function publishEndpoint(home: Home, endpoint: Endpoint, log: KernelLog): Promise<Cleanup> {
  await recall(home.endpoint, log, json => endpointSchema.safeParse(json).data);
  await writeDurably(home.endpoint, JSON.stringify(endpoint));
  return async () => {
    const current = await readEndpoint(home.endpoint, 'any').catch(() => undefined);
    if (current?.token === endpoint.token) await rm(home.endpoint, { force: true });
  };
}
