import { setTimeout as sleep } from 'node:timers/promises';
import { isKeepaliveError, KeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { Command, CommandContext } from '../../context/command.ts';

export const stop: Command = async context => {
  const pid = await stopIfRunning(context);
  if (pid === undefined) return { document: { stopped: false }, text: () => 'Keepalive is not running.' };
  return { document: { stopped: true, pid }, text: () => `Stopped (process ${pid}). No session is kept alive now.` };
};

/** Stops the daemon. Resolves with its process; undefined if none runs. */
export async function stopIfRunning(context: CommandContext): Promise<number | undefined> {
  try {
    return (await stopDaemon(context)).pid;
  } catch (error) {
    if (isNotRunning(error)) return undefined;
    throw error;
  }
}

/** No daemon has left its address, or the one that did has ended. A daemon that does not answer may still run. */
const isNotRunning = (error: unknown): boolean =>
  isKeepaliveError(error) &&
  error.code === 'KA_RPC_NO_DAEMON' &&
  (error.details['reason'] === undefined || error.details['ended'] === true);

/** The daemon waits for vendor programs that may be renewing a credential. */
const STOPS_WITHIN_MS = 90_000;

/** Other programs look for the pid. In some containers, it stays for as long as they run. */
const REAPED_WITHIN_MS = 3_000;

/** Stops the daemon and waits until its process is gone. */
export async function stopDaemon(context: CommandContext): Promise<{ readonly pid: number }> {
  const { system, now } = context;
  const pid = await askToStop(context);
  const deadline = now() + STOPS_WITHIN_MS;
  for (let endedAt = Infinity; system.isRunning(pid) && now() - endedAt < REAPED_WITHIN_MS; await sleep(50)) {
    if (!system.isAlive(pid)) endedAt = Math.min(endedAt, now());
    else if (now() > deadline) throw new KeepaliveError('KA_RPC_TIMEOUT', { method: 'kernel/stop', pid });
  }
  return { pid };
}

async function askToStop({ daemon, system, platform }: CommandContext): Promise<number> {
  try {
    const client = await daemon();
    const { pid } = await client.request('kernel/info');
    await client.request('kernel/stop');
    return pid;
  } catch (error) {
    const pid = outdatedPid(error);
    // Windows has no signal that lets a process save a renewed credential.
    if (pid === undefined || platform === 'win32') throw error;
    system.terminate(pid);
    return pid;
  }
}

/** The process of a daemon that is too old for this version. */
export const outdatedPid = (error: unknown): number | undefined => {
  const pid = isKeepaliveError(error) && error.code === 'KA_RPC_OUTDATED' ? error.details['pid'] : undefined;
  return typeof pid === 'number' ? pid : undefined;
};
