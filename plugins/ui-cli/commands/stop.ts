import { setTimeout as sleep } from 'node:timers/promises';
import { KeepaliveError } from '../../../sdk/errors.ts';
import type { KernelInfo } from '../../../sdk/rpc.ts';
import type { Command, CommandContext } from '../command.ts';

export const stop: Command = async context => {
  const { pid } = await stopDaemon(context);
  return { document: { stopped: true, pid }, text: () => `Stopped (process ${pid}). No session is kept alive now.` };
};

/** A vendor program that may be renewing a credential is waited for. */
const PATIENCE_MS = 90_000;

/** Ends the daemon, and waits until its process is gone. Answers what it was. */
export async function stopDaemon({ daemon, ways, now }: CommandContext): Promise<KernelInfo> {
  const client = await daemon();
  const info = await client.request('kernel/info');
  await client.request('kernel/stop');
  for (const deadline = now() + PATIENCE_MS; ways.isRunning(info.pid); await sleep(50)) {
    if (now() > deadline) throw new KeepaliveError('KA_RPC_TIMEOUT', { method: 'kernel/stop', pid: info.pid });
  }
  return info;
}
