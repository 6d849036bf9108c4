import { container, Lifecycle, type DependencyContainer } from 'tsyringe';
import { describeError } from '../../sdk/plugin/describe.ts';
import type { LogLevel } from '../../sdk/contract/config.ts';
import type { Home } from '../../sdk/system/home.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import { WITHOUT_FILE, type ResolvedConfig } from '../../config/resolve.ts';
import { findConfig } from '../../config/find.ts';
import { Fleet } from '../fleet/fleet.ts';
import { FleetGuard } from '../lease/guard.ts';
import { RemoteCalls } from '../fleet/remote-calls.ts';
import { ThisMachine } from '../fleet/this-machine.ts';
import { FleetTools } from '../fleet/tools.ts';
import { Doctor } from '../diagnostics/doctor.ts';
import { NotifierCalls, NotifierRules } from '../notices/dependencies.ts';
import { Notices } from '../notices/notices.ts';
import { Notifiers } from '../notices/notifiers.ts';
import { ContextFactory } from '../plugins/context-factory.ts';
import { Plugins, type Demo } from '../plugins/plugins.ts';
import { Tools } from '../tools/tools.ts';
import type { RpcParts } from '../rpc/methods.ts';
import { createScheduler, Scheduler } from '../scheduler/scheduler.ts';
import { SessionPolicies, SessionRecords, SessionTools } from '../session/dependencies.ts';
import { Sessions } from '../session/sessions.ts';
import { SignIns } from '../sign-in/sign-ins.ts';
import { WarmUpNotices } from '../warm-ups/warm-up-notices.ts';
import { WarmUps } from '../warm-ups/warm-ups.ts';
import { openDays } from '../../state/days.ts';
import { History } from '../../state/history.ts';
import { openOutboxes, Outboxes } from '../../state/outboxes.ts';
import { openSettings, Settings } from '../../state/settings.ts';
import { openStateFile, StateStore } from '../../state/states.ts';
import { Events, ConfigHolder, KernelOptions, Log } from '../wiring/tokens.ts';
import type { Undo } from './undo.ts';

export type KernelStart = {
  readonly home: Home;
  readonly configFile?: string | undefined;
  /** A trusted configuration in this folder is used too. A daemon in the background has none. */
  readonly cwd?: string | undefined;
  readonly demo?: Demo;
  /** If the configuration is refused, starts without plugins and reports why. Otherwise it does not start. */
  readonly tolerant?: boolean | undefined;
  /** A service manager starts it. */
  readonly byService?: boolean | undefined;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** The parts of a kernel. Nothing runs yet. */
export type Assembly = RpcParts & {
  readonly start: KernelStart;
  readonly log: KernelLog;
  readonly events: Events;
  readonly states: StateStore;
  readonly settings: Settings;
  readonly scheduler: Scheduler;
  readonly fleetTools: FleetTools;
};

type Mode = {
  /** An armed kernel makes attempts by itself, once its sessions are synced. */
  readonly armed: boolean;
  readonly openLog: (level: LogLevel, scrub: (text: string) => string) => KernelLog;
};

/** Finds the configuration, opens the log and the state files, and loads the plugins. */
export async function assemble(start: KernelStart, { armed, openLog }: Mode, undo: Undo): Promise<Assembly> {
  const { home, version, env, configFile, cwd, demo } = start;
  const options = { home, version, startedAt: Date.now(), env, armed, byService: start.byService };
  const scrubber = new Scrubber();
  const found = await orRefused(start, { ...WITHOUT_FILE, plugins: [] }, () => findConfig(home, configFile, cwd));
  const log = openLog(found.logLevel, scrubber.scrub);
  const parts = container.createChildContainer();
  const scheduler = createScheduler();
  undo.push('scheduler', () => scheduler.stop());
  parts.register(KernelOptions, { useValue: options });
  parts.register(Log, { useValue: log });
  parts.register(Scrubber, { useValue: scrubber });
  parts.register(Scheduler, { useValue: scheduler });
  const states = await openStateFile(home, log);
  undo.push('states', () => states.close());
  parts.register(StateStore, { useValue: states });
  const settings = await openSettings(home.settings, log);
  parts.register(Settings, { useValue: settings });
  const outboxes = await openOutboxes(home.notices, log);
  undo.push('outboxes', () => outboxes.flush());
  parts.register(Outboxes, { useValue: outboxes });
  const history = new History(home.history, log);
  undo.push('history', () => history.close());
  parts.register(History, { useValue: history });
  const { startedAt } = options;
  const days = await openDays({ file: home.days, log, history, remembered: states.sessions, startedAt, armed });
  undo.push('days', () => days.close());
  history.beforeDrop(() => days.flush());
  registerClasses(parts);
  const plugins = parts.resolve(Plugins);
  undo.push('plugins', () => plugins.stop());
  const current = await orRefused(start, found, async () => {
    await parts.resolve(FleetTools).check(found.fleet);
    await plugins.load(found, demo, settings.added);
    return found;
  });
  const config: ConfigHolder = { current };
  parts.register(ConfigHolder, { useValue: config });
  const records = { history, days, states, settings };
  return { options, config, plugins, ...records, ...partsOf(parts), scrubber, start, log, scheduler };
}

type Resolved = Omit<
  Assembly,
  | 'options'
  | 'config'
  | 'plugins'
  | 'history'
  | 'days'
  | 'states'
  | 'settings'
  | 'scrubber'
  | 'start'
  | 'log'
  | 'scheduler'
>;

const partsOf = (parts: DependencyContainer): Resolved => ({
  events: parts.resolve(Events),
  contexts: parts.resolve(ContextFactory),
  sessions: parts.resolve(Sessions),
  signIns: parts.resolve(SignIns),
  tools: parts.resolve(Tools),
  warmUps: parts.resolve(WarmUps),
  warmUpNotices: parts.resolve(WarmUpNotices),
  notifiers: parts.resolve(Notifiers),
  notices: parts.resolve(Notices),
  doctor: parts.resolve(Doctor),
  fleet: parts.resolve(Fleet),
  fleetTools: parts.resolve(FleetTools),
  remoteCalls: parts.resolve(RemoteCalls),
});

/** Each kernel has its own instances. Nothing is in the global container. */
function registerClasses(parts: DependencyContainer): void {
  for (const part of [
    Events,
    ContextFactory,
    Plugins,
    Tools,
    SessionPolicies,
    SessionTools,
    SessionRecords,
    FleetGuard,
    FleetTools,
    ThisMachine,
    Fleet,
    RemoteCalls,
    Sessions,
    WarmUps,
    WarmUpNotices,
    SignIns,
    NotifierCalls,
    NotifierRules,
    Notifiers,
    Notices,
    Doctor,
  ]) {
    parts.register<unknown>(part, { useClass: part as new () => unknown }, { lifecycle: Lifecycle.ContainerScoped });
  }
}

/** Returns what `find` finds. If that is refused, a tolerant kernel continues with `fallback` and the reason. */
async function orRefused(
  { tolerant }: KernelStart,
  fallback: ResolvedConfig,
  find: () => Promise<ResolvedConfig>,
): Promise<ResolvedConfig> {
  try {
    return await find();
  } catch (error) {
    if (!tolerant) throw error;
    return { ...fallback, refused: describeError(error) };
  }
}
