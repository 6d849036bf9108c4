import type { KeepaliveClient } from '../../../../sdk/client/client.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { isKeepaliveError, KeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { KernelInfo } from '../../../../sdk/contract/rpc.ts';
import type { Command, CommandContext, CommandResult } from '../../context/command.ts';
import { renderIntroduction, type Introduction } from '../../render/introduction.ts';
import { toolsOf } from '../../render/tools.ts';
import { overviewOf } from '../../watch/load-overview.ts';
import { noteLeftOut } from '../../context/unused-config.ts';

export const start: Command = async context => {
  const running = await infoOf(context);
  if (running) {
    noteIneffective(context, running);
    return answer(context, running, false);
  }
  const {
    options: { config, demo },
    home,
    system,
  } = context;
  await noteLeftOut(context);
  const served = await infoFromService(context);
  if (served) return answer(context, served, true);
  try {
    const daemon = await system.spawn({ mode: 'daemon', configFile: config, demo: demo === true, logFile: home.log });
    daemon.release();
  } catch (error) {
    if (!isKeepaliveError(error) || error.code !== 'KA_KERNEL_RUNNING') throw error;
    // Another process was faster, and its daemon will answer soon.
    const info = await awaitInfo(context, error);
    noteIneffective(context, info);
    return answer(context, info, false);
  }
  return answer(context, await awaitInfo(context, new KeepaliveError('KA_RPC_NO_DAEMON', { log: home.log })), true);
};

/** The daemon that the installed service has started. Without one, a daemon of ours finds out why it does not start. */
async function infoFromService(context: CommandContext): Promise<KernelInfo | undefined> {
  const [{ startService }, { refusedSince }] = await Promise.all([
    import('../../service/start-service.ts'),
    import('../../service/last-refusal.ts'),
  ]);
  const isRefused = refusedSince(context.home.log, context.now());
  if (!(await startService(context))) return undefined;
  return awaitInfo(context, new KeepaliveError('KA_RPC_NO_DAEMON'), isRefused).catch((error: unknown) => {
    if (isKeepaliveError(error) && error.code === 'KA_RPC_NO_DAEMON') return undefined;
    throw error;
  });
}

/** Options that a running daemon cannot take any more. */
function noteIneffective({ options: { config, demo }, screen }: CommandContext, { configFile }: KernelInfo): void {
  const given = [
    ...(config !== undefined && config !== configFile ? [`--config ${config}`] : []),
    ...(demo ? ['--demo'] : []),
  ];
  if (given.length === 0) return;
  const flags = given.join(' ');
  const verb = given.length === 1 ? 'has' : 'have';
  screen.note(
    `${flags} ${verb} no effect, because a daemon is already running. To use ${given.length === 1 ? 'it' : 'them'}, ` +
      `run \`keepalive restart ${flags}\`.`,
  );
}

async function answer(context: CommandContext, info: KernelInfo, started: boolean): Promise<CommandResult> {
  const { daemon } = context;
  // Not loaded before: `status` loads this file.
  await (await import('../../service/beside.ts')).noteBeside(context, info);
  const introduction = await introduce(await daemon(), started ? 'started' : 'already');
  return { document: { started, ...info }, text: view => renderIntroduction(introduction, view) };
}

const ANSWERS_WITHIN_MS = 10_000;

/** Waits until a daemon answers. Rejects with `otherwise` if none does, or `isRefused` says that none will. */
export async function awaitInfo(
  context: CommandContext,
  otherwise: Error,
  isRefused?: () => Promise<boolean>,
): Promise<KernelInfo> {
  for (const deadline = context.now() + ANSWERS_WITHIN_MS; context.now() < deadline; await sleep(50)) {
    const info = await infoOf(context);
    if (info) return info;
    if (await isRefused?.()) break;
  }
  throw otherwise;
}

/** The running daemon, or undefined. */
export async function infoOf({ daemon }: CommandContext): Promise<KernelInfo | undefined> {
  try {
    return await (await daemon()).request('kernel/info');
  } catch (error) {
    if (isKeepaliveError(error) && (error.code === 'KA_RPC_NO_DAEMON' || error.code === 'KA_RPC_CONNECTION_LOST'))
      return undefined;
    throw error;
  }
}

/** Requests what a daemon is introduced with. `runs` is how it came to run. */
export async function introduce(client: KeepaliveClient, runs: Introduction['runs']): Promise<Introduction> {
  const [overview, tools, notifiers] = await Promise.all([
    overviewOf(client),
    toolsOf(client),
    // An older daemon does not know where notices go.
    client.request('notifier/list').catch(() => undefined),
  ]);
  return { overview, daemon: overview.daemon, tools, notifiers, runs };
}
