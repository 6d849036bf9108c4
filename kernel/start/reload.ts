import type { Cleanup } from '../../sdk/base/cleanup.ts';
import { watchFile } from '../../runtime/files/watch-file.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { findConfig, loadAgain } from '../../config/find.ts';
import type { Assembly } from './assembly.ts';

/** Applies the changed configuration. Throws if it is refused. Sessions that it does not affect continue. */
export async function reload(assembly: Assembly, follow: () => Promise<void>): Promise<void> {
  const { start, config, plugins, sessions, events, log } = assembly;
  const { file, vetting } = config.current;
  const next =
    file === null
      ? await findConfig(start.home, start.configFile, start.cwd)
      : await loadAgain(start.home, file, vetting);
  await plugins.load(next, start.demo);
  config.current = next;
  log.level = next.logLevel;
  await follow();
  sessions.reconfigure();
  await plugins.readied();
  await follow();
  log.info({ config: next.file, sessions: sessions.ids }, 'the configuration was reloaded');
  events.emit('reloaded', next.file);
}

/** An editor may write a file in several steps. */
const SETTLE_MS = 200;

/** Calls `changed` after the configuration file was changed. */
export function watchConfig(file: string, changed: () => Promise<void>, log: KernelLog): Cleanup {
  let timer: NodeJS.Timeout | undefined;
  const stop = watchFile(file, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      changed().catch((error: unknown) =>
        log.error({ err: error, file }, 'the changed configuration is refused; the last good one stays in use'),
      );
    }, SETTLE_MS);
  });
  return async () => {
    clearTimeout(timer);
    await stop();
  };
}
