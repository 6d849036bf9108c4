import { setTimeout as sleep } from 'node:timers/promises';
import { isKeepaliveError, KeepaliveError } from '../../../../sdk/contract/errors.ts';
import type { KernelInfo } from '../../../../sdk/contract/rpc.ts';
import { isOfKernel } from '../../../../sdk/wording/attention.ts';
import type { Command, CommandContext } from '../../context/command.ts';
import { describeKernel, describeNotice } from '../../render/sentences.ts';
import type { View } from '../../render/view.ts';
import { wrap } from '../../render/width.ts';
import { renderTools, toolsOf } from '../../render/tools.ts';
import { noteLeftOut } from '../../context/unused-config.ts';

export const start: Command = async context => {
  const running = await infoOf(context);
  if (running) return answer(running, false);
  const {
    options: { config, demo },
    home,
    system,
  } = context;
  await noteLeftOut(context);
  try {
    const daemon = await system.spawn({ mode: 'daemon', configFile: config, demo: demo === true, logFile: home.log });
    daemon.release();
  } catch (error) {
    if (!isKeepaliveError(error) || error.code !== 'KA_KERNEL_RUNNING') throw error;
    // Another process was faster, and its daemon will answer soon.
    return answer(await awaitInfo(context, error), false);
  }
  const info = await awaitInfo(context, new KeepaliveError('KA_RPC_NO_DAEMON', { log: home.log }));
  await noteProblems(context);
  const tools = await toolsOf(await context.daemon());
  const { document, text } = answer(info, true);
  return {
    document,
    text: view => [text(view), renderTools(tools, 'short', view)].filter(part => part !== '').join('\n\n'),
  };
};

/** Reports problems with the API. Sessions are kept alive regardless. */
async function noteProblems({ daemon, screen }: CommandContext): Promise<void> {
  const notices = await (await daemon()).request('notice/list');
  for (const notice of notices.filter(isOfKernel)) screen.note(describeNotice(notice));
}

const answer = (info: KernelInfo, started: boolean) => ({
  document: { started, ...info },
  text: ({ width }: View) => wrap(`${started ? '' : 'It is already running. '}${describeKernel(info)}`, width),
});

const ANSWERS_WITHIN_MS = 10_000;

/** Waits until a daemon answers. Rejects with `otherwise` if none does. */
export async function awaitInfo(context: CommandContext, otherwise: Error): Promise<KernelInfo> {
  for (const deadline = context.now() + ANSWERS_WITHIN_MS; context.now() < deadline; await sleep(50)) {
    const info = await infoOf(context);
    if (info) return info;
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
