import { identityOf } from '../../sdk/system/process-identity.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { Endpoint } from '../../sdk/contract/rpc.ts';
import { assemble, sync, type Assembly, type KernelStart } from './assembly.ts';
import { makeWay, tellOf } from '../../runtime/files/own-file.ts';
import { Frontends } from '../plugins/frontends.ts';
import { inTurn } from '../../runtime/in-turn.ts';
import { openLog, type KernelLog } from '../../runtime/log/log.ts';
import { linkReused, portTaken } from '../notices/rules.ts';
import { reload, watchConfig } from './reload.ts';
import { Dispatcher } from '../rpc/dispatcher.ts';
import { guardHome, newToken, prepareHome, publishEndpoint } from '../../server/endpoint.ts';
import { RPC_PATH } from '../../server/authorize.ts';
import { Guesses } from '../../server/throttle.ts';
import { LinkFiles } from '../../server/link-files.ts';
import { listen, type Listener } from '../../server/listener.ts';
import { announceEvents } from '../rpc/announce.ts';
import type { KernelControl } from '../rpc/methods/handlers.ts';
import { rpcHandlers } from '../rpc/methods.ts';
import { Pages } from '../../server/pages.ts';
import { Undo } from './undo.ts';

export type RunningKernel = {
  readonly log: KernelLog;
  readonly stop: (reason: string) => void;
  readonly stopped: Promise<void>;
};

/** Attempts under way when the kernel stops may take this long to write down what they renewed. */
export const SESSIONS_STOP_MS = 35_000;

/**
 * Starts the daemon: guard → config → log → plugins → RPC → sessions → frontends. What was started is undone where a step fails.
 * `beforeSessions` is called while nothing can have been renewed yet: whoever wants to end the daemon from then on has to ask it.
 */
export async function startKernel(
  start: KernelStart,
  beforeSessions: (kernel: Pick<RunningKernel, 'log' | 'stop'>) => void,
): Promise<RunningKernel> {
  const { home } = start;
  const undo = new Undo();
  const ending = deferred<string>();
  try {
    await prepareHome(home);
    const guard = undo.push('guard', await guardHome(home));
    // The endpoint goes last: until then another kernel must find that this one still answers.
    let unpublish: Cleanup = () => undefined;
    undo.push('endpoint', () => unpublish());
    const way = await makeWay(home.log, 'r+', Infinity);
    const assembly = await assemble(start, true, (level, scrub) => openLog(home.log, level, scrub), undo);
    const { log, sessions, plugins, config, notices } = assembly;
    tellOf(way, log);
    undo.onTrouble((label, error) => log.error({ step: label, err: error }, 'a step of stopping failed'));

    const token = newToken();
    const pages = createPages(assembly);
    undo.push('pages', () => pages.stop());
    const frontends = new Frontends(home.endpoint, log, read => pages.serve(read));
    const reloading = inTurn();
    const following = followPlugins(assembly, frontends);
    const reloadNow = () => reloading(() => reload(assembly, following.now));
    const openPage = async (withFile: boolean) => {
      await frontends.settled();
      const origin = `http://127.0.0.1:${listener.port}`;
      return withFile ? pages.openByFile(origin) : { url: pages.open(origin) };
    };
    const control = { stop: ending.resolve, reload: reloadNow, openPage };
    const listener = await openDoor(assembly, token, pages, control, undo);
    undo.push('sessions', () => sessions.stop(), SESSIONS_STOP_MS);
    beforeSessions({ log, stop: ending.resolve });
    await sync(assembly);
    if (listener.refused !== undefined) notices.raise(portTaken(config.current.port, listener.port, listener.refused));
    unpublish = await publishEndpoint(home, endpointOf(assembly, listener.port, token), log);
    await guard.now();
    undo.push('frontends', () => frontends.stop());
    if (config.current.file !== null) undo.push('config watch', watchConfig(config.current.file, reloadNow, log));
    undo.push('following plugins', following.stop);
    await following.start();
    // A plugin that is slow to load joins later. Neither the sessions nor the user wait for it.
    await Promise.race([plugins.readied(), ending.promise]);
    await following.now();
    log.info({ pid: process.pid, home: home.stateDir, config: config.current.file, sessions: sessions.ids }, 'started');
    return { log, stop: ending.resolve, stopped: ending.promise.then(reason => stop(assembly, undo, reason)) };
  } catch (error) {
    await undo.all();
    throw error;
  }
}

/** Keeps sessions, notices and frontends in line with plugins that load or fail after the start. */
function followPlugins(assembly: Assembly, frontends: Frontends) {
  const { plugins, log } = assembly;
  const syncing = inTurn();
  let isOver = false;
  const now = () =>
    syncing(async () => {
      if (isOver) return;
      await sync(assembly);
      frontends.sync(plugins.frontends);
    });
  return {
    now,
    start(): Promise<void> {
      const failed = (error: unknown) =>
        log.error({ err: error }, 'a plugin that has just loaded could not be put in use');
      plugins.onChange(() => void now().catch(failed));
      return now();
    },
    stop(): Promise<void> {
      isOver = true;
      return syncing(async () => undefined);
    },
  };
}

const endpointOf = ({ start: { version }, startedAt }: Assembly, port: number, token: string): Endpoint => ({
  url: `ws://127.0.0.1:${port}${RPC_PATH}`,
  token,
  pid: process.pid,
  version,
  startedAt,
  process: identityOf(process.pid),
  proof: 1,
});

function createPages({ start: { home }, log, notices }: Assembly): Pages {
  const onReused = () => {
    log.warn('a link to the settings page was used twice; the page that it had opened was closed');
    notices.raise(linkReused());
  };
  return new Pages(log, { files: new LinkFiles(home.stateDir), onReused });
}

/** Answers clients on loopback, and tells them what happens. */
async function openDoor(
  { rpc, events, log, scrubber, config }: Assembly,
  token: string,
  pages: Pages,
  control: Omit<KernelControl, 'clients' | 'closePages' | 'openedPages'>,
  undo: Undo,
): Promise<Listener> {
  scrubber.conceal(token);
  const dispatcher: Dispatcher = new Dispatcher(
    rpcHandlers(rpc, {
      ...control,
      clients: () => dispatcher.clients,
      closePages: () => pages.access.closeAll(),
      openedPages: () => pages.access.list(),
    }),
    log,
    scrubber,
  );
  const guesses = new Guesses(refused => log.warn({ refused }, 'somebody tries tokens at the API, none of them right'));
  const listener = await listen(config.current.port, token, {
    onChannel: channel => dispatcher.attach(channel),
    onGarbage: channel => dispatcher.refuse(channel),
    pages,
    guesses,
  });
  undo.push('rpc', listener.stop);
  const { port, refused: reason } = listener;
  if (reason !== undefined) {
    const wanted = config.current.port;
    log.warn({ wanted, port, reason }, 'the configured port of the API is unavailable; another is used');
  }
  announceEvents(events, (method, params) => dispatcher.announce(method, params));
  return listener;
}

async function stop({ log, events }: Assembly, undo: Undo, reason: string): Promise<void> {
  log.info({ reason }, 'stopping');
  events.emit('stopping', reason);
  await undo.all();
  log.info('stopped');
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>(resolve => {
    settle = resolve;
  });
  return { promise, resolve: value => settle(value) };
}
