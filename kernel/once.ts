import type { Channel } from '../sdk/channel.ts';
import type { Home } from '../sdk/home.ts';
import { findConfig } from './config/find.ts';
import { openSettings } from './config/settings.ts';
import { compose } from './container.ts';
import { silentLog } from './log.ts';
import { Plugins } from './plugins/plugins.ts';
import { Dispatcher } from './rpc/dispatcher.ts';
import { Methods } from './rpc/methods.ts';
import { createScheduler } from './scheduler.ts';
import { Scrubber } from './scrub.ts';
import { Sessions } from './session/sessions.ts';
import { openStateFile } from './session/store.ts';
import { readVersion } from './version.ts';

/** A kernel for one look: it answers its parent process over IPC and attempts nothing unless asked. */
export async function serveOnce(home: Home, configFile: string | undefined): Promise<{ readonly stopped: Promise<void> }> {
  const log = silentLog();
  const scrubber = new Scrubber();
  const config = { current: await findConfig(home, configFile) };
  const options = { home, version: readVersion(), startedAt: Date.now(), env: process.env, armed: false };
  const parts = compose({
    options, config, log, scrubber, scheduler: createScheduler(), store: await openStateFile(home.states, log), settings: await openSettings(home.settings, log),
  });
  const plugins = parts.resolve(Plugins);
  await plugins.load(config.current, undefined);
  const sessions = parts.resolve(Sessions);
  await sessions.sync(plugins.loaded);
  let end: () => void = () => undefined;
  const stopped = new Promise<void>(resolve => {
    end = resolve;
  });
  const stop = () => void sessions.stop().finally(end);
  const methods = parts.resolve(Methods);
  const dispatcher = new Dispatcher(methods.table({ stop: () => setImmediate(stop), reload: async () => undefined, clients: () => 1 }), log, scrubber.scrub);
  methods.announce((method, params) => dispatcher.announce(method, params));
  dispatcher.attach(parentChannel(stop));
  return { stopped };
}

function parentChannel(onGone: () => void): Channel {
  process.once('disconnect', onGone);
  return {
    send: message => void process.send?.(message),
    onMessage: listener => void process.on('message', listener),
    onClose: listener => void process.once('disconnect', listener),
    close: () => process.disconnect?.(),
  };
}
