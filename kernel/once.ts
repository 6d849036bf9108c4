import type { Channel } from '../sdk/channel.ts';
import { KeepaliveError } from '../sdk/errors.ts';
import { assemble, type KernelStart } from './assembly.ts';
import { silentLog } from './log.ts';
import { Dispatcher } from './rpc/dispatcher.ts';
import type { KernelControl } from './rpc/methods.ts';
import { prepareHome } from './rpc/endpoint.ts';
import { Undo } from './undo.ts';

/** A kernel for one look: it answers over one channel, listens nowhere, and attempts nothing unless asked. */
export async function serveOnce(start: KernelStart, channel: Channel): Promise<{ readonly stopped: Promise<void> }> {
  const undo = new Undo();
  await prepareHome(start.home);
  const { log, scrubber, plugins, sessions, methods } = await assemble(start, false, silentLog, undo);
  undo.push('sessions', () => sessions.stop());
  await sessions.sync(plugins.loaded);
  const stopped = new Promise<void>(resolve => {
    const end = () => setImmediate(() => void undo.all().then(resolve));
    const control: KernelControl = {
      stop: end, reload: async () => undefined, clients: () => 1,
      openPage: () => Promise.reject(new KeepaliveError('KA_PAGE_NOT_SERVED')), closePages: () => 0, openedPages: () => [],
    };
    const dispatcher = new Dispatcher(methods.table(control), log, scrubber);
    methods.announce((method, params) => dispatcher.announce(method, params));
    channel.onClose(end);
    dispatcher.attach(channel);
  });
  return { stopped };
}
