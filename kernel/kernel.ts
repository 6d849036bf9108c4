import { findConfig } from './config/find.ts';
import { openSettings } from './config/settings.ts';
import { compose } from './container.ts';
import { Events } from './events.ts';
import { Frontends } from './frontends.ts';
import { History } from './history.ts';
import { openLog, type KernelLog } from './log.ts';
import { Notices } from './notices.ts';
import { Plugins, type Demo } from './plugins/plugins.ts';
import { reload, watchConfig } from './reload.ts';
import { Dispatcher } from './rpc/dispatcher.ts';
import { guardHome, newToken, prepareHome, publishEndpoint } from './rpc/endpoint.ts';
import { listen, RPC_PATH } from './rpc/listener.ts';
import { Methods } from './rpc/methods.ts';
import { createScheduler } from './scheduler.ts';
import { Scrubber } from './scrub.ts';
import { Sessions } from './session/sessions.ts';
import { openStateFile } from './session/store.ts';
import type { KernelOptions } from './tokens.ts';
import { Undo } from './undo.ts';
import type { Home } from '../sdk/home.ts';
import type { Cleanup } from '../sdk/provider.ts';

export type KernelStart = {
  readonly home: Home;
  readonly configFile?: string | undefined;
  readonly demo?: Demo;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type RunningKernel = { readonly log: KernelLog; readonly stop: (reason: string) => Promise<void>; readonly stopped: Promise<void> };

/** Attempts under way when the kernel stops may take this long to write down what they renewed. */
const SESSIONS_STOP_MS = 35_000;

/** Starts the daemon: guard → config → log → plugins → sessions → RPC → frontends. What was started is undone where a step fails. */
export async function startKernel(start: KernelStart): Promise<RunningKernel> {
  const { home, version, configFile, demo } = start;
  const undo = new Undo();
  try {
    await prepareHome(home);
    const releaseGuard = await guardHome(home);
    const guard = undo.push('guard', releaseGuard);
    // The endpoint goes last: until then another kernel must find that this one still answers.
    let unpublish: Cleanup = () => undefined;
    undo.push('endpoint', () => unpublish());
    const scrubber = new Scrubber();
    const config = { current: await findConfig(home, configFile) };
    const log = openLog(home.log, config.current.logLevel, scrubber.scrub);
    undo.onTrouble((label, error) => log.error({ step: label, err: error }, 'a step of stopping failed'));
    const scheduler = createScheduler();
    undo.push('scheduler', () => scheduler.stop());
    const options: KernelOptions = { home, version, startedAt: Date.now(), env: start.env, armed: true };
    const parts = compose({
      options, config, log, scrubber, scheduler, store: await openStateFile(home.states, log), settings: await openSettings(home.settings, log),
    });
    const events = parts.resolve(Events);
    const history = parts.resolve(History);
    undo.push('history', () => history.flush());

    const plugins = parts.resolve(Plugins);
    await plugins.load(config.current, demo);
    const notices = parts.resolve(Notices);
    notices.carriedBy(plugins.notifiers);
    const sessions = parts.resolve(Sessions);

    const frontends = new Frontends(home.endpoint, log);
    const token = newToken();
    scrubber.conceal(token);
    let stop: (reason: string) => Promise<void> = async () => undefined;
    const reloadNow = () => reload({ home, configFile, demo, config, plugins, sessions, notices, frontends, events, log });
    const methods = parts.resolve(Methods);
    const dispatcher: Dispatcher = new Dispatcher(
      methods.table({ stop: reason => void setImmediate(() => stop(reason)), reload: reloadNow, clients: () => dispatcher.clients }), log, scrubber.scrub,
    );
    const listener = await listen(config.current.port, token, channel => dispatcher.attach(channel), channel => dispatcher.refuse(channel));
    undo.push('rpc', listener.stop);
    methods.announce((method, params) => dispatcher.announce(method, params));
    undo.push('sessions', () => sessions.stop(), SESSIONS_STOP_MS);
    await sessions.sync(plugins.loaded);
    notices.forgetAllBut(sessions.ids);
    notices.pluginsLoaded(plugins.infos);

    const url = `ws://127.0.0.1:${listener.port}${RPC_PATH}`;
    unpublish = await publishEndpoint(home, { url, token, pid: process.pid, version, startedAt: options.startedAt });
    await guard.now();
    undo.push('frontends', () => frontends.stop());
    frontends.sync(plugins.frontends);
    if (config.current.file !== null) undo.push('config watch', await watchConfig(config.current.file, reloadNow, log));
    log.info({ pid: process.pid, home: home.stateDir, config: config.current.file, sessions: sessions.ids }, 'started');

    let stopping: Promise<void> | undefined;
    const stopped = new Promise<void>(resolve => {
      stop = reason => stopping ??= (async () => {
        log.info({ reason }, 'stopping');
        events.emit('stopping', reason);
        await undo.all();
        log.info('stopped');
        resolve();
      })();
    });
    return { log, stop, stopped };
  } catch (error) {
    await undo.all();
    throw error;
  }
}
