import type { Cleanup } from '../sdk/provider.ts';
import type { Home } from '../sdk/home.ts';
import { findConfig } from './config/find.ts';
import type { Events } from './events.ts';
import type { Frontends } from './frontends.ts';
import type { KernelLog } from './log.ts';
import type { Notices } from './notices.ts';
import type { Demo, Plugins } from './plugins/plugins.ts';
import type { Sessions } from './session/sessions.ts';
import type { ConfigHolder } from './tokens.ts';

export type ReloadParts = {
  readonly home: Home;
  readonly configFile: string | undefined;
  readonly demo: Demo;
  readonly config: ConfigHolder;
  readonly plugins: Plugins;
  readonly sessions: Sessions;
  readonly notices: Notices;
  readonly frontends: Frontends;
  readonly events: Events;
  readonly log: KernelLog;
};

/** Puts another configuration in force; only what it touches is re-armed. A bad one throws, and the last good one stays. */
export async function reload(parts: ReloadParts): Promise<void> {
  const { home, configFile, demo, config, plugins, sessions, notices, frontends, events, log } = parts;
  const next = await findConfig(home, configFile ?? config.current.file ?? undefined);
  await plugins.load(next, demo);
  config.current = next;
  log.level = next.logLevel;
  await sessions.sync(plugins.loaded);
  sessions.reconfigure();
  notices.carriedBy(plugins.notifiers);
  notices.forgetAllBut(sessions.ids);
  notices.pluginsLoaded(plugins.infos);
  frontends.sync(plugins.frontends);
  log.info({ config: next.file, sessions: sessions.ids }, 'another configuration is in force');
  events.emit('reloaded', next.file);
}

const SETTLE_MS = 200;

/** Follows changes of the configuration file, and of what lies beside it under its name. */
export async function watchConfig(file: string, changed: () => Promise<void>, log: KernelLog): Promise<Cleanup> {
  const { watch } = await import('chokidar');
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(file, { ignoreInitial: true }).on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      changed().catch((error: unknown) => log.error({ err: error, file }, 'the changed configuration is refused; the last good one stays in force'));
    }, SETTLE_MS);
  });
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
