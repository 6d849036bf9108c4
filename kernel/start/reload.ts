import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { watchFile } from '../../runtime/files/watch-file.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { findConfig, loadAgain } from '../../config/find.ts';
import type { ResolvedConfig } from '../../config/resolve.ts';
import { configRefused } from '../../lifecycle/notice-rules.ts';
import type { Assembly } from './assembly.ts';
import { refusalOf } from './refusal.ts';

/** Applies the changed configuration. Throws if it is refused. Sessions that it does not affect continue. */
export async function reload(assembly: Assembly, follow: () => Promise<void>): Promise<void> {
  const { config, sessions, notices, events, log } = assembly;
  const before = sessions.ids;
  const next = await loadNext(assembly);
  config.refusal = undefined;
  notices.clear('config-refused');
  await followPlugins(assembly, next, follow);
  const kept = new Set(sessions.ids);
  const dropped = before.filter(id => !kept.has(id));
  notices.sessionsDropped(dropped);
  events.emit('reloaded', next.file);
  log.info({ config: next.file, sessions: kept.size, dropped }, 'the configuration was reloaded');
}

/** Makes plugins and sessions match a configuration and the added sessions. Throws if its plugins are refused. */
export async function apply(assembly: Assembly, next: ResolvedConfig, follow: () => Promise<void>): Promise<void> {
  const { start, settings, plugins, events } = assembly;
  await plugins.load(next, start.demo, settings.added);
  await followPlugins(assembly, next, follow);
  events.emit('reloaded', next.file);
}

/** Makes the sessions match the plugins of a configuration. */
async function followPlugins(
  { config, plugins, sessions, fleet, log }: Assembly,
  next: ResolvedConfig,
  follow: () => Promise<void>,
): Promise<void> {
  config.current = next;
  log.level = next.logLevel;
  await fleet.configure(next.fleet);
  await follow();
  sessions.reconfigure();
  // It waits for the attempts that hold a right of the former fleet.
  void fleet.follow();
  await plugins.readied();
  await follow();
}

/** Loads the configuration file and its plugins. If one is refused, a notice says so until that is mended. */
async function loadNext({
  start,
  config,
  settings,
  plugins,
  fleetTools,
  notices,
  scrubber,
}: Assembly): Promise<ResolvedConfig> {
  const { file, vetting } = config.current;
  try {
    const next =
      file === null
        ? await findConfig(start.home, start.configFile, start.cwd)
        : await loadAgain(start.home, file, vetting);
    await fleetTools.check(next.fleet);
    await plugins.load(next, start.demo, settings.added);
    return next;
  } catch (error) {
    config.refusal = scrubber.clean(refusalOf(error, file));
    notices.put(configRefused(config.refusal));
    throw error;
  }
}

/** An editor may write a file in several steps. */
const SETTLE_MS = 200;

/** Calls `changed` after the configuration file was changed. */
export function watchConfig(file: string, changed: () => Promise<void>, log: KernelLog): Cleanup {
  let timer: NodeJS.Timeout | undefined;
  const stop = watchFile(file, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      changed().catch((error: unknown) => {
        const { problem } = refusalOf(error, file);
        log.error(
          { err: error, file, problem },
          'the changed configuration is refused; the last good one stays in use',
        );
      });
    }, SETTLE_MS);
  });
  return async () => {
    clearTimeout(timer);
    await stop();
  };
}
