import type { Channel } from '../../sdk/client/channel.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { assemble, type KernelStart } from './assembly.ts';
import { SESSIONS_STOP_MS } from './kernel.ts';
import { silentLog, type KernelLog } from '../../runtime/log/log.ts';
import { Dispatcher } from '../rpc/dispatcher.ts';
import { announceEvents } from '../rpc/announce.ts';
import type { KernelControl } from '../rpc/methods/handlers.ts';
import { rpcHandlers } from '../rpc/methods.ts';
import { prepareHome } from '../../server/endpoint.ts';
import { Undo } from './undo.ts';

/**
 * A kernel for one command: it answers over one channel, listens nowhere, and attempts nothing unless asked.
 * It ends when the other side closes, or when the `stop` passed to `beforeSessions` is called. An attempt under way is
 * finished and saved first.
 */
export async function serveOnce(
  start: KernelStart,
  channel: Channel,
  beforeSessions: (log: KernelLog, stop: () => void) => void,
): Promise<{ readonly stopped: Promise<void> }> {
  const undo = new Undo();
  let end: () => void = () => undefined;
  const ending = new Promise<void>(resolve => {
    // The request to stop is answered first.
    end = () => void setImmediate(resolve);
  });
  channel.onClose(end);
  beforeSessions(silentLog(), end);
  await prepareHome(start.home);
  const { log, scrubber, plugins, sessions, events, rpc } = await assemble(start, false, silentLog, undo);
  undo.push('sessions', () => sessions.stop(), SESSIONS_STOP_MS);
  await plugins.settled();
  await sessions.sync(plugins.loaded);
  const control: KernelControl = {
    stop: end,
    reload: async () => undefined,
    clients: () => 1,
    openPage: () => Promise.reject(new KeepaliveError('KA_PAGE_NOT_SERVED')),
    closePages: () => 0,
    openedPages: () => [],
  };
  const dispatcher = new Dispatcher(rpcHandlers(rpc, control), log, scrubber);
  announceEvents(events, (method, params) => dispatcher.announce(method, params));
  dispatcher.attach(channel);
  return { stopped: ending.then(() => undo.all()) };
}
