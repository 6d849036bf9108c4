import { describeError } from '../../sdk/plugin/describe.ts';
import { WITHOUT_FILE, type ResolvedConfig } from '../config/config.ts';
import { findConfig } from '../config/find.ts';
import { Doctor } from '../diagnostics/doctor.ts';
import { openSettings } from '../state/settings.ts';
import { compose } from './container.ts';
import { Events } from '../events.ts';
import { History } from '../state/history.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Notices } from '../notices/notices.ts';
import { Plugins, type Demo } from '../plugins/plugins.ts';
import type { RpcParts } from '../rpc/methods.ts';
import { createScheduler } from '../scheduler/scheduler.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import { Sessions } from '../session/sessions.ts';
import { openStateFile } from '../state/states.ts';
import type { ConfigHolder } from '../tokens.ts';
import type { Undo } from './undo.ts';
import type { LogLevel } from '../../sdk/contract/config.ts';
import type { Home } from '../../sdk/system/home.ts';

export type KernelStart = {
  readonly home: Home;
  readonly configFile?: string | undefined;
  /** A trusted configuration there is used too. A daemon in the background has none. */
  readonly cwd?: string | undefined;
  readonly demo?: Demo;
  /** Comes up without plugins where the configuration is refused, and says so, instead of not at all. */
  readonly tolerant?: boolean | undefined;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** The parts of a kernel, made and wired; nothing runs yet. */
export type Assembly = {
  readonly start: KernelStart;
  readonly startedAt: number;
  readonly config: ConfigHolder;
  readonly log: KernelLog;
  readonly scrubber: Scrubber;
  readonly events: Events;
  readonly plugins: Plugins;
  readonly sessions: Sessions;
  readonly notices: Notices;
  /** What the methods of the API work on. */
  readonly rpc: RpcParts;
};

type LogOpener = (level: LogLevel, scrub: (text: string) => string) => KernelLog;

/** Finds the configuration, reads what was remembered, loads the plugins. An `armed` kernel attempts by itself once its sessions are synced. */
export async function assemble(start: KernelStart, armed: boolean, openLog: LogOpener, undo: Undo): Promise<Assembly> {
  const { home, version, env } = start;
  const startedAt = Date.now();
  const scrubber = new Scrubber();
  const tolerate =
    (known: ResolvedConfig) =>
    (error: unknown): ResolvedConfig => {
      if (!start.tolerant) throw error;
      return { ...known, refused: describeError(error) };
    };
  const config = {
    current: await findConfig(home, start.configFile, start.cwd).catch(tolerate({ ...WITHOUT_FILE, plugins: [] })),
  };
  const log = openLog(config.current.logLevel, scrubber.scrub);
  const scheduler = createScheduler();
  undo.push('scheduler', () => scheduler.stop());
  const options = { home, version, startedAt, env, armed };
  const parts = compose({
    options,
    config,
    log,
    scrubber,
    scheduler,
    store: await openStateFile(home.states, log),
    settings: await openSettings(home.settings, log),
  });
  const history = parts.resolve(History);
  undo.push('history', () => history.flush());
  const plugins = parts.resolve(Plugins);
  undo.push('plugins', () => plugins.stop());
  config.current = await plugins.load(config.current, start.demo).then(() => config.current, tolerate(config.current));
  const events = parts.resolve(Events);
  const sessions = parts.resolve(Sessions);
  const notices = parts.resolve(Notices);
  const doctor = parts.resolve(Doctor);
  const rpc = { options, config, sessions, plugins, history, notices, doctor, scrubber };
  return { start, startedAt, config, log, scrubber, plugins, events, sessions, notices, rpc };
}

/** Brings sessions and notices in line with the plugins that are loaded. */
export async function sync({ plugins, sessions, notices }: Assembly): Promise<void> {
  notices.carriedBy(plugins.notifiers, plugins.since);
  await sessions.sync(plugins.loaded);
  // The sessions of a plugin that is still loading are not known yet; their notices stay.
  notices.sessionsKept(
    sessions.all().map(({ session }) => session),
    plugins.isLoading,
  );
  notices.pluginsLoaded(plugins.infos);
}
