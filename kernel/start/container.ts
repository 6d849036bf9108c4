import 'reflect-metadata';
import { container, Lifecycle, type DependencyContainer } from 'tsyringe';
import type { Settings as SettingsType } from '../state/settings.ts';
import { Doctor } from '../diagnostics/doctor.ts';
import { Events } from '../events.ts';
import { History } from '../state/history.ts';
import type { KernelLog } from '../../runtime/log/log.ts';
import { Notices } from '../notices/notices.ts';
import { Contexts } from '../plugins/contexts.ts';
import { Plugins } from '../plugins/plugins.ts';
import { Methods } from '../rpc/methods.ts';
import type { Scheduler as SchedulerType } from '../scheduler/scheduler.ts';
import { Scrubber } from '../../runtime/log/redact.ts';
import { SessionPolicies, SessionTools } from '../session/dependencies.ts';
import { Sessions } from '../session/sessions.ts';
import type { StateStore as StateStoreType } from '../state/states.ts';
import {
  ConfigHolder,
  KernelOptions,
  Log,
  Scheduler,
  Settings,
  StateStore,
  type ConfigHolder as Config,
  type KernelOptions as Options,
} from '../tokens.ts';

export type Parts = {
  readonly options: Options;
  readonly config: Config;
  readonly log: KernelLog;
  readonly scrubber: Scrubber;
  readonly scheduler: SchedulerType;
  readonly store: StateStoreType;
  readonly settings: SettingsType;
};

/** The composition root: one child container per kernel, nothing in the global one. */
export function compose({ options, config, log, scrubber, scheduler, store, settings }: Parts): DependencyContainer {
  const child = container.createChildContainer();
  child.register(KernelOptions, { useValue: options });
  child.register(ConfigHolder, { useValue: config });
  child.register(Log, { useValue: log });
  child.register(Scheduler, { useValue: scheduler });
  child.register(StateStore, { useValue: store });
  child.register(Settings, { useValue: settings });
  child.register(Scrubber, { useValue: scrubber });
  for (const part of [
    Events,
    Contexts,
    Plugins,
    SessionPolicies,
    SessionTools,
    Sessions,
    History,
    Notices,
    Doctor,
    Methods,
  ]) {
    child.register<unknown>(part, { useClass: part as new () => unknown }, { lifecycle: Lifecycle.ContainerScoped });
  }
  return child;
}
