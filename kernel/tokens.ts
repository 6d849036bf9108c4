import type { InjectionToken } from 'tsyringe';
import type { Home } from '../sdk/system/home.ts';
import type { ResolvedConfig } from './config/config.ts';
import type { Settings as SettingsType } from './state/settings.ts';
import type { KernelLog } from '../runtime/log/log.ts';
import type { Scheduler as SchedulerType } from './scheduler/scheduler.ts';
import type { StateStore as StateStoreType } from './state/states.ts';

// One catalogue of everything that can be injected without being a class of its own.

/** How this kernel was started. */
export type KernelOptions = {
  readonly home: Home;
  readonly version: string;
  readonly startedAt: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A one-shot kernel looks and answers, but attempts nothing by itself. */
  readonly armed: boolean;
};
export const KernelOptions = Symbol('KernelOptions') as InjectionToken<KernelOptions>;
/** Holds the configuration in force; a reload replaces it. */
export type ConfigHolder = { current: ResolvedConfig };
export const ConfigHolder = Symbol('ConfigHolder') as InjectionToken<ConfigHolder>;
export const Log = Symbol('Log') as InjectionToken<KernelLog>;
export const Scheduler = Symbol('Scheduler') as InjectionToken<SchedulerType>;
export const StateStore = Symbol('StateStore') as InjectionToken<StateStoreType>;
export const Settings = Symbol('Settings') as InjectionToken<SettingsType>;
