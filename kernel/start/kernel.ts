import type { Addition, CheckedParams } from '../../sdk/contract/rpc.ts';
import type { Channel } from '../../sdk/client/channel.ts';
import { connect } from '../../sdk/client/client.ts';
import { prepareHome } from '../../runtime/files/folder.ts';
import { quarantineIfUnusable, warnQuarantined } from '../../runtime/files/quarantine.ts';
import { inTurn } from '../../sdk/base/in-turn.ts';
import { openLog, type KernelLog } from '../../runtime/log/log.ts';
import { guardHome, publishEndpoint } from '../../server/endpoint.ts';
import { Frontends } from '../plugins/frontends.ts';
import { frontendAlarms } from '../scheduler/frontend-alarms.ts';
import { refuseNewerHome } from '../../state/migrations.ts';
import { addingTo } from './adding.ts';
import { addingWarmUpsTo } from './adding-warm-ups.ts';
import { assemble, type Assembly, type KernelStart } from './assembly.ts';
import { openApi, openPages, type Api } from './open-api.ts';
import { apply, reload, watchConfig } from './reload.ts';
import { PluginFollower, sync } from './sync.ts';
import { SESSIONS_STOP_MS, Undo } from './undo.ts';

export type RunningKernel = {
  readonly log: KernelLog;
  readonly stop: (reason: string) => void;
  readonly stopped: Promise<void>;
  /** Connects a client in this process, without a port. */
  readonly connect: () => Channel;
};

/**
 * Starts the daemon: home, configuration and plugins, API, sessions, endpoint, frontends. When it stops, or a step
 * fails, what was started is stopped in reverse order.
 * `beforeSessions` is called before any credential can be renewed: from then on a signal must end the daemon by `stop`.
 */
export async function startKernel(
  start: KernelStart,
  beforeSessions: (kernel: Pick<RunningKernel, 'log' | 'stop'>) => void,
): Promise<RunningKernel> {
  const { home } = start;
  const undo = new Undo();
  const ending = deferred<string>();
  try {
    await refuseNewerHome(home);
    await prepareHome(home);
    const guard = undo.push('guard', await guardHome(home));
    // Removed last, so that until then another kernel finds this one.
    const endpointPublished = undo.reserve('endpoint');
    const quarantined = await quarantineIfUnusable(home.log, 'r+', Infinity);
    const assembly = await assemble(
      start,
      { armed: true, openLog: (level, scrub) => openLog(home.log, level, scrub) },
      undo,
    );
    const { log, sessions, states } = assembly;
    warnQuarantined(quarantined, log);
    undo.onFailure((label, error) => log.error({ step: label, err: error }, 'a step of stopping failed'));

    const clients = await openToClients(assembly, ending.resolve, undo);
    undo.push('stop mark', () => states.setStoppedAt(Date.now()));
    // Left when no attempt runs any more, and asked by the first one.
    undo.push('fleet', () => assembly.fleet.stop());
    await assembly.fleet.configure(assembly.config.current.fleet);
    undo.push('sessions', () => sessions.stop(), SESSIONS_STOP_MS);
    beforeSessions({ log, stop: ending.resolve });
    const publish = async () => endpointPublished(await publishEndpoint(home, clients.api.endpoint, log));
    // Clients get answers while many sessions are started and saved. No attempt is made before the mark is gone from
    // the disk: changes are written in order, and an attempt waits for its own.
    const unmark = states.setStoppedAt(undefined);
    const unmarked = unmark.catch(error => log.error({ err: error }, 'the state could not be saved'));
    await Promise.all([sync(assembly), publish(), unmarked]);
    clients.api.notePort();
    await guard.now();
    await assembly.fleet.follow();

    await startFrontends(assembly, clients, ending.promise, undo);
    const config = assembly.config.current.file;
    log.info({ pid: process.pid, home: home.stateDir, config, sessions: sessions.ids.length }, 'started');
    const stopped = ending.promise.then(reason => stop(assembly, undo, reason));
    return { log, stop: ending.resolve, stopped, connect: clients.api.connect };
  } catch (error) {
    await undo.all();
    throw error;
  }
}

type Clients = {
  readonly api: Api;
  readonly frontends: Frontends;
  readonly follower: PluginFollower;
  readonly reloadNow: () => Promise<void>;
};

/** Opens the API. Clients can stop this kernel, reload its configuration and open its page. */
async function openToClients(assembly: Assembly, stopKernel: (reason: string) => void, undo: Undo): Promise<Clients> {
  const { log, start } = assembly;
  const pages = await openPages(assembly, undo);
  const alarms = frontendAlarms(assembly.scheduler, error =>
    log.error({ err: error }, 'an alarm of a frontend failed'),
  );
  const frontends = new Frontends(
    () => connect({ endpointFile: start.home.endpoint }),
    log,
    (id, read) => pages.serve(id, read),
    { ...assembly.contexts.machine, at: alarms },
  );
  const follower = new PluginFollower(assembly, frontends);
  const reloading = inTurn();
  const reloadNow = () => reloading(() => reload(assembly, follower.now));
  const openPage = async ({ file = false, ...opening }: CheckedParams<'page/open'>) => {
    await frontends.settled();
    return file ? pages.openByFile(api.origin, opening) : { url: pages.open(api.origin, opening) };
  };
  const applyNow = () => apply(assembly, assembly.config.current, follower.now);
  const { addSession, removeSession } = addingTo(assembly, applyNow);
  const { addWarmUp, removeWarmUp, warmUpCost } = addingWarmUpsTo(assembly, applyNow);
  const control = {
    stop: stopKernel,
    reload: reloadNow,
    openPage,
    addSession: (addition: Addition) => reloading(() => addSession(addition)),
    removeSession: (id: string) => reloading(() => removeSession(id)),
    addWarmUp: (options: Addition['options']) => reloading(() => addWarmUp(options)),
    removeWarmUp: (id: string) => reloading(() => removeWarmUp(id)),
    warmUpCost,
  };
  const api: Api = await openApi(assembly, { pages, control }, undo);
  return { api, frontends, follower, reloadNow };
}

async function startFrontends(
  { config, log, plugins }: Assembly,
  { frontends, follower, reloadNow }: Clients,
  ending: Promise<unknown>,
  undo: Undo,
): Promise<void> {
  undo.push('frontends', () => frontends.stop());
  if (config.current.file !== null) undo.push('config watch', watchConfig(config.current.file, reloadNow, log));
  undo.push('plugin follower', follower.stop);
  await follower.start();
  // The start does not wait for slow plugins. `follower` adds them later.
  await Promise.race([plugins.readied(), ending]);
  await follower.now();
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
