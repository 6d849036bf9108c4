import type { Channel } from '../../sdk/client/channel.ts';
import { KeepaliveError } from '../../sdk/contract/errors.ts';
import { silentLog, type KernelLog } from '../../runtime/log/silent-log.ts';
import { prepareHome } from '../../runtime/files/folder.ts';
import { Dispatcher } from '../../server/dispatcher.ts';
import { rpcHandlers } from '../rpc/methods.ts';
import type { KernelControl } from '../rpc/methods/kernel.ts';
import { refuseNewerHome } from '../../state/migrations.ts';
import { addingTo, type Adding } from './adding.ts';
import { addingWarmUpsTo, type AddingWarmUps } from './adding-warm-ups.ts';
import { assemble, type KernelStart } from './assembly.ts';
import { subscribe } from './subscriptions.ts';
import { SESSIONS_STOP_MS, Undo } from './undo.ts';

/**
 * A kernel for one command: it answers on one channel, listens on no port, and attempts nothing unless asked. It ends
 * when the channel closes, or when the `stop` that is passed to `beforeSessions` is called. An attempt under way is
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
  await refuseNewerHome(start.home);
  await prepareHome(start.home);
  try {
    await attach(start, channel, end, undo);
  } catch (error) {
    await undo.all();
    throw error;
  }
  return { stopped: ending.then(() => undo.all()) };
}

async function attach(start: KernelStart, channel: Channel, end: () => void, undo: Undo): Promise<void> {
  const assembly = await assemble(start, { armed: false, openLog: silentLog }, undo);
  const { log, scrubber, plugins, sessions, events } = assembly;
  const apply = async () => {
    await plugins.load(assembly.config.current, start.demo, assembly.settings.added);
    await sessions.sync(plugins.loaded);
  };
  const adding = { ...addingTo(assembly, apply), ...addingWarmUpsTo(assembly, apply) };
  const dispatcher = new Dispatcher(rpcHandlers(assembly, { ...controlOf(end), ...adding }), log, scrubber);
  undo.push('subscriptions', subscribe(events, { ...assembly, announce: dispatcher.announce.bind(dispatcher) }));
  undo.push('fleet', () => assembly.fleet.stop());
  undo.push('sessions', () => sessions.stop(), SESSIONS_STOP_MS);
  await assembly.fleet.configure(assembly.config.current.fleet);
  await plugins.settled();
  await sessions.sync(plugins.loaded);
  dispatcher.attach(channel);
}

/** Without a port there are no pages and no other clients. */
const controlOf = (stop: () => void): Omit<KernelControl, keyof Adding | keyof AddingWarmUps> => ({
  stop,
  reload: async () => undefined,
  clients: () => 1,
  openPage: () => Promise.reject(new KeepaliveError('KA_PAGE_NOT_SERVED')),
  closePages: () => 0,
  openedPages: () => [],
});
